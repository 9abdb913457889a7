"""`triaged explain`: what the daemon would do with a message, and why. Touches nothing, needs no config."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from triaged.adapters.reader import ChildReader
from triaged.adapters.render import JinjaRenderer
from triaged.cli.lines import attachment_line, reason_lines, section_lines
from triaged.cli.mail_sources import messages
from triaged.cli.shapes import explanation_shape
from triaged.cli.tables import Progress, marked
from triaged.composition import house, renderer, utc_now
from triaged.core.case.case import fold
from triaged.core.case.deadlines import deadlines
from triaged.core.case.incoming import House, Mail, Past
from triaged.core.case.naming import case_id
from triaged.core.case.triage import Decision, triage
from triaged.core.mail.message import Message
from triaged.core.policy import Policy
from triaged.core.text import visible
from triaged.loading import Loaded, example, find_config, load
from triaged.yaml_source import SettingsError

# What explain shows must be the same tomorrow: its ids come from no real key.
_KEY = b"explain"
_END_COLOURS = {"opened": "green", "joined": "green", "command": "blue", "set-aside": "yellow", "failed": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each message.")
@click.option(
    "--mail/--no-mail", "with_mail", default=None, help="Print the very mail too; default: for a single message."
)
@click.argument("paths", nargs=-1, required=True)
@click.pass_obj
def explain(config: Path | None, paths: tuple[str, ...], *, as_json: bool, with_mail: bool | None) -> None:
    """Say what the daemon would do with messages, and why.

    PATHS are mails (.eml), mboxes, Maildirs, folders of these, or - for standard input.
    """
    loaded = _settings(config)
    write = renderer(loaded, _KEY)
    if with_mail is None:
        with_mail = len(paths) == 1 and not Path(paths[0]).is_dir()
    progress = Progress("explained")
    for done, (path, message, decision) in enumerate(_decisions(paths, house(loaded, _KEY)), 1):
        if as_json:
            click.echo(json.dumps(explanation_shape(path, message, decision), ensure_ascii=True))
        else:
            click.echo("\n".join(_told(path, message, decision, loaded.policy)))
            click.echo(_mail(decision, write) if with_mail else "")
        progress.show(done)
    progress.end()


def _settings(config: Path | None) -> Loaded:
    """The settings in force, or the example ones where there are none; a config that is wrong is still a fault."""
    try:
        path = find_config(config)
    except SettingsError:
        return example()
    return load(path)


def _decisions(paths: tuple[str, ...], house: House) -> Iterator[tuple[str, Message, Decision]]:
    with closing(ChildReader()) as reader:
        for path in paths:
            for label, raw in messages(path):
                message, now = reader.read(raw), utc_now()
                mail = Mail(message, now, case_id(_KEY, message.sha256))
                yield label, message, triage(mail, house, Past(), now)


def _told(path: str, message: Message, decision: Decision, policy: Policy) -> Iterator[str]:
    """The explanation as lines for a person."""
    yield click.style(visible(path), bold=True) + f"  {visible(message.subject, 90) or '(no subject)'}"
    yield f"  end       {marked(decision.end, _END_COLOURS[decision.end])}: {visible(decision.reason)}"
    yield f"  sender    {_sender(decision)}"
    if decision.silence:
        yield f"  automatic {decision.silence.sign} ({decision.silence.rfc}): {visible(decision.silence.reason)}"
    if decision.case_id:
        yield from _reading(decision)
        yield from _due(decision, policy, utc_now())
    for part in message.attachments:
        yield f"  attached  {attachment_line(part)}"
    for defect in message.defects:
        yield f"  defect    {visible(defect)}"
    yield f"  reply     {_reply(decision)}"


def _sender(decision: Decision) -> str:
    who = (
        visible(f"{decision.sender.name} <{decision.sender.address}>", 100)
        if decision.sender.address
        else "nobody to answer"
    )
    return f"{who}, {decision.sender.verdict}: {visible(decision.sender.reason)}"


def _reading(decision: Decision) -> Iterator[str]:
    verdict = decision.report.verdict
    yield f"  scope     {verdict.scope} ({verdict.band})"
    yield from (f"              {line}" for line in reason_lines(verdict.reasons[:6]))
    yield from (f"  {line}" for line in section_lines(decision.report))


def _due(decision: Decision, policy: Policy, now: datetime) -> Iterator[str]:
    case = fold(decision.case_id or "", decision.events)
    for deadline in deadlines(case, policy, now):
        local = deadline.due.astimezone(policy.calendar.timezone)
        yield f"  due       {deadline.name} by {local:%a %Y-%m-%d %H:%M %Z} ({deadline.rule})"


def _reply(decision: Decision) -> str:
    if decision.reply:
        return (
            f"{marked('send', 'green')} the {decision.reply.variant!r} acknowledgment to {visible(decision.reply.to)}"
        )
    if decision.withheld:
        return f"{marked('withhold', 'yellow')}: {visible(decision.withheld.reason)}"
    return "none"


def _mail(decision: Decision, write: JinjaRenderer) -> str:
    if not decision.reply:
        return ""
    raw = write.reply(decision.reply, utc_now()).raw.replace("\r\n", "\n")
    return "\n" + "\n".join(f"    | {line}" for line in raw.splitlines()) + "\n"
