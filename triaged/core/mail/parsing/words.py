"""Encoded words (RFC 2047), as leniently as clients read them, and raw octets in fields."""

import binascii
import re
from collections.abc import Iterator

from triaged.core.mail.parsing.charsets import decoded, decodes
from triaged.core.mail.parsing.transfer import base64_octets

_WORD = re.compile(r"=\?([^?\s=]{0,60})\?([BbQq])\?((?:[^?]|\?(?!=)){0,1000})\?=")
_BLANKS = re.compile(r"[ \t]*")
_WORDS = 100
_RAW = re.compile(r"[\x80-\x9f]|\x1b[$(]")
_LABEL_OF_RAW = ""


def in_clear(value: str | bytes) -> str:
    """A field's text with its encoded words decoded.

    Words of one charset that stand side by side are one text: many senders cut a letter in two. Each is decoded by itself
    where that can be done, for a stateful charset begins anew in each.
    """
    text = decoded(value) if isinstance(value, bytes) else _raw_as_meant(value)
    pieces, at, seen = [], 0, 0
    while seen < _WORDS and (first := _WORD.search(text, at)):
        run = list(_run(text, first))
        seen += len(run)
        pieces += [text[at : first.start()], _decoded_run(run)]
        at = run[-1].end()
    return "".join([*pieces, text[at:]])


def _raw_as_meant(value: str) -> str:
    """Octets that `read_fields` took for Latin-1, read again: C1 controls and escapes are never meant."""
    if _RAW.search(value) is None or any(char > "\xff" for char in value):
        return value
    return decoded(value.encode("latin-1"), _LABEL_OF_RAW)


def _run(text: str, first: re.Match[str]) -> Iterator[re.Match[str]]:
    """The word and those that follow it with nothing but blanks between."""
    word: re.Match[str] | None = first
    while word:
        yield word
        blanks = _BLANKS.match(text, word.end())
        word = _WORD.match(text, blanks.end() if blanks else word.end())


def _decoded_run(run: list[re.Match[str]]) -> str:
    texts = []
    for label, octets in _by_charset(run):
        alone = all(decodes(each, label) for each in octets)
        texts += [decoded(each, label) for each in octets] if alone else [decoded(b"".join(octets), label)]
    return "".join(texts)


def _by_charset(run: list[re.Match[str]]) -> Iterator[tuple[str, list[bytes]]]:
    """The octets of the words, those of neighbours in one charset together."""
    label = ""
    octets: list[bytes] = []
    for word in run:
        if octets and word[1].lower() != label:
            yield label, octets
            octets = []
        label = word[1].lower()
        octets.append(_octets(word))
    yield label, octets


def _octets(word: re.Match[str]) -> bytes:
    text = word[3].encode("utf-8", "replace")
    if word[2] in "Bb":
        return base64_octets(text)
    return binascii.a2b_qp(text, header=True)
