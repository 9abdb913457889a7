"""The mails of a case, read from the spool: as text for a terminal, as raw bytes, as the files that they carry."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from triaged.adapters.disk.spool import FileSpool
from triaged.adapters.reader.reader import ChildReader
from triaged.cli.faults import BAD_INPUT, NO_INPUT, Fault
from triaged.cli.lines import attachment_line, author
from triaged.cli.shapes import instant
from triaged.core.case.case import Case
from triaged.core.case.events import Received, TeamWrote
from triaged.core.case.outbox import Letter
from triaged.core.mail.message import Attachment, Message
from triaged.core.mail.parsing.files import files_of
from triaged.core.plural import counted
from triaged.core.team.kin import kept_mails
from triaged.core.text import defanged, readable

_QUOTED_LINES = 12
"""Of what a mail quotes, for most of it is our own letter; `--raw` has all of it."""


def chosen_mails(case: Case, number: int | None) -> tuple[Received | TeamWrote, ...]:
    """All mails of the case, or the one of that number; Fault where there is no such one."""
    mails = kept_mails(case)
    if number is None:
        return mails
    if number > len(mails):
        raise Fault(f"{case.id} has {counted(len(mails), 'mail')}; triaged show {case.id} lists them", BAD_INPUT)
    return (mails[number - 1],)


def raw_mail(spool: FileSpool, case: Case, mail: Received | TeamWrote) -> bytes:
    """Its bytes; Fault where they are gone, or were erased."""
    if at := case.mail_erased_at(mail.sha256):
        raise Fault(f"{case.id}: this mail was erased on {at:%Y-%m-%d}; its SHA-256 was {mail.sha256}", NO_INPUT)
    try:
        return spool.read(mail.sha256)
    except FileNotFoundError as error:
        raise Fault(f"spool/{mail.sha256}: the raw mail is gone; a backup may have it", NO_INPUT) from error


def text_lines(case: Case, state_dir: Path, number: int | None = None) -> Iterator[str]:
    """The mails as they were read, and our letters between them, the newest last; safe for a terminal."""
    spool, chosen = FileSpool(state_dir / "spool"), chosen_mails(case, number)
    letters = case.letters if number is None else ()
    in_order = sorted((*chosen, *letters), key=lambda each: each.at if not isinstance(each, Letter) else each.owed_at)
    with closing(ChildReader()) as reader:
        for each in in_order:
            if isinstance(each, Letter):
                yield from _letter_lines(each, reader.read(each.raw.encode()).message)
            elif at := case.mail_erased_at(each.sha256):
                yield from (*_mail_heading(each), "", f"(erased on {at:%Y-%m-%d})", "")
            else:
                yield from _mail_lines(each, reader.read(raw_mail(spool, case, each)).message)


def files_in(case: Case, state_dir: Path) -> tuple[list[tuple[Attachment, bytes]], list[str]]:
    """Every file that came with the case, in order, with its bytes; and which of its mails were not taken apart."""
    spool = FileSpool(state_dir / "spool")
    files: list[tuple[Attachment, bytes]] = []
    left_out: list[str] = []
    with closing(ChildReader()) as reader:
        for number, mail in enumerate(kept_mails(case), 1):
            if at := case.mail_erased_at(mail.sha256):
                left_out.append(f"mail {number} was erased on {at:%Y-%m-%d}")
                continue
            raw = raw_mail(spool, case, mail)
            # Only what a child under limits could read is taken apart in this process.
            if reader.read(raw).message.degraded:
                left_out.append(f"mail {number} was not taken apart; triaged show {case.id} --raw --mail {number}")
            elif isinstance(mail, Received):
                files += files_of(raw)
    return files, left_out


def _mail_heading(mail: Received | TeamWrote) -> Iterator[str]:
    yield f"--- {instant(mail.received_at)}  {author(mail.sender)}"
    yield f"    {defanged(mail.subject, 200) or '(no subject)'}"


def _mail_lines(mail: Received | TeamWrote, message: Message) -> Iterator[str]:
    yield from _mail_heading(mail)
    yield from (f"    attached: {attachment_line(part)}" for part in message.attachments)
    yield from (f"    ! {defanged(defect)}" for defect in message.defects if message.degraded)
    yield from _body(message)


def _letter_lines(letter: Letter, message: Message) -> Iterator[str]:
    yield f"--- {instant(letter.owed_at)}  our {letter.purpose} to {', '.join(letter.to)}, {letter.state}"
    yield from _body(message)


def _body(message: Message) -> Iterator[str]:
    sealed = f"(sealed in {message.seal}; triaged cannot look into it)" if message.encrypted else "(no text)"
    yield ""
    yield from readable(message.text).strip("\n").split("\n") if message.text.strip() else (sealed,)
    yield from _marked("|", "quoted", message.quoted)
    yield from _marked("+", "in an attached file", message.attached_text)
    yield from _marked("?", "hidden in its HTML", message.hidden)
    yield ""


def _marked(mark: str, what: str, text: str) -> Iterator[str]:
    """A text beside the mail's own, with a mark before each line so that it cannot pose as that."""
    lines = readable(text).strip("\n").split("\n") if text.strip() else []
    shown = lines[:_QUOTED_LINES] if mark == "|" else lines
    if lines:
        yield ""
        yield f"{mark} ({what}: {counted(len(lines), 'line')})"
    yield from (f"{mark} {line}" for line in shown)
    if left := len(lines) - len(shown):
        yield f"{mark} ({counted(left, 'more line')}; --raw has all)"
