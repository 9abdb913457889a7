"""Read a person's answer to one of our mails as commands: one per line, from the top.

Reading stops at a quotation, a signature or three lines that are no command: anybody may have written the text below.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triaged.core.commands.reading import Order, read_line
from triaged.core.commands.splitting import split
from triaged.core.commands.verbs import VERBS
from triaged.core.mail.parsing.furniture import without_furniture
from triaged.core.mail.parsing.quoting import above_quotation

_NOT_UNDERSTOOD = 3
_MOST = 100
_REPLY = "reply:"
# RFC 3676 section 4.3; mail programs merge the two dashes into one, and some drop the space.
_SIGNATURE = re.compile("(?:-{2,3}|_{2,}|[\u2010-\u2015\u2212]{1,3})")


@dataclass(frozen=True, slots=True)
class Reply:
    """A text for the reporter."""

    cases: tuple[str, ...]
    """As in `Order`."""
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the answer and its reading: a command, or a sentence that says why it is none."""

    line: str
    read: Order | Reply | str


def read_answer(text: str) -> tuple[Said, ...]:
    """Read every line of the mail's text that is meant for us, in order; empty lines are skipped."""
    above = without_furniture(above_quotation(text.replace("\r\n", "\n")))
    return tuple(_said(tuple(_until_signature(above.split("\n")))))


def _until_signature(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if _SIGNATURE.fullmatch(line.strip()):
            return
        yield line


def _said(lines: Sequence[str]) -> Iterator[Said]:
    understood = lost = 0
    for number, line in enumerate(lines):
        if not split(line):
            continue
        if (cases := _replied_on(line)) is not None:
            # Everything below `reply:` goes to the reporter, whatever it looks like.
            yield Said(line, _reply(cases, lines[number + 1 :]))
            return
        if understood == _MOST:
            yield Said(line, f"there are more than {_MOST} commands in the mail; send the others in another one")
            return
        read = read_line(line)
        yield Said(line, read)
        understood, lost = (understood, lost + 1) if isinstance(read, str) else (understood + 1, lost)
        if lost == _NOT_UNDERSTOOD:
            return


def _replied_on(line: str) -> tuple[str, ...] | None:
    """The cases that `ID reply:` names, empty for a bare `reply:`; None for any other line."""
    *before, last = split(line[:200])
    verb = any(word.text.casefold() in VERBS for word in before)
    if last.text.casefold() != _REPLY or len(before) > 1 or verb:
        return None
    return tuple(each for word in before for each in word.text.split(",") if each)


def _reply(cases: tuple[str, ...], below: Sequence[str]) -> Reply | str:
    text = "\n".join(line.rstrip() for line in below).strip("\n")
    return Reply(cases, text) if text.strip() else "there is no text for the reporter below it"
