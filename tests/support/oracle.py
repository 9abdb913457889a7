"""What must hold for any mail whatever: a table of rules, each of which looks at all that the product made of one mutant.

A rule yields one sentence for each breach. None asks the product's own judgment where there is another to be had: the
finished mail is read by the standard library's parser, the From field by the lines of the raw bytes and a fourth parser.
"""

import email
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from email.headerregistry import HeaderRegistry
from email.message import Message as Received
from html.parser import HTMLParser

import idna

from tests.support.mutants import Mutant
from triaged.core.case.events import Owed
from triaged.core.case.events import Received as Arrived
from triaged.core.intake.decision import Decision
from triaged.core.letters.house import House
from triaged.core.mail.arrival import ENDS
from triaged.core.mail.message import Message
from triaged.core.team.digest import Digest

SECONDS = 2.0
"""Of processor time, for one mutant to be read, decided, answered and told."""
GROWTH = 256 * 1024
"""KiB by which one mutant may raise the process's peak."""
_FIELDS = set(
    "From To Subject Date Message-ID Auto-Submitted X-Auto-Response-Suppress Precedence MIME-Version Content-Type "
    "Content-Transfer-Encoding".split()
)
_THREAD = {"In-Reply-To", "References"}
_MSG_ID = re.compile(r"<([!-;=?-~]{1,200}@[!-;=?-~]{1,200})>")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_TAGS = frozenset(
    "html head meta title style body div table tbody tr td th h1 h2 h3 p ul li span code pre a b strong em br hr".split()
)


@dataclass(frozen=True, slots=True)
class Explained:
    """All that the product made of one mutant."""

    mutant: Mutant
    message: Message
    again: Message
    """The same bytes, read once more."""
    decision: Decision
    owed: Owed | None
    told: tuple[str, ...]
    """Its explanation for a person, line by line, without the styles of the terminal."""
    shape: str
    """Its explanation as JSON."""
    house: House
    seconds: float = 0.0
    growth: int = 0
    apart: Message | None = None
    """As the child read it, if it was asked."""
    hijack: Decision | None = None
    """What becomes of it where all that it refers to is a stranger's case."""


def breaches(found: Explained) -> Iterator[tuple[str, str]]:
    """Every rule that this breaks, with what is wrong."""
    for name, rule in RULES.items():
        for wrong in rule(found):
            yield name, wrong


def _equal_twice(found: Explained) -> Iterator[str]:
    if found.message != found.again:
        yield f"read twice, it differs in {_difference(found.message, found.again)}"


def _equal_apart(found: Explained) -> Iterator[str]:
    if found.apart is not None and found.apart != found.message:
        yield f"the child reads another message: {_difference(found.apart, found.message)}"


def _difference(one: Message, other: Message) -> str:
    names = [name for name, value in asdict(one).items() if value != asdict(other)[name]]
    return ", ".join(f"{name} ({str(getattr(one, name))[:80]!r})" for name in names)


def _quick(found: Explained) -> Iterator[str]:
    if found.seconds > SECONDS:
        yield f"it took {found.seconds:.1f} s of processor time"


def _lean(found: Explained) -> Iterator[str]:
    if found.growth > GROWTH:
        yield f"the process grew by {found.growth // 1024} MiB"
    if any("MemoryError" in defect for defect in found.message.defects):
        yield "there was not memory enough to read it"


def _limits(found: Explained) -> Iterator[str]:
    message = found.message
    sizes = (
        ("text", len(message.text) + len(message.quoted), 1_000_100),
        ("subject", len(message.subject), 20_000),
        ("fields", len(message.headers), 1000),
        ("the longest field", max((len(value) for _, value in message.headers), default=0), 8192),
        ("attachments", len(message.attachments), 200),
        ("part types", len(message.part_types), 100),
        ("authors", max(len(message.authors), *map(len, message.author_readings)), 20),
        ("defects", len(message.defects), 20),
        ("the longest defect", max(map(len, message.defects), default=0), 200),
        ("the longest file name", max((len(part.filename) for part in message.attachments), default=0), 200),
        ("returned ids", len(message.returned_ids), 50),
        ("the longest line told", max(map(len, found.told), default=0), 700),
        ("the longest evidence", max((len(each.quote) for each in found.decision.report.sections), default=0), 200),
        ("the longest quote", max((len(each.quote) for each in found.decision.report.verdict.reasons), default=0), 120),
        ("the name in a case", len(found.decision.reason), 300),
    )
    yield from (f"{what}: {size}, over {limit}" for what, size, limit in sizes if size > limit)


def _unicode(found: Explained) -> Iterator[str]:
    for text in _strings((asdict(found.message), asdict(found.decision), found.told)):
        if _NO_TEXT.search(text):
            yield f"a NUL or a lone surrogate in {text[:80]!r}"
            return


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _strings(each)


def _hidden(text: str) -> str:
    return "".join(sorted({char for char in text if char not in "\n\t" and unicodedata.category(char) in _HIDDEN}))


