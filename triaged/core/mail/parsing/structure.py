"""A mail's parts as bytes, in one linear pass (RFC 2046 section 5.1).

`limits` asks it what may be too much, `tree` makes the tree of it. A part's fields are read only up to a number that is over
their limit.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from triaged.core.mail.parsing.parameters import boundary_of, media_type_of

MOST_FIELDS = 1001

_FIELD_LINES = re.compile(rb"(?:(?:From |[!-9;-~]*:|[ \t])[^\r\n]*(?:\r\n|\r|\n|\Z))*+")
_FIELD_END = re.compile(rb"(?>\r\n|\r|\n)(?![ \t])")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE_ENDS = re.compile(rb"[\r\n]*+")
_DELIMITER = re.compile(rb"(?:\r\n|\r|\n)--([^\r\n]{0,9000})")

Fields = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Part:
    """A header block, and the bytes below it up to the next delimiter."""

    fields: Fields
    kind: str
    """Its media type, lower case; what RFC 2045 says it is where it names none."""
    head: int
    """How long the header block is."""
    depth: int
    """How many multiparts and messages it lies in, its own included."""
    leaf: bool
    start: int
    end: int
    """Of a container: where the first part in it begins."""
    in_status: bool
    """True if it lies in a delivery status, which is no mail's header (RFC 3464 section 2.1)."""
    stop: int = 0
    """Where all that is in it ends; known once the pass is behind it."""

    def first(self, name: bytes) -> bytes:
        """The value of the topmost field of that name, lower case."""
        return _value(self.fields, name).strip().lower()


@dataclass(slots=True)
class _Open:
    """The multiparts and messages that are open, outermost first."""

    parts: list[Part] = field(default_factory=list)
    boundaries: list[bytes] = field(default_factory=list)
    """Of a message that lies in a message: empty."""
    levels: dict[bytes, list[int]] = field(default_factory=dict)
    """Those that have that boundary; a line belongs to the innermost, for some clients use one boundary twice."""

    def enter(self, part: Part, boundary: bytes) -> None:
        if boundary:
            self.levels.setdefault(boundary, []).append(len(self.boundaries))
        self.parts.append(part)
        self.boundaries.append(boundary)

    def leave(self, depth: int, at: int) -> None:
        while len(self.boundaries) > depth:
            boundary, part = self.boundaries.pop(), self.parts.pop()
            part.stop = at
            if boundary:
                self.levels[boundary].pop()

    def default_type(self) -> str:
        """The type of a part that names none (RFC 2046 section 5.1.5)."""
        return "message/rfc822" if self.parts and self.parts[-1].kind == "multipart/digest" else "text/plain"

    def next_part(self, raw: bytes, start: int) -> tuple[int, int | None]:
        """Where what stands at `start` ends, and where the next part begins, if there is one."""
        end = None
        for line in _DELIMITER.finditer(raw, _before_line(raw, start)):
            text = line[1].rstrip(b" \t")
            levels, closes = self.levels.get(text), False
            if not levels and text.endswith(b"--"):
                levels, closes = self.levels.get(text[:-2]), True
            if not levels:
                continue
            level = levels[-1]
            ends = max(line.start(), start)
            end = ends if end is None else end
            self.leave(level if closes else level + 1, ends)
            if not closes:
                return end, _behind_line(raw, line.end())
        self.leave(0, len(raw))
        return (len(raw) if end is None else end), None


def parts_of(raw: bytes) -> Iterator[Part]:
    """Every part in order, the containers and those of attached messages too. Lazy: whoever has seen enough stops asking."""
    opened, in_status = _Open(), False
    first = _LINE_ENDS.match(raw)
    next_at: int | None = first.end() if first else 0
    while next_at is not None:
        at = next_at
        block = _FIELD_LINES.match(raw, at)
        start = block.end() if block else at
        fields = _fields(raw[at:start])
        part = _part(fields, opened.default_type(), start - at, _behind_line(raw, start), in_status=in_status)
        boundary = boundary_of(_value(fields, b"content-type")) if part.kind.startswith("multipart/") else b""
        message = part.kind.startswith("message/")
        part.leaf = not boundary and not message
        if not part.leaf:
            opened.enter(part, boundary)
        part.depth = len(opened.boundaries)
        part.end, next_at = (part.start, part.start) if message else opened.next_part(raw, part.start)
        part.stop = part.stop or part.end
        in_status = part.kind == "message/delivery-status"
        yield part


def head_without(raw: bytes, prefix: bytes) -> bytes:
    """The mail's header as `parts_of` sees it, without the fields whose names begin so (lower case)."""
    first = _LINE_ENDS.match(raw)
    block = _FIELD_LINES.match(raw, first.end() if first else 0)
    lines = _FIELD_END.split(block[0] if block else b"")
    return b"\r\n".join(line for line in lines if line[: len(prefix)].lower() != prefix) + b"\r\n"


def _part(fields: Fields, default: str, head: int, start: int, *, in_status: bool) -> Part:
    named = _value(fields, b"content-type")
    kind = (media_type_of(named) or "text/plain") if named.strip() else default
    return Part(fields, kind, head, depth=0, leaf=True, start=start, end=start, in_status=in_status)


def _fields(block: bytes) -> Fields:
    lines = _FIELD_END.split(block, maxsplit=MOST_FIELDS)
    pairs = (line.partition(b":") for line in lines[:MOST_FIELDS] if line)
    return [(name.strip().lower(), value) for name, _, value in pairs]


def _value(fields: Fields, name: bytes) -> bytes:
    return next((value for key, value in fields if key == name), b"")


def _before_line(raw: bytes, start: int) -> int:
    """Where the line break before this place begins."""
    return max(start - (2 if raw[start - 2 : start] == b"\r\n" else 1), 0)


def _behind_line(raw: bytes, at: int) -> int:
    match = _LINE_END.match(raw, at)
    return match.end() if match else at
