"""A mail's parts as bytes, in one linear pass: as `email.feedparser` would take them apart, and before it does.

For what may be too much for a parser (`limits`). A part's fields are read only up to a number that is over their limit.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_FIELDS = 1001

_FIELD_LINES = re.compile(rb"(?:(?:From |[!-9;-~]*:|[ \t])[^\r\n]*(?:\r\n|\r|\n|\Z))*+")
_FIELD_END = re.compile(rb"(?>\r\n|\r|\n)(?![ \t])")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DELIMITER = re.compile(rb"[\r\n]--([^\r\n]{0,9000})")
_BOUNDARY = re.compile(rb"""boundary[*0]{0,3}\s{0,99}=\s{0,99}(?:"([^"]*)|([^\s;"]+))""", re.IGNORECASE)

Fields = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Part:
    """A header block, and the bytes below it up to the next delimiter."""

    fields: Fields
    head: int
    """How long the header block is."""
    depth: int
    """How many multiparts and messages it lies in, its own included."""
    leaf: bool
    start: int
    end: int
    in_status: bool
    """Whether it lies in a delivery status, where a parser takes each paragraph for a part (RFC 3464 section 2.1)."""

    def first(self, name: bytes) -> bytes:
        """The value of the topmost field of that name, lower case."""
        return _value(self.fields, name).strip().lower()


@dataclass(slots=True)
class _Open:
    """The multiparts and messages that are open, outermost first."""

    boundaries: list[bytes] = field(default_factory=list)
    """Of a message that lies in a message: empty."""
    levels: dict[bytes, int] = field(default_factory=dict)
    """The outermost that has that boundary: the parser asks it first."""
    digests: set[int] = field(default_factory=set)

    def enter(self, boundary: bytes, *, digest: bool = False) -> None:
        level = len(self.boundaries)
        if boundary:
            self.levels.setdefault(boundary, level)
        if digest:
            self.digests.add(level)
        self.boundaries.append(boundary)

    def leave(self, depth: int) -> None:
        while len(self.boundaries) > depth:
            boundary = self.boundaries.pop()
            level = len(self.boundaries)
            self.digests.discard(level)
            if self.levels.get(boundary) == level:
                del self.levels[boundary]

    def default_type(self) -> bytes:
        """The type of a part that names none (RFC 2046 section 5.1.5)."""
        return b"message/rfc822" if len(self.boundaries) - 1 in self.digests else b"text/plain"

    def next_part(self, raw: bytes, start: int) -> tuple[int, int | None]:
        """Where what stands at `start` ends, and where the next part begins, if there is one."""
        end = None
        for line in _DELIMITER.finditer(raw, max(start - 1, 0)):
            text = line[1].rstrip(b" \t")
            level, closes = self.levels.get(text), False
            if level is None and text.endswith(b"--"):
                level, closes = self.levels.get(text[:-2]), True
            if level is None:
                continue
            end = line.start() if end is None else end
            self.leave(level if closes else level + 1)
            if not closes:
                return end, _behind_line(raw, line.end())
        return (len(raw) if end is None else end), None


def parts_of(raw: bytes) -> Iterator[Part]:
    """Every part in order, the containers and those of attached messages too. Lazy: whoever has seen enough stops asking."""
    opened, at, in_status = _Open(), 0, False
    next_at: int | None = at
    while next_at is not None:
        at = next_at
        block = _FIELD_LINES.match(raw, at)
        start = block.end() if block else at
        fields = _fields(raw[at:start])
        start = _behind_line(raw, start)
        kind = _value(fields, b"content-type").strip().lower() or opened.default_type()
        boundary = _BOUNDARY.search(_value(fields, b"content-type")) if kind.startswith(b"multipart/") else None
        message = kind.startswith(b"message/")
        if boundary:
            opened.enter((boundary[1] or boundary[2] or b"").rstrip(), digest=kind.startswith(b"multipart/digest"))
        elif message:
            opened.enter(b"")
        depth = len(opened.boundaries)
        end, next_at = (start, start) if message else opened.next_part(raw, start)
        yield Part(fields, start - at, depth, not boundary and not message, start, end, in_status)
        in_status = kind.startswith(b"message/delivery-status")


def _fields(block: bytes) -> Fields:
    lines = _FIELD_END.split(block, maxsplit=MOST_FIELDS)
    pairs = (line.partition(b":") for line in lines[:MOST_FIELDS] if line)
    return [(name.strip().lower(), value) for name, _, value in pairs]


def _value(fields: Fields, name: bytes) -> bytes:
    return next((value for key, value in fields if key == name), b"")


def _behind_line(raw: bytes, at: int) -> int:
    match = _LINE_END.match(raw, at)
    return match.end() if match else at
