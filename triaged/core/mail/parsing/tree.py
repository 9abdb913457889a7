"""The tree of a mail's parts, each with its own fields and its octets as they were sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from triaged.core.mail.parsing.parameters import Parameters, parameters, token_of
from triaged.core.mail.parsing.structure import Fields, Part, parts_of
from triaged.core.mail.parsing.transfer import is_encoded, transferred

MESSAGES = frozenset("message/rfc822 message/global message/news".split())
"""The types that are a whole mail in a mail."""
_DEEPEST = 60
_MOST_PARTS = 2000


@dataclass(slots=True)
class Node:
    """One part: a container with its children, or a leaf."""

    raw: bytes
    """The mail that it stands in; of a part that was decoded or opened, that."""
    kind: str
    """Its media type, lower case."""
    fields: Fields
    start: int
    stop: int
    depth: int = 0
    """How many parts it lies in."""
    children: list["Node"] = field(default_factory=list)
    type_parameters: Parameters = field(default_factory=dict)
    """Of its Content-Type."""
    disposition: str = ""
    """`attachment`, `inline`, or what else it says, lower case."""
    filename: str = ""
    """As the sender wrote it, decoded: never a path."""
    content_id: str = ""
    """Without angle brackets."""
    octets: bytes | None = None
    """Its content, once it was asked for."""

    @property
    def content(self) -> bytes:
        """Its octets, decoded from their transfer encoding."""
        if self.octets is None:
            self.octets = transferred(self.raw[self.start : self.stop], self.all(b"content-transfer-encoding"))
        return self.octets

    def all(self, name: bytes) -> list[bytes]:
        """The values of every field of that name (lower case), topmost first."""
        return [value for key, value in self.fields if key == name]

    def leaves(self) -> Iterator["Node"]:
        """Every part in it that holds no others, in order; a mail in it is one."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node.children and not node.kind.startswith("message/"):
                waiting.extend(reversed(node.children))
            else:
                yield node


def tree_of(raw: bytes, depth: int = 0) -> Node:
    """The tree of these octets, read as a mail. Total; of parts without number the first ones."""
    root: Node | None = None
    opened: list[tuple[int, Node]] = []
    found = list(_first(parts_of(raw)))
    for part in found:
        node = _node(raw, part, depth + part.depth)
        level = part.depth - (0 if part.leaf else 1)
        while opened and opened[-1][0] > level:
            opened.pop()
        if opened:
            opened[-1][1].children.append(node)
        root = root or node
        if not part.leaf:
            opened.append((part.depth, node))
    if root is None:
        raise AssertionError("every mail has one part at least")
    return root


def mail_in(node: Node) -> Node | None:
    """The mail that this part holds, in whatever encoding it stands; None where it is too deep to go on."""
    if node.depth > _DEEPEST:
        return None
    if is_encoded(node.all(b"content-transfer-encoding")) or not node.children:
        return tree_of(node.content, node.depth + 1)
    return node.children[0]


def _first(parts: Iterator[Part]) -> Iterator[Part]:
    for number, part in enumerate(parts):
        if number == _MOST_PARTS:
            return
        yield part


def _node(raw: bytes, part: Part, depth: int) -> Node:
    node = Node(raw, part.kind, part.fields, part.start, part.stop, depth)
    node.type_parameters = parameters(next(iter(node.all(b"content-type")), b""))
    disposition = next(iter(node.all(b"content-disposition")), b"")
    node.disposition = token_of(disposition)
    node.filename = parameters(disposition).get("filename") or node.type_parameters.get("name", "")
    content_id = next(iter(node.all(b"content-id")), b"")
    node.content_id = content_id.strip().strip(b"<>").decode("utf-8", "replace")
    return node
