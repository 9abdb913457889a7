"""The walk over the tree of parts: what is the message, what is attached to it, what cannot be looked into.

Parts of multipart/mixed, and of every multipart that is not known, are read one after the other (RFC 2046 section 5.1.3);
alternatives by what they say; of related parts the root (RFC 2387). The root of the mail is the message, whatever it says of
itself; every other text is, unless it says that it is an attachment (RFC 2183).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from triaged.core.mail.message import Document, Seal
from triaged.core.mail.parsing.alternatives import Shown, chosen
from triaged.core.mail.parsing.charsets import decoded
from triaged.core.mail.parsing.cms import cms_content
from triaged.core.mail.parsing.documents import data_in, is_data, keep
from triaged.core.mail.parsing.filetype import OUTLOOK, UNKNOWN, display_name, media_type
from triaged.core.mail.parsing.flowed import unflowed
from triaged.core.mail.parsing.hidden import hidden_apart
from triaged.core.mail.parsing.html import text_of
from triaged.core.mail.parsing.outlook import EMBEDDED, is_winmail, opened
from triaged.core.mail.parsing.seals import seal_of
from triaged.core.mail.parsing.transfer import without_uuencoded
from triaged.core.mail.parsing.tree import MESSAGES, Node, mail_in, tree_of

_OCTETS = 2_000_000
_DEEPEST = 60
_SMALL, _SMALL_TOGETHER = 64 * 1024, 256 * 1024
# Text that is data, or is of another's making.
_NO_BODY = frozenset(
    "text/calendar text/vcard text/x-vcard text/directory text/css text/csv text/xml text/rtf text/rfc822-headers "
    "text/x-amp-html text/watch-html text/javascript text/x-vcalendar text/tab-separated-values".split()
)
_ODD_NAMES_OF_TEXT = frozenset("plain/text application/text text/text application/x-text".split())
_MARKUP = frozenset({"text/html", "application/xhtml+xml"})
_PAGE = re.compile(r"\s{0,200}<(?:!doctype html|html|head|body|meta)\b", re.IGNORECASE)
_ENRICHED = re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,40}>(?:<param>[^<]{0,200}</param>)?", re.IGNORECASE)
# A file in which people write, going by its ending.
_WRITTEN = frozenset("txt text md markdown mkd mkdn mdown rst adoc asciidoc org textile htm html xhtml".split())
_SAVED_MAIL = frozenset(
    "application/eml application/x-eml application/rfc822 message/x-eml message/eml message/rfc2822".split()
)
_FIELD = re.compile(rb"[\r\n]{0,8}(?:>?From [^\r\n]{1,200}[\r\n]{1,2})?[A-Za-z][A-Za-z0-9-]{1,60}[ \t]?:")
_UNTOLD = frozenset({"", UNKNOWN, "application/x-download", "application/download", "application/x-unknown"})


@dataclass(slots=True)
class Content:
    """What a mail holds."""

    text: str = ""
    """Its own text, quotations included."""
    enclosed: list[str] = field(default_factory=list)
    """The texts of the mails that are in it."""
    heads: list[bytes] = field(default_factory=list)
    """The headers of these, outermost first."""
    attached: list[str] = field(default_factory=list)
    """The texts of small attached files."""
    documents: list[Document] = field(default_factory=list)
    """Small attached files of data, and those of `attached`, each with its name."""
    attachments: list[Node] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    """What its pages do not show."""
    seals: list[Seal] = field(default_factory=list)
    differ: bool = False
    """True if its alternatives are texts of their own, so that several are read."""
    data: list[str] = field(default_factory=list)
    """Text that is data, read where there is no other."""
    unread: int = _OCTETS
    """So many octets of text may still be read; what is wrong in each of them costs time."""


def content_of(root: Node) -> Content:
    """Read the tree. Total."""
    content = Content()
    shown = _read(root, content, is_root=True)
    content.text = shown.text if shown.text.strip() or content.enclosed else "\n".join(content.data)
    return content


def _read(node: Node, content: Content, *, is_root: bool = False) -> Shown:
    if node.depth > _DEEPEST:
        content.attachments.append(node)
        return Shown()
    if node.kind.startswith("multipart/"):
        return _MULTIPARTS.get(node.kind, _mixed)(node, content) if node.children else _text(node, content)
    if node.kind in MESSAGES or _is_saved_mail(node):
        return _message(node, content, is_root=is_root)
    if node.kind == EMBEDDED:
        content.enclosed.append(_file(node, content, is_root=False).text)
        return Shown()
    if _is_body(node, is_root=is_root):
        if node.filename and (node.disposition == "attachment" or not is_root):
            content.attachments.append(node)
        return _text(node, content)
    return _file(node, content, is_root=is_root)


def _mixed(node: Node, content: Content) -> Shown:
    """One after the other; a winmail.dat says again what stands beside it, so it is read as an alternative to that."""
    shown = [(is_winmail(child), _read(child, content)) for child in node.children]
    packed = [each for is_packed, each in shown if is_packed]
    beside = _joined([each for is_packed, each in shown if not is_packed])
    if not packed:
        return beside
    both, differ = chosen([beside, *packed])
    content.differ = content.differ or differ
    return both


def _alternative(node: Node, content: Content) -> Shown:
    shown, differ = chosen([_read(child, content) for child in node.children])
    content.differ = content.differ or differ
    return shown


def _related(node: Node, content: Content) -> Shown:
    start = node.type_parameters.get("start", "").strip("<> ")
    root = next((child for child in node.children if start and child.content_id == start), node.children[0])
    shown = [_read(root, content)]
    for child in node.children:
        if child is root:
            continue
        if child.children or not child.content_id or not shown[0].text.strip():
            shown.append(_read(child, content))
        else:
            content.attachments.append(child)
    return _joined(shown)


def _report(node: Node, content: Content) -> Shown:
    """One part is for people; what it returns is another's mail (RFC 6522 section 3)."""
    for_people = next((child for child in node.children if not child.kind.startswith("message/")), None)
    others = [child for child in node.children if child is not for_people]
    content.attachments += [child for child in others if child.filename or child.disposition == "attachment"]
    return _read(for_people, content) if for_people else Shown()


