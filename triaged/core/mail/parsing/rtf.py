"""Rich text (RTF 1.9.1) as Outlook writes it: its words, or the HTML that it encloses ([MS-OXRTFEX])."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from triaged.core.mail.parsing.charsets import decoded
from triaged.core.mail.parsing.codepages import label_of

_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32}(?:-?\d{1,10})?) ?|\\'(?P<letter>[0-9a-fA-F]{2})|\\(?P<sign>[^a-zA-Z'])|(?P<brace>[{}])|[\r\n]+"
    rb"|(?P<plain>[^\\{}\r\n]+)|\\",
    re.DOTALL,
)
_DEEPEST = 500
# What is no text of the document (section "Destinations"); `\*` marks more of them.
_ASIDE = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer headerl headerr headerf footerl footerr footerf footnote "
    b"themedata datastore fldinst nonshppict bkmkstart bkmkend listtable listoverridetable rsidtbl generator".split()
)
_SAYS = {
    b"par": "\n",
    b"line": "\n",
    b"sect": "\n",
    b"row": "\n",
    b"tab": "\t",
    b"cell": "\t",
    b"lquote": "\u2018",
    b"rquote": "\u2019",
    b"ldblquote": "\u201c",
    b"rdblquote": "\u201d",
    b"bullet": "\u2022",
    b"endash": "\u2013",
    b"emdash": "\u2014",
}
_SIGNS = {b"~": "\u00a0", b"_": "-", b"\n": "\n", b"\r": "\n"}
# \fcharset to code page (section "Font Table").
_FONT_PAGES = {
    0: 1252, 77: 10000, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256,
    186: 1257, 204: 1251, 222: 874, 238: 1250,
}  # fmt: skip


@dataclass(slots=True)
class _Group:
    """What holds until the next closing brace."""

    aside: bool = False
    fonts: bool = False
    suppressed: bool = False
    """True if it is RTF that stands for such HTML, and so says the same again."""
    page: int = 0
    """The code page of its font; 0 for the document's."""
    skip: int = 1
    """How many letters stand for a \\u in old readers."""
    starred: bool = False


@dataclass(slots=True)
class _Document:
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    out: list[str] = field(default_factory=list)
    octets: bytearray = field(default_factory=bytearray)
    """Of the letters that are waiting to be decoded together: one letter may be several octets."""
    page: int = 1252
    fonts: dict[int, int] = field(default_factory=dict)
    font: int = 0
    encloses_html: bool = False
    too_deep: int = 0
    """How many groups are open beyond the deepest that is followed."""
    unread: int = 0
    """How many letters the last \\u has already told."""

    @property
    def now(self) -> _Group:
        return self.groups[-1]

    def flush(self) -> None:
        if self.octets:
            self.out.append(decoded(bytes(self.octets), label_of(self.now.page or self.page)))
            self.octets.clear()

    def say(self, text: str) -> None:
        if not self.now.aside and not self.now.suppressed:
            self.flush()
            self.out.append(text)

    def letters(self, octets: bytes) -> None:
        told = min(self.unread, len(octets))
        self.unread -= told
        if not self.now.aside and not self.now.suppressed:
            self.octets += octets[told:]


def rtf_text(rtf: bytes) -> tuple[str, bool]:
    """The text of these octets, and whether it is HTML that the RTF encloses. Total and linear."""
    document = _Document()
    for token in _TOKEN.finditer(rtf):
        if token.lastgroup:
            _READ[token.lastgroup](document, token[token.lastgroup])
    document.flush()
    text = "".join(document.out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text, document.encloses_html


def _brace(document: _Document, brace: bytes) -> None:
    document.flush()
    document.unread = 0
    if brace == b"{" and len(document.groups) < _DEEPEST:
        document.groups.append(replace(document.now, starred=False))
    elif brace == b"{":
        document.too_deep += 1
    elif document.too_deep:
        document.too_deep -= 1
    elif len(document.groups) > 1:
        document.groups.pop()


def _sign(document: _Document, sign: bytes) -> None:
    if sign == b"*":
        document.now.starred = True
    elif sign in b"\\{}":
        document.letters(sign)
    elif sign in _SIGNS:
        document.say(_SIGNS[sign])


def _letter(document: _Document, code: bytes) -> None:
    document.letters(bytes([int(code, 16)]))


def _plain(document: _Document, letters: bytes) -> None:
    document.letters(letters)


def _word(document: _Document, token: bytes) -> None:
    word = token.rstrip(b"-0123456789")
    digits = token[len(word) :]
    now = document.now
    starred, now.starred = now.starred, False
    if word in _WORDS:
        _WORDS[word](document, int(digits or 1))
    elif starred or word in _ASIDE:
        document.flush()
        now.aside, now.fonts = True, now.fonts or word == b"fonttbl"
    elif word in _SAYS:
        document.say(_SAYS[word])


def _page(document: _Document, number: int) -> None:
    document.flush()
    document.page = number


def _font(document: _Document, number: int) -> None:
    document.flush()
    if document.now.fonts:
        document.font = number
    else:
        document.now.page = document.fonts.get(number, 0)


def _font_charset(document: _Document, number: int) -> None:
    if document.now.fonts and number in _FONT_PAGES:
        document.fonts[document.font] = _FONT_PAGES[number]


def _skip(document: _Document, number: int) -> None:
    document.now.skip = min(max(number, 0), 8)


def _unicode(document: _Document, number: int) -> None:
    document.say(chr(number % 0x10000))
    document.unread = document.now.skip


def _html_tag(document: _Document, _number: int) -> None:
    document.flush()
    document.now.aside = False


def _html_rtf(document: _Document, number: int) -> None:
    document.flush()
    document.now.suppressed = number != 0 and document.encloses_html


def _from_html(document: _Document, number: int) -> None:
    document.encloses_html = number != 0


_WORDS: dict[bytes, Callable[[_Document, int], None]] = {
    b"ansicpg": _page,
    b"f": _font,
    b"fcharset": _font_charset,
    b"uc": _skip,
    b"u": _unicode,
    b"htmltag": _html_tag,
    b"htmlrtf": _html_rtf,
    b"fromhtml": _from_html,
}

_READ: dict[str, Callable[[_Document, bytes], None]] = {
    "word": _word,
    "letter": _letter,
    "sign": _sign,
    "brace": _brace,
    "plain": _plain,
}
