"""Reports that nobody has triaged, new ones first; reporters who wrote again, and reporters who are silent."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from triaged.core.case.case import Case
from triaged.core.clocks.deadlines import outstanding
from triaged.core.commands.command import NO_REASON, Close, Triage
from triaged.core.commands.writing import typed
from triaged.core.intake.duplicates import Duplicates
from triaged.core.letters.reminding import last_reminder
from triaged.core.mail.domains import unicode_form
from triaged.core.policy.policy import Policy
from triaged.core.report.report import Report
from triaged.core.team.digest.known import Known
from triaged.core.team.digest.pieces import Pieces
from triaged.core.team.digest.worklist import FEW, Inputs, Item, Section, item, length, section
from triaged.core.text import defanged, in_quotes, visible

_UNTRIAGED = "triaged cases --state new"
_URGENT = frozenset({"exploited", "extortion"})


def new_cases(inputs: Inputs, cases: Sequence[Case]) -> list[Case]:
    """The cases that arrived since the last digest and are not triaged."""
    return [case for case in cases if case.opening.at > inputs.since and case.state == "new"]


def untriaged_cases(inputs: Inputs, cases: Sequence[Case]) -> list[Case]:
    """The cases that an earlier digest called new and that are still not triaged, oldest first."""
    waiting = (case for case in cases if case.opening.at <= inputs.since and case.state == "new")
    return sorted(waiting, key=lambda case: (case.received_at, case.id))


def new_sections(
    inputs: Inputs, cases: Sequence[Case], policy: Policy, now: datetime, pieces: Pieces
) -> Iterator[Section]:
    """New reports, then older ones that wait for triage, answers that nobody has taken up, and silence."""
    new = pieces.one_each(new_cases(inputs, cases))
    # Compared with every case, whosever it is, but only for those shown.
    duplicates = Duplicates(inputs.cases if new else (), new[:FEW])
    known = Known(duplicates, {case.id: case for case in inputs.cases}, pieces)
    items = pieces.once(_new_item(case, policy, known) for case in new)
    yield section("New", items, _UNTRIAGED, named=True)
    old = pieces.once(_untriaged_item(case, policy, now) for case in untriaged_cases(inputs, cases))
    yield section("Not yet triaged", old, _UNTRIAGED, named=True, order="oldest first")
    open_cases = [case for case in cases if case.closed_at is None]
    yield section("The reporter has answered", list(_answers(open_cases, now)), "triaged cases")
    untold = [_untold_item(case, now) for case in cases if case.untold and not case.erased_at]
    yield section("Closed, and the reporter has not been told", untold, "triaged cases --state closed", named=True)
    waiting = [_waiting_item(case, now) for case in open_cases if case.waiting]
    yield section("Waiting for the reporter", waiting, "triaged cases --waiting")


def _address(address: str) -> str:
    """An address to show the team; an IDN domain in both forms, because its letters may imitate another domain."""
    domain = unicode_form(address)
    return defanged(address, 48) + (f" ({defanged(domain, 48)})" if domain else "")


def _new_item(case: Case, policy: Policy, known: Known) -> Item:
    sender = f"from {_address(case.reporter.address) or 'an unknown sender'}, {case.reporter.verdict}"
    command = f"triaged show {case.id}"
    if case.report is None:
        return item(case, "could not be read", command, sender)
    if case.opening.passed_on_by:
        sender += f", passed on by {_address(case.opening.passed_on_by)}"
    about = [sender, _sections(case, case.report), *_attached(case), *_hints(case.report)]
    notes = ["; ".join(about), *_urgent(case.report), *known.lines(case, case.report, policy), *_unscanned(case)]
    if who := policy.kinds.told(case.report.kind):
        notes.append(f"this is for {visible(who, 60)}: pass it on")
    if case.opening.related:
        notes.append(f"it refers to {case.opening.related}, but may not join that case")
    if case.opening.same_reporter:
        notes.append(f"the same reporter has {', '.join(case.opening.same_reporter[:3])} open")
    return item(
        case, f"{_sorted(case)} (confidence {case.report.verdict.band}){_because(case.report)}", command, *notes
    )


def _untriaged_item(case: Case, policy: Policy, now: datetime) -> Item:
    what = f"came {length(now - case.received_at)} ago"
    triage = next((each for each in outstanding(case, policy, now) if each.name == "triage"), None)
    if triage and triage.due > now:
        what += f", to be triaged within {length(triage.due - now)}"
    elif triage:
        what += f", triage is {length(now - triage.due)} overdue"
    return item(case, what, typed(case.id, Triage()))


def _sorted(case: Case) -> str:
    return case.sorted_as if case.sorted_as.startswith("not-a-report") else f"scope {case.sorted_as}"


def _because(report: Report) -> str:
    """The strongest reason; words of the subject are not repeated, since it is shown above."""
    if not report.verdict.reasons:
        return ""
    first = report.verdict.reasons[0]
    quote = "" if first.part == "title" else f": {in_quotes(first.quote, 40)}"
    return f", because {first.rule} in the {first.part}{quote}"


def _sections(case: Case, report: Report) -> str:
    if case.opening.encrypted:
        return "encrypted: a person has to open it"
    return f"missing {', '.join(report.missing)}" if report.missing else "nothing missing"


def _attached(case: Case) -> Iterator[str]:
    parts = [part for mail in case.mails for part in mail.attachments]
    if parts:
        flagged = sum(bool(part.warnings) for part in parts)
        yield f"{len(parts)} attached" + (f", {flagged} flagged" if flagged else "")


def _hints(report: Report) -> Iterator[str]:
    marks = {"for": "+", "against": "-", "note": "!"}
    told = [f"{marks[hint.side]} {hint.id}" for hint in report.hints if hint.id not in _URGENT]
    if told:
        yield f"hints: {', '.join(told)}"


def _urgent(report: Report) -> Iterator[str]:
    """The most urgent hint, in a sentence."""
    for hint in report.hints:
        if hint.id in _URGENT:
            yield f"! {hint.says.removesuffix('.')}: {in_quotes(hint.quote, 70)}"


def _unscanned(case: Case) -> Iterator[str]:
    for scan in case.scans:
        if scan.verdict == "unscanned":
            yield f"attachments not scanned: {defanged(scan.reason, 70)}"


def _answers(cases: Sequence[Case], now: datetime) -> Iterator[Item]:
    """Further mail that no person has answered, triaged or waited on since, the oldest first."""
    written = [(case, [mail.at for mail in case.mails[1:] if mail.chases or not mail.idle]) for case in cases]
    for case, told in sorted(((case, told) for case, told in written if told), key=lambda both: both[1][-1]):
        last, dealt = told[-1], [*case.answered_at, *(pause.since for pause in case.pauses)]
        if last > max([case.triaged_at or case.opening.at, *dealt]):
            chases = next(mail.chases for mail in reversed(case.mails) if mail.at == last)
            what = "asks for news, " if chases else "wrote again "
            yield item(case, f"{what}{length(now - last)} ago", f"triaged show {case.id}")


def _untold_item(case: Case, now: datetime) -> Item:
    """A line that asks for a letter, or for the word that none is due."""
    since = length(now - (case.closed_at or now))
    template = "duplicate" if case.duplicate_of else "closing"
    silent = typed(case.id, Close(case.closing, silent=NO_REASON))
    what = f"closed {since} ago: {visible(case.closing, 60)}"
    return item(case, what, f"triaged reply {case.id} --template {template}", f"if nobody is to be told: {silent}")


def _waiting_item(case: Case, now: datetime) -> Item:
    """Who was reminded and has been silent for as long again is offered the closing letter."""
    since, reminded = case.pauses[-1].since, last_reminder(case)
    silent = f"silent for {length(now - since)}"
    if reminded is None or now - reminded.owed_at < reminded.owed_at - since:
        return item(case, silent, f"triaged show {case.id}")
    command = f'triaged reply {case.id} --template closing --close "no answer"'
    return item(case, f"{silent}, reminded {length(now - reminded.owed_at)} ago", command)
