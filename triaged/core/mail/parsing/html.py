"""HTML to plain text in one pass over it: linear by construction, unlike the standard library's parser on 3.11.

Nothing is interpreted: tags end lines or words, scripts and comments go, links keep their target, entities are decoded.
"""

import html
import re

_LIMIT = 512 * 1024
_BLOCKS = frozenset(
    "address article aside blockquote br center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p "
    "pre section table tbody tfoot thead tr ul".split()
)
_CELLS = frozenset({"td", "th"})
# What a browser without scripts does not show. One that never ends takes the rest of the page with it, as it does there.
_DROPPED = {
    name: re.compile(f"</{name}", re.IGNORECASE | re.ASCII) for name in ("script", "style", "title", "template")
}
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,20})")
_HREF = re.compile(r"""\shref\s{0,9}=\s{0,9}["']?([^"'\s>]{1,2000})""", re.IGNORECASE)
_ALT = re.compile(r"""\salt\s{0,9}=\s{0,9}["']([^"']{1,300})["']""", re.IGNORECASE)
# A reference to a character that cannot be: `int` takes no more than 4,300 digits.
_NO_CHARACTER = re.compile(r"&#(?:[0-9]{20,}|[xX][0-9a-fA-F]{20,});?")
_SPACES = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n(?:[ \t]{0,200}\n){2,}")


def text_of(source: str) -> str:
    """The text that a reader of this page would see, roughly line by line; of what is over the limit, the beginning."""
    source = source[:_LIMIT]
    pieces: list[str] = []
    at = 0
    while at < len(source):
        opened = source.find("<", at)
        if opened < 0:
            pieces.append(_words(source[at:]))
            break
        pieces.append(_words(source[at:opened]))
        at = _after_tag(source, opened, pieces)
    text = html.unescape(_NO_CHARACTER.sub("\ufffd", "".join(pieces))).replace("\xa0", " ")
    lines = (line.strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _words(piece: str) -> str:
    return _SPACES.sub(" ", piece)


def _after_tag(source: str, opened: int, pieces: list[str]) -> int:
    """Take one tag, put down what it means for the text, and return where the text goes on."""
    if source.startswith("<!--", opened):
        return _behind(source, "-->", opened + 4)
    name_match = _NAME.match(source, opened + 1)
    if name_match is None:
        # No tag begins so: a "<" that somebody wrote, or a declaration.
        pieces.append("" if source[opened + 1 : opened + 2] in {"!", "?", "/"} else "<")
        return _behind(source, ">", opened + 1) if not pieces[-1] else opened + 1
    end = source.find(">", opened)
    if end < 0:
        return len(source)
    name, closing = name_match[1].lower(), source[opened + 1] == "/"
    if name in _DROPPED and not closing:
        ending = _DROPPED[name].search(source, end)
        return _behind(source, ">", ending.end()) if ending else len(source)
    pieces.append(_meaning(name, source[opened : min(end + 1, opened + 4000)], closing=closing))
    return end + 1


def _meaning(name: str, tag: str, *, closing: bool) -> str:
    if name in _BLOCKS:
        return "\n- " if name == "li" and not closing else "\n"
    if name in _CELLS:
        return " "
    if name == "a" and not closing and (link := _HREF.search(tag)) and link[1].startswith(("http", "mailto:")):
        return f"({link[1]}) "
    if name == "img" and (alt := _ALT.search(tag)):
        return f"[{alt[1]}]"
    return ""


def _behind(source: str, mark: str, start: int) -> int:
    at = source.find(mark, start)
    return len(source) if at < 0 else at + len(mark)
