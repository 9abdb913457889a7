"""The words that a text is known by when somebody tells the same thing in other words: all but the small ones, each once.

Nothing here knows which words are rare: that is counted over all cases when they are compared (`core/intake/alike`).
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from triaged.core.report.languages import SMALL_WORDS
from triaged.core.text import is_visible

MOST_TERMS = 160
"""So many words of a text are kept, the first ones: what a report is about stands at its beginning."""
LONGEST_TERM = 40
_SHORTEST, _SHORTEST_NUMBER, _STEM = 3, 4, 6
_LOOKED_AT = 6_000
_UNSPACED = re.compile(r"[⺀-\uffff]")


def terms_of(words: Iterable[str]) -> tuple[str, ...]:
    """The terms among a text's words (in lower case, as `core/phrases` cuts them), in order, each stem once.

    In scripts without spaces a term is two characters that stand side by side.
    """
    found: dict[str, str] = {}
    for term in _terms(islice(words, _LOOKED_AT)):
        if is_visible(term, LONGEST_TERM):
            found.setdefault(stem(term), term)
        if len(found) == MOST_TERMS:
            break
    return tuple(found.values())


def stem(term: str) -> str:
    """What the forms of one word share: its first letters. A name that holds figures or underscores is compared whole."""
    return term[:_STEM] if term.isalpha() else term


def _terms(words: Iterable[str]) -> Iterator[str]:
    before = ""
    for word in words:
        if _UNSPACED.fullmatch(word):
            character = word if word.isalnum() else ""
            if before and character:
                yield before + character
            before = character
            continue
        before = ""
        least = _SHORTEST_NUMBER if word.isdigit() else _SHORTEST
        if least <= len(word) <= LONGEST_TERM and word not in SMALL_WORDS:
            yield word
