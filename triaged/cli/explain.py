"""`triaged explain`: what the daemon would do with a message, and why. Touches nothing, needs no config."""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

import click

from triaged.adapters.letters.render import JinjaRenderer
from triaged.adapters.reader.reader import ChildReader
from triaged.cli.lines import attachment_line, author, fact_lines, hint_lines, known_lines
from triaged.cli.mail_sources import messages
from triaged.cli.shapes import explanation_shape
from triaged.cli.tables import Progress, fitted, marked
from triaged.cli.verdicts import KEY, decided, in_force, standing
from triaged.composition import renderer, utc_now
from triaged.core.case.folding import fold
from triaged.core.clocks.deadlines import deadlines
from triaged.core.intake.decision import Decision
from triaged.core.intake.duplicates import known_issues
from triaged.core.letters.drafts import replying
from triaged.core.mail.message import Message
from triaged.core.policy.policy import Policy
from triaged.core.report.report import Evidence, Reason, Verdict
from triaged.core.text import defanged, visible

_END_COLOURS = {"opened": "green", "joined": "green", "command": "blue", "set-aside": "yellow", "failed": "red"}
_FOR, _AGAINST = 3, 3
"""So many rules are shown with their words; the others by their ids."""
_KNOWN, _HINTS, _FACTS = 4, 4, 4
"""And so many lines of what stands beside the verdict; an explanation is one screen."""
_INDENT = 12
_WIDE, _NARROW = 120, 24

_GIST = {
    "complete": "nothing is missing",
    "several": "it asks whether these are several issues",
    "out-of-scope": "it says that this may lie outside the policy",
    "encrypted": "it says that a person will decrypt it",
    "unreadable": "it says that the mail could not be read",
    "letter": "it is no report, so the mail asks for nothing and judges nothing",
    "coordinator": "it gives our reference and asks for nothing",
    "key-request": "it says where our key is, or that a person sends it",
    "beg-bounty": "it says that nothing is said of rewards before the flaw is known",
    "abuse": "it says what a victim should do now",
    "privacy": "it names the day by which the law wants an answer",
    "support": "it says that it is passed on to customer support",
    "wrong-answer": "it says that wrong answers are a matter of quality",
    "unverified": "it says the least, for nobody vouches for the sender",
    "flood": "it is two sentences long",
}
"""What an acknowledgment says, for who has not read the templates; what `needs-info` asks for is said by name."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What an explanation is made from."""

    path: str
    message: Message
    decision: Decision
    policy: Policy


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line, one for each message.")
@click.option(
    "--mail/--no-mail",
    "with_mail",
    default=None,
    help="Also print the mail that would be sent; default: for a single message only.",
)
@click.argument("paths", nargs=-1, required=True)
@click.pass_obj
def explain(config: Path | None, paths: tuple[str, ...], *, as_json: bool, with_mail: bool | None) -> None:
    """Say what the daemon would do with a message, and why.

    PATHS are mails (.eml), mboxes, Maildirs, folders of these, state directories, or - for standard input.
    """
    loaded, _ = in_force(config)
    ours, write = standing(loaded), renderer(loaded, KEY)
    if with_mail is None:
        with_mail = len(paths) == 1 and not Path(paths[0]).is_dir()
    progress = Progress("explained", between=True)
    with closing(ChildReader(policy=loaded.policy)) as reader:
        for done, (path, raw) in enumerate(chain.from_iterable(map(messages, paths)), 1):
            reading = reader.read(raw)
            message, decision = reading.message, decided(reading.message, ours, reading.report)
            if as_json:
                click.echo(json.dumps(explanation_shape(path, message, decision), ensure_ascii=True))
            else:
                told = _Told(path, message, decision, loaded.policy)
                click.echo("\n".join(line for block in _BLOCKS for line in block(told)))
                click.echo(_mail(decision, write, loaded.policy) if with_mail else "")
            progress.show(done)
    progress.end()


def _title(told: _Told) -> Iterator[str]:
    yield click.style(visible(told.path), bold=True) + f"  {defanged(told.message.subject, 90) or '(no subject)'}"