def _plain(found: Explained) -> Iterator[str]:
    for line in found.told:
        if hidden := _hidden(line):
            yield f"what is told holds {hidden!r}: {line[:80]!r}"
        if len(line.splitlines()) > 1:
            yield f"one line of what is told is several: {line[:80]!r}"


def _json(found: Explained) -> Iterator[str]:
    try:
        shape = json.loads(found.shape)
    except ValueError as error:
        yield f"its JSON cannot be read: {error}"
        return
    if not found.shape.isascii() or len(found.shape.splitlines()) != 1:
        yield "its JSON is not one line of ASCII"
    if any("\ud800" <= char <= "\udfff" for text in _strings(shape) for char in text):
        yield "its JSON holds a lone surrogate"
    action = {True: "send", False: ("withhold", "none")}[found.decision.reply is not None]
    if shape["end"] != found.decision.end or shape["reply"]["action"] not in action:
        yield f"its JSON says {shape['end']}, {shape['reply']['action']}; decided was {found.decision.end}"


def _one_end(found: Explained) -> Iterator[str]:
    decision = found.decision
    filed = bool(decision.case_id and decision.events and isinstance(decision.events[0], Arrived))
    whole = {
        "opened": filed and bool(decision.reply) != bool(decision.withheld) and not found.message.degraded,
        "failed": filed and bool(decision.reply) != bool(decision.withheld) and found.message.degraded,
        "joined": filed and not decision.withheld and not decision.silence,
        "set-aside": not filed and not decision.events and not decision.reply,
    }
    if decision.end not in ENDS or not whole.get(decision.end):
        yield f"{decision.end!r} is no end, or not its own: {len(decision.events)} events, case {decision.case_id}"
    if not decision.reason:
        yield f"it ends as {decision.end} for no reason"
    if bool(decision.reply) != bool(found.owed):
        yield "what is owed is not what was decided"


def _one_recipient(found: Explained) -> Iterator[str]:
    if found.owed is None:
        return
    to, mutant = found.owed.to, found.mutant
    if (
        len(to) != 1
        or not found.decision.reply
        or to[0] != found.decision.reply.to
        or to[0] != found.decision.sender.address
    ):
        yield f"it would go to {to}, and the sender is {found.decision.sender.address!r}"
        return
    address = to[0].lower()
    if any(tuple(map(str.lower, reading)) != (address,) for reading in found.message.author_readings):
        yield f"it would go to {address}, and the parsers read {found.message.author_readings}"
    if address in found.house.ours.addresses:
        yield "it would go to ourselves"
    if mutant.elsewhere and mutant.elsewhere.lower() == address:
        yield f"it would go to {address}, which stands in Reply-To and Cc only"
    fields = _from_fields(mutant.raw)
    if len(fields) != 1 or not any(form.encode("utf-8") in fields[0].lower() for form in _written(address)):
        yield f"it would go to {address}, and the raw mail has {fields[:3]!r} for From"
        return
    fourth = _fourth_opinion(fields[0])
    if fourth is not None and not (len(fourth) == 1 and fourth[0] in _written(address)):
        yield f"it would go to {address}, and a fourth parser reads {fourth}"


def _written(address: str) -> set[str]:
    """How the mail may have written this address: its domain in its own letters, its local part in quotes."""
    local, _, domain = address.rpartition("@")
    return {f"{part}@{name}" for part in (local, f'"{local}"') for name in (domain, idna.decode(domain))}


def _from_fields(raw: bytes) -> list[bytes]:
    """The values of the From fields by the raw lines alone, unfolded."""
    lines = re.split(rb"\r\n|\r|\n", raw)
    while lines and (not lines[0] or lines[0].startswith((b"From ", b">From "))):
        lines.pop(0)
    head = lines[: lines.index(b"")] if b"" in lines else lines
    fields: list[bytes] = []
    for line in head:
        if line[:1] in {b" ", b"\t"} and fields:
            fields[-1] += b" " + line.strip()
        else:
            fields.append(line)
    return [field.partition(b":")[2] for field in fields if re.match(rb"(?i)from[ \t]*:", field)]


def _fourth_opinion(value: bytes) -> list[str] | None:
    """What the standard library's other parser reads; None where it fails itself, as it does on some display names."""
    try:
        field = HeaderRegistry()("From", " ".join(value.decode("utf-8", "replace")[:2000].split()))
    except (AttributeError, IndexError):
        return None
    return [address.addr_spec.lower() for address in field.addresses]


def _joins_its_own(found: Explained) -> Iterator[str]:
    if found.hijack and found.hijack.end == "joined" and not found.message.bounce:
        yield f"it would join a stranger's case {found.hijack.case_id}"


def _nothing_automatic(found: Explained) -> Iterator[str]:
    if found.mutant.mark and found.decision.reply:
        yield f"it would be answered, and begins with {found.mutant.mark!r}"


