"""`triaged reply`: a person writes to a reporter, in the thread of their report."""

import os
import sys
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TypedDict, Unpack, get_args

import click

from triaged.adapters.disk.lock import AlreadyRunning, locked
from triaged.adapters.disk.state_dir import secret_key
from triaged.adapters.store.store import open_store
from triaged.cli.asked import a_case
from triaged.cli.case_mails import text_lines
from triaged.cli.decide import NO_KEY, allowed, by_whom, hand_in
from triaged.cli.faults import BAD_INPUT, Fault
from triaged.cli.state import find_case, read_store
from triaged.composition import renderer, utc_now
from triaged.config.loading import Loaded, find_config, load
from triaged.core.case.case import Case
from triaged.core.case.events import TeamDecision
from triaged.core.deciding.replying import Writing, letter_text, reply, unreachable
from triaged.core.letters import drafts
from triaged.core.letters.reply import ReplyTemplate
from triaged.core.letters.writing import letter
from triaged.core.team.kin import kept_mails
from triaged.service.replying import with_letters

_SCISSORS = "------------------------ >8 ------------------------"
_BELOW = """\
Write your letter above this line. All below it is for you alone: what the reporter wrote last.
"Hello," and our name are added. An empty letter is not sent.
"""
_STDIN = Path("-")


class _Asked(TypedDict):
    """What the command line says of the letter."""

    template: ReplyTemplate | None
    file: Path | None
    wait: bool
    close: str | None
    yes: bool


@click.command("reply")
@click.argument("named", metavar="CASE", shell_complete=a_case)
@click.option("--template", type=click.Choice(get_args(ReplyTemplate)), help="Begin from this letter.")
@click.option(
    "--file",
    type=click.Path(path_type=Path, allow_dash=True, dir_okay=False),
    help="Take the text from this file, - for standard input. With --template it stands inside that letter.",
)
@click.option("--wait", is_flag=True, help="Wait for the reporter: pausable clocks stop until they answer.")
@click.option("--close", metavar="REASON", help="Close the case with this letter.")
@click.option("--yes", is_flag=True, help="Send it without a preview.")
@click.option("--by", help="Who writes; default: the login name.")
@click.pass_context
def reply_command(ctx: click.Context, named: str, by: str | None, **asked: Unpack[_Asked]) -> None:
    """Write to the reporter of a case, in the thread of their report.

    The text comes from your editor ($VISUAL or $EDITOR), from --file, or from standard input.
    """
    _write(load(find_config(ctx.obj)), named, asked, by)


def _write(loaded: Loaded, named: str, asked: _Asked, by: str | None) -> None:
    with read_store(loaded.settings.state_dir) as store:
        case = find_case(store, named)
    if why := unreachable(case):
        raise Fault(f"{case.id}: {why}", BAD_INPUT)
    now, person = utc_now(), by_whom(by)
    typed_in = asked["file"] is None and sys.stdin.isatty()
    text = _edited(loaded, case, asked, now) if typed_in else _given(loaded, case, asked, now)
    writing = Writing(text=text, template=asked["template"], wait=asked["wait"], close=asked["close"])
    try:
        decided = allowed(reply(writing, case, person, now))
        if not asked["yes"]:
            _confirmed(loaded, case, letter_text(text), now)
        for event in decided.events:
            _record(loaded, case, event, now)
    except Exception:
        if typed_in and text:
            _keep(text)
        raise
    click.echo(f"{case.id}: {decided.said}")


def _given(loaded: Loaded, case: Case, asked: _Asked, now: datetime) -> str:
    """The text of a file or of standard input, in its template if one is named."""
    if not asked["yes"] and asked["file"] in {None, _STDIN}:
        raise Fault(
            "nobody can look at the letter first, because its text comes by standard input; add --yes", BAD_INPUT
        )
    with click.open_file(str(asked["file"] or _STDIN), encoding="utf-8") as source:
        try:
            text = letter_text(source.read())
        except UnicodeDecodeError as error:
            raise Fault(f"{asked['file']}: it is no UTF-8 text; nothing was sent", BAD_INPUT) from error
    return _in_template(loaded, case, asked["template"], text, now) if text.strip() else ""


def _edited(loaded: Loaded, case: Case, asked: _Asked, now: datetime) -> str:
    begun = _in_template(loaded, case, asked["template"], "", now)
    last = text_lines(case, loaded.settings.state_dir, len(kept_mails(case)))
    below = "\n".join(f"# {line}" for line in (*_BELOW.splitlines(), "", *last))
    try:
        edited = click.edit(f"{begun}\n\n{_SCISSORS}\n{below}\n", extension=".txt", require_save=True)
    except click.ClickException as error:
        raise Fault(f"the editor ended with an error ({error.message}); nothing was sent", BAD_INPUT) from error
    if edited is None:
        raise Fault("the letter was not saved in the editor; nothing was sent", BAD_INPUT)
    return letter_text(edited.partition(_SCISSORS)[0])


def _in_template(loaded: Loaded, case: Case, template: ReplyTemplate | None, text: str, now: datetime) -> str:
    if template is None:
        return text
    written = letter(case, text, loaded.policy, now)
    return letter_text(renderer(loaded, NO_KEY).words(drafts.begun(written, template, now)).text)


def _confirmed(loaded: Loaded, case: Case, text: str, now: datetime) -> None:
    draft = drafts.written(letter(case, text, loaded.policy, now), now)
    words, identity = renderer(loaded, NO_KEY).words(draft), loaded.settings.identity
    click.echo(f"From: {identity.name} <{identity.address}>\nTo: {', '.join(draft.to)}\nSubject: {draft.subject}\n")
    click.echo(words.text)
    if not click.confirm("Send it?"):
        raise Fault("nothing was sent", BAD_INPUT)


def _record(loaded: Loaded, case: Case, event: TeamDecision, now: datetime) -> None:
    """With the letter, in one write; through the daemon when one holds the store."""
    state_dir = loaded.settings.state_dir
    try:
        with locked(state_dir), closing(open_store(state_dir)) as store:
            current = store.case(case.id) or case
            ours = renderer(loaded, secret_key(state_dir))
            store.record(case.id, with_letters(current, (event,), ours, loaded.policy, now))
    except AlreadyRunning as running:
        hand_in(state_dir, [(case.id, event)], running)


def _keep(text: str) -> None:
    """Nobody writes a letter twice because a command did not like it."""
    handle, name = tempfile.mkstemp(prefix="triaged-reply-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as kept:
        kept.write(f"{text}\n")
    click.echo(f"your text is kept in {name}; send it with --file", err=True)
