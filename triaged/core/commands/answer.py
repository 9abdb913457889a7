"""A person's answer to a mail of ours, read as commands: one a line, from the top, until what they wrote for us ends.

It ends with a quotation, a signature or three lines that are no command: what stands below may be anybody's words.
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
# RFC 3676 section 4.3; mail programs make one dash of two, and some take away the space.
_SIGNATURE = re.compile("(?:-{2,3}|_{2,}|[\u2010-\u2015\u2212]{1,3})")


@dataclass(frozen=True, slots=True)
class Reply:
    """Words for the reporter."""

    cases: tuple[str, ...]
    """As in `Order`."""
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the answer, and what is understood of it: a sentence where that is nothing."""

    line: str
    read: Order | Reply | str


def read_answer(text: str) -> tuple[Said, ...]:
    """Every line of a mail's text that is meant for us, in order; empty lines are skipped."""
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
            # All that follows is for the reporter, whatever it looks like.
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
    """The cases that `ID reply:` names, none for `reply:` alone; None where the line says nothing of the kind."""
    *before, last = split(line[:200])
    verb = any(word.text.casefold() in VERBS for word in before)
    if last.text.casefold() != _REPLY or len(before) > 1 or verb:
        return None
    return tuple(each for word in before for each in word.text.split(",") if each)


def _reply(cases: tuple[str, ...], below: Sequence[str]) -> Reply | str:
    text = "\n".join(line.rstrip() for line in below).strip("\n")
    return Reply(cases, text) if text.strip() else "there is no text for the reporter below it"
