"""What a person may write to a reporter, and what the letter does to the case."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from unicodedata import category

from triaged.core.case.case import Case
from triaged.core.case.events import Replied
from triaged.core.commands.command import NO_REASON, RecordAnswer
from triaged.core.commands.writing import typed
from triaged.core.deciding.decided import By, Decided, No
from triaged.core.letters.reply import ReplyTemplate
from triaged.core.mail.sender import is_safe

_LONGEST = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A letter as a person has finished it."""

    text: str
    template: ReplyTemplate | None = None
    wait: bool = False
    """Wait for the reporter from here on."""
    close: str | None = None
    """Close the case with it, for this reason."""


def reply(writing: Writing, case: Case, by: By, now: datetime) -> Decided | No:
    """The event that stands for the letter, or why it is not written. Owing the letter itself is the service's part."""
    text = letter_text(writing.text)
    if why := next(_objections(writing, text, case), ""):
        return No(f"{case.id}: {why}")
    event = Replied(
        at=now,
        by=by.shown,
        text=text,
        template=writing.template or "",
        wait=writing.wait,
        close=(writing.close or "").strip(),
    )
    also = [*(["waiting for the reporter"] if writing.wait else []), *(["closed"] if event.close else [])]
    return Decided((event,), ", ".join([f"a letter to {case.reporter.address} is on its way", *also]))


def letter_text(written: str) -> str:
    """The words as they are sent: without control characters, blanks at the ends of lines, and empty lines around them."""
    lines = written.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(filter(_is_written, line)).rstrip() for line in lines).strip("\n")


def unreachable(case: Case) -> str:
    """Why no letter of ours may go to the reporter; empty where one may."""
    if case.erased_at:
        return f"its reporter was erased on {case.erased_at:%Y-%m-%d}, so nobody can be written to"
    if not is_safe(case.reporter.address):
        return "its mail names no address that can be answered"
    if case.reporter.verdict == "failed":
        by_hand = typed(case.id, RecordAnswer())
        return (
            f"our mail server found its sender forged, so a letter may go to a stranger; write by hand, then: {by_hand}"
        )
    if case.door and case.door.brings != "coordination":
        return f"it came from {case.door.name}, and is answered there"
    return ""


def _is_written(char: str) -> bool:
    return char == "\t" or category(char) not in {"Cc", "Cs"}


def _objections(writing: Writing, text: str, case: Case) -> Iterator[str]:
    if why := unreachable(case):
        yield why
    if not text.strip():
        yield "the letter is empty, and nothing was sent"
    if len(text) > _LONGEST:
        yield f"the letter has {len(text)} characters, and {_LONGEST} is the most; nothing was sent"
    if writing.close is not None and writing.close.strip() in {"", NO_REASON, "…"}:
        yield "say why it is closed, in words of your own"
    if writing.wait and writing.close:
        yield "a closed case waits for nobody: choose --wait or --close"
    if writing.wait and case.closed_at is not None:
        yield "it is closed, and nothing is waited for"