def _who(told: _Told) -> Iterator[str]:
    sender = told.decision.sender
    who = author(sender) if sender.address else "nobody to answer"
    yield f"  sender    {who}, {sender.verdict}: {visible(sender.reason)}"


def _end(told: _Told) -> Iterator[str]:
    decision = told.decision
    yield f"  end       {marked(decision.end, _END_COLOURS[decision.end])}: {defanged(decision.reason)}"
    if decision.silence:
        yield f"  automatic {decision.silence.sign} ({decision.silence.rfc}): {defanged(decision.silence.reason)}"


def _scope(told: _Told) -> Iterator[str]:
    """The verdict, then the rules for it and those against it, each once, with all parts in which it spoke."""
    if not _was_read(told):
        return
    report, verdict = told.decision.report, told.decision.report.verdict
    colour = "red" if verdict.scope == "out-of-scope" else "green" if verdict.band == "high" else "yellow"
    kind = "" if report.kind == "report" else f": it reads as {report.kind}, not as a report"
    yield f"  scope     {marked(verdict.scope, colour)} ({verdict.band}){kind or _why_unclear(told.message, verdict)}"
    for label, line in zip_longest(("sum",), verdict.says.splitlines(), fillvalue=""):
        if line:
            yield f"    {label:<8}{line}"
    shown: set[str] = set()
    pro = [reason for reason in verdict.reasons if reason.scope == verdict.scope]
    contra = [reason for reason in verdict.reasons if reason.scope != verdict.scope]
    yield from _rules("for", pro, _FOR, shown)
    yield from _rules("against" if pro else "heard", contra, _AGAINST, shown)


def _was_read(told: _Told) -> bool:
    """True if what it says has decided on it: a case, or no report by its words; else a machine's marks have."""
    return bool(told.decision.case_id) or not told.decision.silence


def _why_unclear(message: Message, verdict: Verdict) -> str:
    if verdict.scope != "unclear":
        return ""
    if message.encrypted:
        return ": it is encrypted, and was not looked into"
    rules = list(dict.fromkeys(reason.rule for reason in verdict.reasons))
    if not rules:
        return ": no rule of the policy speaks"
    return f": {' and '.join(rules[:2])} {'are' if rules[1:] else 'is'} too weak, or too close to another scope's, to decide"


def _rules(side: str, reasons: Iterable[Reason], most: int, shown: set[str]) -> Iterator[str]:
    """The rules of one side, strongest first; words that an earlier line has shown are not shown again."""
    by_rule: dict[str, list[Reason]] = {}
    for reason in reasons:
        by_rule.setdefault(reason.rule, []).append(reason)
    label = side
    for rule, spoken in list(by_rule.items())[:most]:
        parts = ", ".join(dict.fromkeys(reason.part for reason in spoken))
        scope = "" if side == "for" else f"{spoken[0].scope}: "
        head = f"{rule} [{scope}{parts}]"
        words = next((reason.quote for reason in spoken if reason.quote not in shown), "")
        shown.add(words)
        yield f"    {label:<8}{head}: {_fitted(words, len(head)) or 'the same words'}"
        label = ""
    if rest := list(by_rule)[most:]:
        yield f"{'':<{_INDENT}}and {', '.join(rest)}"


def _sections(told: _Told) -> Iterator[str]:
    if not told.decision.case_id:
        return
    label = "sections"
    for evidence in told.decision.report.sections:
        yield f"  {label:<10}{_section(told, evidence)}"
        label = ""


def _section(told: _Told, evidence: Evidence) -> str:
    name = f"{evidence.section:<12}"
    if evidence.present:
        mark = marked("~", "yellow") if evidence.weak else marked("+", "green")
        how = _heard(told, evidence) if evidence.weak else ""
        return f"{mark} {name}{how}{_fitted(evidence.quote, len(name) + len(how))}"
    if told.message.encrypted:
        return f"? {name}not looked into"
    if evidence.section in told.decision.report.missing:
        return f"{marked('-', 'red')} {name}{marked('missing', 'yellow')}"
    if any(section.required for section in told.policy.sections if section.name == evidence.section):
        return f"{marked('-', 'yellow')} {name}not found, and not asked for: {_why_not_asked(told)}"
    return f"{marked('-', 'yellow')} {name}not found, and not required"