def _told_to_the_vouched(found: Explained) -> Iterator[str]:
    reply = found.decision.reply
    if reply is None or found.house.trust.authserv_id is None:
        return
    verified = found.decision.sender.verdict == "verified"
    if verified and not found.mutant.vouched:
        yield "nobody vouched for its sender, who counts as verified"
    if not verified and (reply.variant != "unverified" or reply.scope):
        yield f"its sender is {found.decision.sender.verdict} and would hear {reply.variant!r}, scope {reply.scope}"


def _exact_header(found: Explained) -> Iterator[str]:
    if found.owed is None:
        return
    raw, read = found.owed.raw, _received(found.owed.raw)
    names = [name for name, _ in read.items()]
    if set(names) - _THREAD != _FIELDS or len(names) != len(set(names)) or len(set(names) & _THREAD) == 1:
        yield f"its fields are {names}"
    if read.defects or read.is_multipart():
        yield f"a parser finds it wrong: {read.defects}"
    if read["To"] != found.owed.to[0] or read["Auto-Submitted"] != "auto-replied":
        yield f"it says To: {read['To']}, Auto-Submitted: {read['Auto-Submitted']}"
    thread = [value for name in _THREAD for value in read.get_all(name, [])]
    answered = found.message.message_id
    if any(not _MSG_ID.fullmatch(value) or value != f"<{answered}>" for value in thread):
        yield f"it answers {thread[:2]}"
    yield from _sendable(raw, found.owed.to[0])


def _sendable(raw: str, to: str = "") -> Iterator[str]:
    """RFC 6532 lets UTF-8 into a header; here the address of a reporter (`to`) alone may have it."""
    plain = raw.replace(f"To: {to}\r\n", "", 1) if to.isprintable() else raw
    if not plain.isascii() or "\0" in raw:
        yield "it is not ASCII, the recipient's address apart"
    if re.search(r"(?<!\r)\n|\r(?!\n)", raw):
        yield "it has a bare CR or LF"
    if max(map(len, raw.split("\r\n"))) > 998:
        yield "it has a line over 998 octets"


def _received(raw: str) -> Received:
    return email.message_from_string(raw)


def _nothing_of_theirs(found: Explained) -> Iterator[str]:
    """No word of theirs, but for their address and the id of their mail, which were looked at above."""
    if found.owed is None:
        return
    read = _received(found.owed.raw)
    said = [str(value) for name, value in read.items() if name not in {"To", *_THREAD}]
    said.append((read.get_payload(decode=True) or b"").decode("utf-8", "replace"))
    for word in (*found.mutant.markers, found.mutant.elsewhere):
        if word and word.lower() in "\n".join(said).lower():
            yield f"it repeats the sender's {word!r}"
    if hidden := _hidden(said[-1].replace("\r\n", "\n")):
        yield f"its text holds {hidden!r}"


RULES: dict[str, Callable[[Explained], Iterator[str]]] = {
    "equal-twice": _equal_twice,
    "equal-apart": _equal_apart,
    "quick": _quick,
    "lean": _lean,
    "limits": _limits,
    "unicode": _unicode,
    "plain": _plain,
    "json": _json,
    "one-end": _one_end,
    "one-recipient": _one_recipient,
    "joins-its-own": _joins_its_own,
    "nothing-automatic": _nothing_automatic,
    "told-to-the-vouched": _told_to_the_vouched,
    "exact-header": _exact_header,
    "nothing-of-theirs": _nothing_of_theirs,
}


def digest_breaches(digest: Digest, owed: Owed) -> Iterator[tuple[str, str]]:
    """The same for the digest of many mutants: what the team reads, in all its parts."""
    read = _received(owed.raw)
    tree = ["multipart/alternative", "text/plain", "text/html"]
    meant = ["multipart/mixed", *tree, "text/calendar"] if digest.calendar else tree
    yield from (("digest", wrong) for wrong in _sendable(owed.raw))
    if read.defects or [part.get_content_type() for part in read.walk()] != meant:
        yield "digest", f"its parts are {[part.get_content_type() for part in read.walk()]}, defects {read.defects}"
        return
    leaves = (part for part in read.walk() if not part.is_multipart())
    text, page, *week = (part.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n") for part in leaves)
    if hidden := _hidden("".join((text, page, *week))):
        yield "digest", f"it holds {hidden!r}"
    if link := re.search(r"(?:https?://|www\.|mailto:)[^\n]{0,60}", text, re.IGNORECASE):
        yield "digest", f"it holds a link that a mail client would open: {link[0]!r}"
    looked = _Page()
    looked.feed(page)
    if looked.strange:
        yield "digest", f"its page holds {looked.strange[:3]}"
    if not digest.state or len(digest.state) > 200:
        yield "digest", f"its state is {digest.state[:80]!r}"


class _Page(HTMLParser):
    """What stands in a page that no template of ours put there."""

    def __init__(self) -> None:
        super().__init__()
        self.strange: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs if name.startswith("on") or name in {"src", "href"}]
        if tag not in _TAGS or names:
            self.strange.append(f"<{tag} {names}>")