def _encrypted(node: Node, content: Content) -> Shown:
    content.seals.append("smime" if "pkcs7" in node.type_parameters.get("protocol", "") else "openpgp")
    content.attachments += [leaf for leaf in node.leaves() if leaf.kind != "application/pgp-encrypted"]
    return Shown()


def _joined(shown: list[Shown]) -> Shown:
    texts = [each.text for each in shown if each.text.strip()]
    return Shown("\n\n".join(texts), any(each.is_page for each in shown))


def _message(node: Node, content: Content, *, is_root: bool) -> Shown:
    inner = mail_in(node)
    if not is_root:
        content.attachments.append(node)
    if inner is None:
        return Shown()
    content.heads.append(b"".join(name + b":" + value + b"\r\n" for name, value in inner.fields))
    shown = _read(inner, content, is_root=True)
    if is_root:
        return shown
    content.enclosed.append(shown.text)
    return Shown()


def _is_saved_mail(node: Node) -> bool:
    """True if it is an .eml file under another type, as Exchange and some gateways attach a mail."""
    if not node.filename.lower().rstrip(". ").endswith(".eml"):
        return False
    told = node.kind in _UNTOLD or node.kind in _SAVED_MAIL or node.kind.startswith("text/")
    return told and _FIELD.match(node.content) is not None


def _is_body(node: Node, *, is_root: bool) -> bool:
    is_text = node.kind.startswith("text/") or node.kind in _ODD_NAMES_OF_TEXT or node.kind in _MARKUP
    if is_root and node.kind in _UNTOLD and not node.filename:
        is_text = True
    said = node.disposition != "attachment" or is_root
    return is_text and node.kind not in _NO_BODY and said and not _is_binary(node)


def _is_binary(node: Node) -> bool:
    """True if its bytes are no text, whatever it is called."""
    head = node.content[:1024]
    return b"\0" in head and not node.type_parameters.get("charset") and media_type(node.content) != UNKNOWN


def _text(node: Node, content: Content) -> Shown:
    octets, files = without_uuencoded(node.content[: content.unread])
    content.unread -= len(octets)
    content.attachments += [Node(node.raw, UNKNOWN, [], 0, 0, filename=name, octets=held) for name, held in files]
    label = node.type_parameters.get("charset", "")
    is_page = node.kind in _MARKUP
    text = decoded(octets, label, page=is_page)
    if is_page or (node.kind == "text/plain" and _PAGE.match(text)):
        page, hidden = hidden_apart(text)
        content.hidden.append(hidden)
        return Shown(text_of(page), is_page=True)
    if node.type_parameters.get("format", "").lower() == "flowed":
        return Shown(unflowed(text, delete_space=node.type_parameters.get("delsp", "").lower() == "yes"))
    return Shown(_ENRICHED.sub("", text) if node.kind in {"text/enriched", "text/richtext"} else text)


def _file(node: Node, content: Content, *, is_root: bool) -> Shown:
    """A part that is no text of the message: opened where it is a signed one, else attached."""
    signed = cms_content(node.content)
    if signed is not None and node.depth < _DEEPEST:
        return _read(tree_of(signed, node.depth + 1), content, is_root=is_root)
    if is_winmail(node) and node.depth < _DEEPEST and (parts := opened(node)):
        content.attachments.append(node)
        return _read(parts, content)
    seal = seal_of(node.content, node.kind, node.filename) or ("tnef" if media_type(node.content) == OUTLOOK else "")
    if seal:
        content.seals.append(seal)
    elif is_data(node):
        keep(content.documents, data_in(node))
    elif node.kind in _NO_BODY and node.disposition != "attachment":
        content.data.append(_text(node, content).text)
    elif _is_written(node) and sum(map(len, content.attached)) < _SMALL_TOGETHER:
        content.attached.append(_text(node, content).text)
        keep(content.documents, Document(display_name(node.filename), content.attached[-1], is_data=False))
    if _is_listed(node):
        content.attachments.append(node)
    return Shown()


def _is_written(node: Node) -> bool:
    """True if it is a small file of text in which a person may have written."""
    if (
        len(node.content) > _SMALL
        or _is_binary(node)
        or media_type(node.content) not in {"text/plain", "text/html", UNKNOWN}
    ):
        return False
    ending = node.filename.rpartition(".")[2].lower()
    unnamed_text = "." not in node.filename and node.kind in {"text/plain", "text/html", "text/markdown"}
    return unnamed_text or ending in _WRITTEN


def _is_listed(node: Node) -> bool:
    """True if it is shown among the attachments: not what only tells software something."""
    if node.filename or node.disposition == "attachment":
        return True
    return not node.kind.startswith(("text/", "message/")) and node.kind != "application/pgp-encrypted"


_MULTIPARTS: dict[str, Callable[[Node, Content], Shown]] = {
    "multipart/alternative": _alternative,
    "multipart/related": _related,
    "multipart/report": _report,
    "multipart/encrypted": _encrypted,
}
