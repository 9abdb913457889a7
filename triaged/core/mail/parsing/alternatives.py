"""Which of several alternatives is read (RFC 2046 section 5.1.4): what says the most, and more than one where they differ."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Letters of scripts that put no blank between words count one by one.
_WORD = re.compile(r"[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\u0e00-\u0e7f]|[^\W_]{2,60}")
_LINK = re.compile(r"\(?(?:https?://|mailto:)\S+")
_LEAST, _SHARE = 8, 0.3
"""So many words of one that are not in the other, and such a share of its own, make it another text."""
_FEW, _MOST_OF_IT = 2, 0.6
"""And so few of a short one say enough for it not to be passed over."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a part shows."""

    text: str = ""
    is_page: bool = False
    """True if it was made from HTML: then its lines are only roughly the writer's."""


def chosen(alternatives: Sequence[Shown]) -> tuple[Shown, bool]:
    """What is read of them, and whether they differ so much that several are.

    The last is the richest (RFC 2046) and what clients show; plain text is read in its place where it says as much, for
    its lines are the writer's own.
    """
    shown = [each for each in alternatives if each.text.strip()]
    if not shown:
        return Shown(), False
    words = {id(each): _words(each.text) for each in shown}
    richest = shown[-1]
    kept = [richest]
    for other in reversed(shown[:-1]):
        if all(_adds(words[id(other)], words[id(each)]) for each in kept):
            kept.append(other)
    plain = next((each for each in shown if not each.is_page and _says_it(words[id(each)], words[id(richest)])), None)
    if richest.is_page and plain is not None:
        kept = [plain, *(each for each in kept if each is not richest and each is not plain)]
    return Shown("\n\n".join(each.text for each in kept), any(each.is_page for each in kept)), len(kept) > 1


def _adds(words: frozenset[str], to: frozenset[str]) -> bool:
    """True if these words say much that those do not."""
    extra = len(words - to)
    return extra >= _LEAST and extra >= _SHARE * len(words)


def _says_it(plain: frozenset[str], richest: frozenset[str]) -> bool:
    """True if the plain text says what the richest does."""
    extra = len(richest - plain)
    return not _adds(richest, plain) and not (extra >= _FEW and extra >= _MOST_OF_IT * len(richest))


def _words(text: str) -> frozenset[str]:
    # A page names the targets of its links, which plain text need not.
    return frozenset(word.casefold() for word in _WORD.findall(_LINK.sub(" ", text)))
