"""Which known cases tell of something similar, in whatever words: by the rare words and the places that both name.

Words are rare that few cases use, so what is in every report (a form's headings, "attacker", "request") weighs next to nothing.
That says "look here" and never "the same flaw": another flaw in the same place looks just so (`duplicates` grades).

A word's postings hold its latest cases only, and a lookup follows only the rarest words, so it costs the same among a
thousand cases and among a hundred thousand, whatever they look like.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from heapq import heappush, heappushpop, nlargest
from itertools import islice
from math import log, sqrt
from typing import NamedTuple

from triaged.core.case.case import Case
from triaged.core.phrases import words_of
from triaged.core.report.places import place_names
from triaged.core.report.terms import stem, terms_of

_HELD = 32
"""So many cases are kept for each mark, the latest: reports of one flaw come soon after each other."""
_FOLLOWED = 40
"""Of the marks of the case that is asked about, so many are followed, the heaviest."""
_WEIGHED = 48
"""Of the cases that share most, so many are compared in full."""
_SHOWN, _WORDS = 3, 4
_LEAST, _LEAST_WORDS = 0.05, 2
_TITLE, _PLACE = 1.5, 1.6
_TITLE_READ = 300
_COMMON = 0.5
"""A mark that a larger share of the cases has tells nothing, once there are cases enough to say so."""
_ENOUGH = 8

Mark = str
"""What a case is known by: the stem of a word, or `place:...`, `flaw:...`."""


@dataclass(frozen=True, slots=True)
class Similar:
    """Another case that tells of something similar."""

    of: str
    likeness: float
    """0 to 1, and the same from both sides: the cosine of what both are known by, rare marks weighing most."""
    both: tuple[str, ...]
    """The words that both say, the rarest first; at least one, at most four."""


class _Posting(NamedTuple):
    received: float
    case_id: str


class Alike:
    """All cases, to be asked about one; about `asked` alone where these are given, which takes far less memory."""

    def __init__(self, cases: Iterable[Case] = (), asked: Iterable[Case] | None = None) -> None:
        self._wanted = None if asked is None else frozenset(mark for case in asked for mark in _known_by(case))
        self._counts: Counter[Mark] = Counter()
        self._postings: dict[Mark, list[_Posting]] = {}
        self._cases: dict[str, Case] = {}
        for case in cases:
            self.add(case)

    def add(self, case: Case) -> None:
        """Take in one case more. What it is known by comes from its first text, so a case is added once."""
        if case.id in self._cases:
            return
        self._cases[case.id] = case
        posting = _Posting(case.received_at.timestamp(), case.id)
        marks = _known_by(case)
        self._counts.update(marks)
        for mark in marks if self._wanted is None else marks & self._wanted:
            holders = self._postings.setdefault(mark, [])
            if len(holders) < _HELD:
                heappush(holders, posting)
            else:
                heappushpop(holders, posting)

    def of(self, case: Case) -> tuple[Similar, ...]:
        """At most three cases, the likest first, then the oldest."""
        mine = _marks(case)
        weights = {mark: weight for mark in mine if (weight := self._rarity(mark))}
        shared: defaultdict[str, float] = defaultdict(float)
        for mark in nlargest(_FOLLOWED, weights, key=lambda mark: (mine[mark] * weights[mark], mark)):
            for posting in self._postings.get(mark, ()):
                shared[posting.case_id] += mine[mark] * weights[mark]
        shared.pop(case.id, None)
        nearest = nlargest(_WEIGHED, shared, key=lambda other: (shared[other], other))
        near = [(self._likeness(mine, _marks(self._cases[other])), self._cases[other]) for other in nearest]
        near.sort(key=lambda each: (-round(each[0], 9), each[1].received_at, each[1].id))
        found = (self._similar(likeness, case, other) for likeness, other in near if likeness >= _LEAST)
        return tuple(islice(filter(None, found), _SHOWN))

    def likeness(self, one: Case, other: Case) -> float:
        """How much two cases have in common, 0 to 1, the same from both sides; rare marks weigh most (cosine)."""
        return self._likeness(_marks(one), _marks(other))

    def _likeness(self, mine: Mapping[Mark, float], theirs: Mapping[Mark, float]) -> float:
        both = sorted(mine.keys() & theirs.keys())
        dot = sum(mine[mark] * theirs[mark] * self._rarity(mark) ** 2 for mark in both)
        return dot / (self._length(mine) * self._length(theirs)) if dot else 0.0

    def _similar(self, likeness: float, case: Case, other: Case) -> Similar | None:
        both = {mark: rarity for mark in _known_by(case) & _known_by(other) if (rarity := self._rarity(mark))}
        words = tuple(islice(_shown(sorted(both, key=lambda mark: (-both[mark], mark)), case, other), _WORDS))
        return Similar(other.id, likeness, words) if len(words) >= _LEAST_WORDS else None

    def _length(self, marks: Mapping[Mark, float]) -> float:
        return sqrt(sum((weight * self._rarity(mark)) ** 2 for mark, weight in sorted(marks.items())))

    def _rarity(self, mark: Mark) -> float:
        """How much it tells that a case has this mark: nothing where very many have it."""
        known, having = len(self._cases), self._counts[mark]
        if known >= _ENOUGH and having > _COMMON * known:
            return 0.0
        return log((known + 1.5) / (having + 0.5)) if having else log(known + 1.5)


def _marks(case: Case) -> dict[Mark, float]:
    """What the case is known by, each with how much its place in the report makes it weigh."""
    title = set(map(stem, _title_terms(case)))
    return {mark: _weight(mark, title) for mark in _known_by(case)}


def _weight(mark: Mark, title: AbstractSet[str]) -> float:
    if mark.startswith("place:"):
        return _PLACE
    return _TITLE if mark in title else 1.0


def _known_by(case: Case) -> frozenset[Mark]:
    words = map(stem, _terms(case))
    if case.report is None:
        return frozenset(words)
    places = (f"place:{name}" for name in place_names(case.report.facts))
    return frozenset((*words, *places, *(f"flaw:{name}" for name in case.report.flaws)))


def _terms(case: Case) -> Iterable[str]:
    """The terms of the case's first text; of one read before terms were kept, those of its subject and its quotes."""
    if case.report is None:
        return _title_terms(case)
    quotes = " ".join(each.quote for each in case.report.sections)
    return case.report.terms or (*_title_terms(case), *terms_of(words_of(quotes).words))


def _title_terms(case: Case) -> tuple[str, ...]:
    return terms_of(words_of(case.opening.subject[:_TITLE_READ]).words)


def _shown(marks: Sequence[Mark], case: Case, other: Case) -> Iterator[str]:
    """The marks as words: of two forms of one word the shorter."""
    mine, theirs = ({stem(term): term for term in _terms(each)} for each in (case, other))
    said: set[str] = set()
    for mark in marks:
        word = (
            min(mine[mark], theirs[mark], key=lambda term: (len(term), term))
            if mark in mine
            else mark.partition(":")[2]
        )
        if word not in said:
            said.add(word)
            yield word