def _heard(told: _Told, evidence: Evidence) -> str:
    """How a section is hinted at: by words of the policy, or by the second reader's sum, with its threshold."""
    if not evidence.phrases:
        return "hinted at: "
    least = told.policy.reading.least.get(evidence.section, 0.0)
    return f"second reader {evidence.sum:+.2f}, enough from {least:+.2f}, by {', '.join(evidence.phrases)}: "


def _why_not_asked(told: _Told) -> str:
    report = told.decision.report
    if report.kind != "report":
        return f"it reads as {report.kind}"
    if not report.surely:
        return "it does not surely report something"
    return "a longer text, another language or an attached document may hold it"


def _beside(told: _Told) -> Iterator[str]:
    """What decides nothing, but helps a person to judge: known issues, hints, facts."""
    if not told.decision.case_id:
        return
    report, issues = told.decision.report, told.policy.known_issues
    if report.wanted:
        lacking = ", ".join(shown.name for shown in report.details if not shown.quote)
        found = ", ".join(shown.name for shown in report.details if shown.quote) or "none"
        yield f"  {'details':<10}{found}{lacking and f'; not found: {lacking}'}"
    yield from _capped("known", list(known_lines(known_issues(report, issues), issues)), _KNOWN)
    yield from _capped("hints", list(hint_lines(report.hints)), _HINTS)
    yield from _capped("facts", list(fact_lines(report)), _FACTS)


def _capped(label: str, lines: list[str], most: int) -> Iterator[str]:
    for line in lines[:most]:
        yield f"  {label:<10}{line}"
        label = ""
    if len(lines) > most:
        yield f"{'':<{_INDENT}}and {len(lines) - most} more, by --json"


def _attached(told: _Told) -> Iterator[str]:
    yield from (f"  attached  {attachment_line(part)}" for part in told.message.attachments)
    yield from (f"  defect    {defanged(defect)}" for defect in told.message.defects)


def _reply(told: _Told) -> Iterator[str]:
    decision = told.decision
    if decision.reply:
        missing = ", ".join(section.name for section in decision.reply.missing)
        helpful = ", ".join(detail.name for detail in decision.reply.helpful)
        asked = [f"it asks for {missing}"] * bool(missing) + [f"{helpful} would help"] * bool(helpful)
        gist = "; ".join(asked) or _GIST.get(decision.reply.variant, "")
        yield (
            f"  reply     {marked('send', 'green')} the {decision.reply.variant!r} acknowledgment to "
            f"{visible(decision.reply.to)}{gist and f': {gist}'}"
        )
    elif decision.withheld:
        yield f"  reply     {marked('withhold', 'yellow')}: {defanged(decision.withheld.reason)}"
    else:
        yield "  reply     none"


def _due(told: _Told) -> Iterator[str]:
    if not told.decision.case_id:
        return
    now = utc_now()
    for deadline in deadlines(fold(told.decision.case_id, told.decision.events), told.policy, now):
        local = deadline.due.astimezone(told.policy.calendar.timezone)
        yield f"  due       {deadline.name} by {local:%a %Y-%m-%d %H:%M %Z} ({deadline.rule})"


_BLOCKS: tuple[Callable[[_Told], Iterator[str]], ...] = (
    _title,
    _who,
    _end,
    _scope,
    _sections,
    _beside,
    _attached,
    _reply,
    _due,
)
"""An explanation from top to bottom, as a person asks: who, what end, why, what it holds, what is answered, till when."""


def _fitted(text: str, used: int) -> str:
    """One line of a stranger's words that ends at the terminal's edge; in a pipe as long as a quote is."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDE
    return fitted(defanged(text), max(columns - _INDENT - used - 4, _NARROW))


def _mail(decision: Decision, write: JinjaRenderer, policy: Policy) -> str:
    if not decision.reply:
        return ""
    now = utc_now()
    raw = write.finished(replying(decision.reply, policy, now), now).raw.replace("\r\n", "\n")
    return "\n" + "\n".join(f"    | {line}" for line in raw.splitlines()) + "\n"
