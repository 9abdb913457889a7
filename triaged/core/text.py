"""Make a stranger's text safe to show: one line, with no raw control, bidirectional or invisible character."""

import re
import unicodedata

# Cc: terminal escapes, NUL, C1. Cf: bidi overrides (Trojan Source), zero-width, tag characters. Cs: lone surrogates,
# which no encoder takes. Co, Cn: what no font shows. Zl, Zp: line breaks that `splitlines` sees and people do not.
_FORMS = ((2, "\\x{:02x}"), (4, "\\u{:04x}"), (8, "\\U{:08x}"))
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that are invisible; the last range has been used to smuggle whole texts.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(map(chr, range(0xE0100, 0xE01F0)))

# An escape of ours is no part of the word behind it.
_WORD = re.compile(r"\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z]")
_LOOKALIKE = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
# Whatever mail clients, chats and terminals turn into links, anywhere in a text. A full stop between two word characters joins
# the labels of a host name; IDNA and NFKC treat the other signs as full stops too.
_STOP = re.compile("[.\u3002\uff0e\uff61\u2024\ufe52\ufe12]")
_HTTP = re.compile(r"http(s?)(?=:)", re.IGNORECASE)
# The end of a scheme (RFC 3986 section 3.1). A colon before white space is ordinary punctuation.
_SCHEME = re.compile(r"((?i:mailto)|[A-Za-z][0-9+.-]*(?=[:\uff1a](?!\s)))([:\uff1a])")
# What a terminal opens: a scheme before two slashes, a scheme that needs none, a host name with a usual beginning.
_OPENED = re.compile(
    r"(?<=mailto):|(?<=javascript):|(?<=data):|(?<=tel):|(?<=sms):|:(?=//)|(?<=\bwww)\.", re.IGNORECASE
)
_SLASH = re.compile(r"(?<=[/\\\uff0f\uff3c])[/\\\uff0f\uff3c]")
_AT = re.compile(r"(?<!\[)[@\uff20\ufe6b]|[@\uff20\ufe6b](?!\])")
_INNER = frozenset("-_~%+&=#$")

# The rest of a word that the cut goes through; where nothing separates words (Chinese), everything stays.
_CUT_BEFORE = re.compile(r"^\S*\s")
_CUT_AFTER = re.compile(r"\s\S*$")


def lowered(text: str) -> str:
    """Lower-case the text without moving any character: one whose lower case is two characters stays as it is."""
    whole = text.lower()
    return (
        whole if len(whole) == len(text) else "".join(low if len(low := char.lower()) == 1 else char for char in text)
    )


def visible(text: str, limit: int = 200) -> str:
    r"""Show `text` on one line of at most `limit` characters, with hidden characters escaped like `\u202e`.

    Whitespace runs fold to one space; what is cut off is marked with an ellipsis. The result is printable in a
    terminal, a log line and, once HTML-escaped, in a page.
    """
    # Cut first, generously: a Subject of a megabyte must not cost the escaping of a megabyte.
    folded = " ".join(text[: limit * 8].split())
    if folded.isascii() and folded.isprintable():
        return folded if len(folded) <= limit else folded[: limit - 1] + "…"
    folded = folded[: limit + 1]
    if _LOOKALIKE.search(folded):
        folded = _WORD.sub(_unmixed, folded)[: limit + 1]
    if not is_visible(folded, len(folded)):
        folded = "".join(_escaped(char) if _hidden(char) else char for char in folded)
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"


def is_visible(text: str, limit: int = 200) -> bool:
    """True if the text is one line of at most `limit` characters without hidden characters."""
    return len(text) <= limit and text.isprintable() and _BLANKS.isdisjoint(text)


def quoted(text: str, start: int, end: int, *, around: int, limit: int) -> str:
    """Return the passage, made visible, with some of the whole words around it; at most `limit` characters."""
    end = min(end, start + limit)
    before, after = text[max(start - around, 0) : start], text[end : end + around]
    if start > around:
        before = _CUT_BEFORE.sub("", before)
    if end + around < len(text):
        after = _CUT_AFTER.sub("", after)
    return visible(before + text[start:end] + after, limit)


def visible_lines(text: str, limit: int = 200_000) -> str:
    """Like `visible` for text of many lines: line breaks and indentation stay, every other hidden character is escaped."""
    kept = text[:limit].replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char if char in "\n\t" or not _hidden(char) else _escaped(char) for char in kept)


def readable(text: str, limit: int = 1_000_000) -> str:
    """Make a stranger's text of many lines safe at a terminal: visible, and without links that open at a click.

    Code stays readable and host names stay as they are. Use this for a terminal only: mail programs and chats link more.
    """
    unlinked_lines = _OPENED.sub(_bracketed, _HTTP.sub(lambda http: f"hxxp{http[1].lower()}", text[:limit]))
    return visible_lines(_WORD.sub(_unmixed, unlinked_lines), limit)


def defanged(text: str, limit: int = 200) -> str:
    """Make a stranger's words safe to show the team: visible, no part a link, and no `>` that could mark a command of ours.

    At most `limit` characters. The JSON output has the exact words.
    """
    shown = unlinked(visible(text, limit)).replace(">", "›")
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def in_quotes(text: str, limit: int = 200) -> str:
    """Defang a stranger's words and put them in quotation marks that they cannot close; empty if they say nothing."""
    shown = defanged(text.replace('"', "'"), limit)
    return f'"{shown}"' if shown else ""


def unlinked(text: str) -> str:
    """Break everything that a mail client, a chat or a terminal turns into a link: `hxxps[:]/[/]evil[.]example`.

    Applying it twice changes nothing more.
    """
    # Full stops last: their pattern looks at the neighbouring characters, and brackets end a word like any other sign.
    text = _SCHEME.sub(r"\1[\2]", _HTTP.sub(lambda http: f"hxxp{http[1].lower()}", text))
    return _STOP.sub(_parted, _AT.sub(_bracketed, _SLASH.sub(_bracketed, text)))


def _bracketed(sign: re.Match[str]) -> str:
    return f"[{sign[0]}]"


def _parted(stop: re.Match[str]) -> str:
    before = stop.string[max(stop.start() - 1, 0) : stop.start()]
    after = stop.string[stop.end() : stop.end() + 1]
    starts_a_host = stop.string[max(stop.start() - 3, 0) : stop.start()].lower() == "www"
    return _bracketed(stop) if starts_a_host or (_of_a_word(before) and _of_a_word(after)) else stop[0]


def _of_a_word(char: str) -> bool:
    """True for letters, digits, marks and symbols of any script, and for signs that may adjoin a full stop in an address."""
    if not char or char.isascii():
        return char.isalnum() or char in _INNER
    return unicodedata.category(char)[0] in "LMNS"


def _unmixed(word: re.Match[str]) -> str:
    """Escape Cyrillic and Greek letters that pose as Latin ones in a word with Latin letters (homographs)."""
    letters = word[0]
    if not _LATIN.search(letters):
        return letters
    return _LOOKALIKE.sub(lambda char: _escaped(char[0]), letters)


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN or char in _BLANKS


def _escaped(char: str) -> str:
    code = ord(char)
    return next(form.format(code) for digits, form in _FORMS if code < 16**digits)
