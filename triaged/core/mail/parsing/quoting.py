"""What somebody wrote, told apart from what they quoted and what they passed on: line by line, each line looked at once.

Shape first, words second: a heading with an address and a time is one in any language (`client_words` has the others). In an
answer what stands below a heading is old; in a mail that answers nothing it is passed on to us, and so it is the report.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from triaged.core.mail.parsing.client_words import FIELDS, FORWARDED, ORIGINAL, PASSED_ON, WROTE

_LEAST_OWN = 40
"""Characters; with fewer above it, a marked quotation in a mail that answers nothing is what its sender passes on."""
_INTRODUCTION = 60
"""Words; what stands above a mail that is passed on, and is longer, may be a report itself."""
_BLOCK = 10
"""Lines that a block of header fields may have."""
_WRAPPED = 3
"""Lines over which clients wrap an attribution."""

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_FIELD = re.compile(r"^[\s*_>|]{0,8}([^\W\d_][^:\uff1a\n]{0,28}?)\s{0,3}[*_]{0,2}[:\uff1a][*_\s]{0,4}(.{0,300})")
_TIME = re.compile(r"\d[:.h\u6642\uc2dc\u70b9]\d\d|(?:19|20)\d\d")
_MAILBOX = re.compile(r"[<(\[\u3008\uff1c]?[^\s<>()]{1,64}@[^\s<>()]{1,200}")
_ADDRESS = re.compile(r"<[^\s<>()]{1,64}@[^\s<>()]{1,200}>")
_DASHES = re.compile(r"^[-_=*~\s>]{0,40}$")
_RAW_FIELDS = frozenset(
    {"received", "return-path", "message-id", "mime-version", "content-type", "dkim-signature", "host"}
)
"""Fields that stand in a raw header, which a report may show as its evidence, and never in a client's heading."""
_PREFIX = re.compile(r"^\s{0,3}(?:\[[^\]]{1,40}\]\s{0,3}){0,2}([^\W\d_]{1,16})\s?(?:\[\d{1,3}\])?\s{0,2}[:\uff1a]")


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A mail that somebody passes on within the text of theirs."""

    text: str
    author: str = ""
    """What its heading says of who wrote it: anybody can type that."""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """A text, taken apart."""

    own: str
    quoted: str = ""
    forwarded: Forwarded | None = None

    @property
    def evidence(self) -> str:
        """The words that are to be read: what was written, and what was passed on, but not a short introduction to that."""
        if self.forwarded is None:
            return self.own
        if len(self.own.split()) <= min(_INTRODUCTION, len(self.forwarded.text.split())):
            return self.forwarded.text
        return f"{self.own}\n\n{self.forwarded.text}"


@dataclass(frozen=True, slots=True)
class _Heading:
    """What a client put above an older mail."""

    lines: int
    kind: str
    author: str = ""
    subject: str = ""


def passes_on(subject: str) -> bool:
    """True if the subject says that a mail is passed on: `Fwd:`, `WG:`, `Tr:` and their like."""
    found = _PREFIX.match(subject)
    return found is not None and found[1].casefold() in PASSED_ON


def split(text: str, *, answers: bool = False) -> Split:
    """Take a text apart; `answers`: it stands in a mail that answers another and does not say that it passes one on."""
    lines = text.split("\n")
    own: list[str] = []
    quoted: list[str] = []
    number = 0
    while number < len(lines):
        heading = _heading(lines, number)
        if heading and (found := _below(lines, number, heading, own, quoted, answers=answers)):
            return found
        taken = lines[number : number + (heading.lines if heading else 1)]
        (quoted if heading or _marked(lines[number]) else own).extend(taken)
        number += len(taken)
    written, old = "\n".join(own).strip(), "\n".join(quoted).strip()
    if not answers and len(written) < _LEAST_OWN and len(old) > len(written):
        return Split(text.strip())
    return Split(written, old)


def above_quotation(text: str) -> str:
    """What stands above the first quotation, marked or under a client's heading: all of it where nothing is quoted."""
    lines = text.split("\n")
    quotes = (number for number, line in enumerate(lines) if _marked(line) or _heading(lines, number))
    return "\n".join(lines[: next(quotes, len(lines))])


def below_quotation(text: str) -> str:
    """What stands below the last marked line and a blank line, where some mail programs put the cursor; empty without both."""
    lines = text.split("\n")
    last = next((number for number in range(len(lines) - 1, -1, -1) if _marked(lines[number])), len(lines))
    blank = next((number for number in range(last + 1, len(lines)) if not lines[number].strip()), len(lines))
    return "\n".join(lines[blank:])


def _below(
    lines: Sequence[str], number: int, heading: _Heading, own: list[str], quoted: list[str], *, answers: bool
) -> Split | None:
    """The whole, where everything below this heading is one older mail; None where the heading is of marked lines alone."""
    written = "\n".join(own).strip()
    rest = lines[number + heading.lines :]
    if heading.kind == "attribution":
        if _marked_soon(rest) or not answers:
            return None
    elif heading.kind == "forwarded" or not answers:
        return Split(written, "\n".join(quoted).strip(), Forwarded(_unmarked(rest), heading.author, heading.subject))
    return Split(written, "\n".join([*quoted, *lines[number:]]).strip())


def _unmarked(lines: Sequence[str]) -> str:
    """The text of a mail that is passed on; some clients mark each of its lines."""
    worded = [line for line in lines if line.strip()]
    if worded and all(line.startswith(">") for line in worded):
        lines = [line[1:].removeprefix(" ") for line in lines]
    return "\n".join(lines).strip()


