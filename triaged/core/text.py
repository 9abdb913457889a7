"""A stranger's text made safe to show: one line, no control, bidirectional or invisible character left as itself."""

import re
import unicodedata

# Cc: terminal escapes, NUL, C1. Cf: bidi overrides (Trojan Source), zero-width, tag characters. Cs: lone surrogates,
# which no encoder takes. Co, Cn: what no font shows. Zl, Zp: line breaks that `splitlines` sees and people do not.
_FORMS = ((2, "\\x{:02x}"), (4, "\\u{:04x}"), (8, "\\U{:08x}"))
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that show nothing; the last range has carried whole texts unseen.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(map(chr, range(0xE0100, 0xE01F0)))

# An escape of ours is no part of the word behind it.
_WORD = re.compile(r"\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z]")
_LOOKALIKE = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
# What mail clients, chats and terminals make links of, wherever it stands. A full stop between two characters of words joins a
# host's labels; IDNA and NFKC take the other signs for one too.
_STOP = re.compile("[.\u3002\uff0e\uff61\u2024\ufe52\ufe12]")
_HTTP = re.compile(r"http(s?)(?=:)", re.IGNORECASE)
# The end of a scheme (RFC 3986 section 3.1). Before white space a colon ends a word of a sentence.
_SCHEME = re.compile(r"((?i:mailto)|[A-Za-z][0-9+.-]*(?=[:\uff1a](?!\s)))([:\uff1a])")
# What a terminal opens: a scheme before two slashes, one that needs none, a host that begins as most do.
_OPENED = re.compile(
    r"(?<=mailto):|(?<=javascript):|(?<=data):|(?<=tel):|(?<=sms):|:(?=//)|(?<=\bwww)\.", re.IGNORECASE
)
_SLASH = re.compile(r"(?<=[/\\\uff0f\uff3c])[/\\\uff0f\uff3c]")
_AT = re.compile(r"(?<!\[)[@\uff20\ufe6b]|[@\uff20\ufe6b](?!\])")
_INNER = frozenset("-_~%+&=#$")

# What is left of a word that an edge cuts; where nothing parts words (Chinese) all stays.
_CUT_BEFORE = re.compile(r"^\S*\s")
_CUT_AFTER = re.compile(r"\s\S*$")


def lowered(text: str) -> str:
    """The text in lower case, every character at its place: one whose lower case is two stays as it is."""
    whole = text.lower()
    return (
        whole if len(whole) == len(text) else "".join(low if len(low := char.lower()) == 1 else char for char in text)
    )


def visible(text: str, limit: int = 200) -> str:
    r"""Show `text` on one line of at most `limit` characters, its hidden characters escaped like `\u202e`.

    Whitespace runs fold to one space; what is cut off is marked with an ellipsis. The result is printable in a
    terminal, a log line and, once HTML-escaped, in a page.
    """
    # Cut before the work, generously: a megabyte of Subject must not cost a megabyte of escaping.
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
    """True if it is on one line, at most so long, and holds no hidden character."""
    return len(text) <= limit and text.isprintable() and _BLANKS.isdisjoint(text)


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


def readable(text: str, limit: int = 1_000_000) -> str:
    """A stranger's text of many lines for a person at a terminal: visible, and without links that it opens at a click.

    Code stays readable and hosts stay as they are. This is for a terminal alone: mail and chats make links of more.
    """
    unlinked_lines = _OPENED.sub(_bracketed, _HTTP.sub(lambda http: f"hxxp{http[1].lower()}", text[:limit]))
    return visible_lines(_WORD.sub(_unmixed, unlinked_lines), limit)


def defanged(text: str, limit: int = 200) -> str:
    """A stranger's words for the team: visible, no part of them a link, and no `>` that might begin a command of ours.

    At most `limit` characters. Whoever needs them as they were written has the JSON, which is exact.
    """
    shown = unlinked(visible(text, limit)).replace(">", "›")
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def in_quotes(text: str, limit: int = 200) -> str:
    """A stranger's words, defanged, between quotation marks that they cannot close; nothing where they say nothing."""
    shown = defanged(text.replace('"', "'"), limit)
    return f'"{shown}"' if shown else ""


def unlinked(text: str) -> str:
    """The text with all broken of which a mail client, a chat or a terminal makes a link: `hxxps[:]/[/]evil[.]example`.

    Done twice, it is the same as once.
    """
    # The stops last: they look at what stands beside them, and brackets part words as well as anything.
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
    """Letters, digits and marks of any script, pictures too, and what else may stand beside a full stop in an address."""
    if not char or char.isascii():
        return char.isalnum() or char in _INNER
    return unicodedata.category(char)[0] in "LMNS"


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
