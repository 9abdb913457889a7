"""A stranger's text made safe to show: one line, no control, bidirectional or invisible character left as itself."""

import re
import unicodedata

# Cc: terminal escapes, NUL, C1. Cf: bidi overrides (Trojan Source), zero-width, tag characters. Cs: lone surrogates,
# which no encoder takes. Co, Cn: what no font shows. Zl, Zp: line breaks that `splitlines` sees and people do not.
_FORMS = ((2, "\\x{:02x}"), (4, "\\u{:04x}"), (8, "\\U{:08x}"))
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that show nothing; the last range has carried whole texts unseen.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(map(chr, range(0xE0100, 0xE01F0)))

_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z]")
_LOOKALIKE = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
# Wherever it stands, for mail clients do not ask for a word's beginning; a host ends where the next link begins.
_LINK = re.compile(r"(?:http(s?)://|(www\.)|(mailto:))((?:(?!https?://|www\.|mailto:)[^\s/]){0,300})", re.IGNORECASE)

# What is left of a word that an edge cuts; where nothing parts words (Chinese) all stays.
_CUT_BEFORE = re.compile(r"^\S*\s")
_CUT_AFTER = re.compile(r"\s\S*$")


def visible(text: str, limit: int = 200) -> str:
    r"""Show `text` on one line of at most `limit` characters, its hidden characters escaped like `\u202e`.

    Whitespace runs fold to one space; what is cut off is marked with an ellipsis. The result is printable in a
    terminal, a log line and, once HTML-escaped, in a page.
    """
    # Cut before the work, generously: a megabyte of Subject must not cost a megabyte of escaping.
    folded = " ".join(text[: limit * 8].split())
    if folded.isascii() and folded.isprintable():
        return folded if len(folded) <= limit else folded[: limit - 1] + "…"
    folded = _WORD.sub(_unmixed, folded[: limit + 1])
    shown = "".join(_escaped(char) if _hidden(char) else char for char in folded[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def quoted(text: str, start: int, end: int, *, around: int, limit: int) -> str:
    """What stands there, made visible, with some of the whole words around it; at most `limit` characters."""
    end = min(end, start + limit)
    before, after = text[max(start - around, 0) : start], text[end : end + around]
    if start > around:
        before = _CUT_BEFORE.sub("", before)
    if end + around < len(text):
        after = _CUT_AFTER.sub("", after)
    return visible(before + text[start:end] + after, limit)


def visible_lines(text: str, limit: int = 200_000) -> str:
    """The same for text of many lines: line breaks and indentation stay, every other hidden character is escaped."""
    kept = text[:limit].replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char if char in "\n\t" or not _hidden(char) else _escaped(char) for char in kept)


def unlinked(text: str) -> str:
    """The text with its links written so that no mail client makes them clickable: `hxxps://evil[.]example`."""
    return _LINK.sub(_unlinked, text)


def _unlinked(link: re.Match[str]) -> str:
    secure, bare, mail, host = link.groups()
    scheme = "www[.]" if bare else "mailto[:]" if mail else f"hxxp{secure}://"
    return scheme + host.replace(".", "[.]")


def _unmixed(word: re.Match[str]) -> str:
    """A word of Latin letters in which Cyrillic or Greek ones pose as Latin (homographs), those escaped."""
    letters = word[0]
    if not _LATIN.search(letters):
        return letters
    return _LOOKALIKE.sub(lambda char: _escaped(char[0]), letters)


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN or char in _BLANKS


def _escaped(char: str) -> str:
    code = ord(char)
    return next(form.format(code) for digits, form in _FORMS if code < 16**digits)