def _heading(lines: Sequence[str], number: int) -> _Heading | None:
    divider = _divider(lines[number])
    start = number + bool(divider)
    while divider and start < len(lines) and start <= number + 2 and not lines[start].strip():
        start += 1
    # A field below another one is no beginning: a raw header may stand here, of which it is a part.
    begins = bool(divider) or number == 0 or not _FIELD.match(lines[number - 1][:400])
    count, fields = _block(lines, start) if begins else (0, [])
    if divider or _is_heading(fields):
        said = {name: value for name, _, value in fields}
        end = start + count if _is_heading(fields) else number + 1
        kind = divider or "block"
        author = said.get("from", "") or (_named_below(lines, start, fields) if divider == "forwarded" else "")
        end = _behind_second_divider(lines, end) if divider else end
        return _Heading(end - number, kind, author, said.get("subject", ""))
    if wrapped := _attribution(lines, number):
        return _Heading(wrapped, "attribution")
    return None


def _named_below(lines: Sequence[str], start: int, fields: Sequence[tuple[str, str, str]]) -> str:
    """The author below a forward's divider where no field is known for theirs.

    Every client names them before the recipients: in a field whose label is in no table, in `DATE, NAME <address>:`, or in a
    field without a colon.
    """
    known = next((value for kind, _, value in fields if kind != "copy" and _MAILBOX.search(value)), "")
    if known or fields:
        return known
    return next((line[:300].strip(" :") for line in lines[start : start + _WRAPPED] if _ADDRESS.search(line[:300])), "")


def _behind_second_divider(lines: Sequence[str], end: int) -> int:
    """Zoho closes the heading of a forward with its divider once more."""
    at = next((number for number in range(end, min(end + 2, len(lines))) if lines[number].strip()), end)
    return at + 1 if at < len(lines) and _divider(lines[at]) == "forwarded" and at > end - 1 else end


def _divider(line: str) -> str:
    """The client's dividing line that stands here; empty if there is none."""
    bare = _INVISIBLE.sub("", line[:200]).strip()
    dashes = bare.startswith(("--", "__", "==", "**", ">-"))
    words = normalize("NFC", bare).strip("-_=*~ \t>:\uff1a\u2013\u2014").casefold()
    if not words or not (dashes or bare.endswith((":", "\uff1a"))):
        return ""
    if any(words.startswith(said) for said in FORWARDED):
        return "forwarded"
    return "original" if dashes and any(words.startswith(said) for said in ORIGINAL) else ""


def _block(lines: Sequence[str], number: int) -> tuple[int, list[tuple[str, str, str]]]:
    """The header fields that stand here: over how many lines, and each as its kind, its label and its value."""
    fields: list[tuple[str, str, str]] = []
    end = at = number
    while at < min(len(lines), number + _BLOCK):
        line = _INVISIBLE.sub("", lines[at][:400])
        if found := _FIELD.match(line):
            label = normalize("NFC", found[1]).strip("*_ ").casefold()
            fields.append((FIELDS.get(label, ""), label, found[2].strip(" *_")))
            end = at + 1
        elif line.strip() or at > end:
            break
        at += 1
    return end - number, fields


def _is_heading(fields: Sequence[tuple[str, str, str]]) -> bool:
    """True if these are the fields that a client puts above a mail: who and when, and one thing more."""
    kinds = {kind for kind, _, _ in fields if kind}
    if any(label in _RAW_FIELDS for _, label, _ in fields):
        return False
    if {"from", "sent"} <= kinds and len(kinds) > 2:  # noqa: PLR2004 - who and when, and one thing more
        return True
    # A language that is not in the tables: most labels in its own letters, an address in one value, a time in another.
    foreign = sum(not label.isascii() for _, label, _ in fields)
    shown = any(_MAILBOX.search(value) for *_, value in fields) and any(_TIME.search(value) for *_, value in fields)
    return shown and foreign > 2 and foreign * 2 > len(fields)  # noqa: PLR2004 - fewer could be prose


def _attribution(lines: Sequence[str], number: int) -> int:
    """Over how many lines `On DATE, NAME wrote:` stands here; 0 where it does not."""
    said = ""
    for wrapped in range(1, _WRAPPED + 1):
        if number + wrapped > len(lines) or not lines[number + wrapped - 1].strip():
            return 0
        said = f"{said} {_INVISIBLE.sub('', lines[number + wrapped - 1][:400])}".strip()
        if wrapped == 1 and not (_TIME.search(said) or _MAILBOX.search(said)):
            return 0
        if said.endswith((":", "\uff1a")):
            return wrapped if _attributes(said) else 0
    return 0


def _attributes(line: str) -> bool:
    timed, addressed = bool(_TIME.search(line)), bool(_MAILBOX.search(line))
    if timed and addressed:
        return True
    return (timed or addressed) and any(word in line[-120:].casefold() for word in WROTE)


def _marked_soon(lines: Sequence[str]) -> bool:
    """True if the next line with anything on it is marked as quoted."""
    return _marked(next((line for line in lines[:3] if line.strip()), ""))


def _marked(line: str) -> bool:
    """True if a line is marked as quoted: not `>>> import os`, a session somebody pasted, nor `><svg onload=...>`."""
    if line.startswith("><") or (line.startswith(">>> ") and not line.startswith(">>> >")):
        return False
    return line.startswith((">", "|>"))
