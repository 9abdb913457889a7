"""Find the cases that may report the same finding, with a grade and the reasons in words. Cases are linked, never merged.

Each case has keys: what it attaches, names and says. An index from key to cases finds those that share a key, and only they
are compared. A pointer that very many share tells nothing and does not count. Beside what is graded so, up to three cases are
`similar`: they use the same rare words (`alike`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triaged.core.case.case import Case
from triaged.core.intake.alike import Alike, Similar
from triaged.core.intake.keys import HELD, Key, KeyKind, few_ids, keys_of, title_words
from triaged.core.policy.rules import KnownIssue
from triaged.core.report.places import names_a_place
from triaged.core.report.pointers import function_key, path_key
from triaged.core.report.report import Facts, Report
from triaged.core.report.shingles import likeness
from triaged.core.text import visible

Grade = Literal["strong", "medium", "weak", "similar"]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another case or a known issue that seems to be the same finding."""

    of: str
    """The id of the case or of the known issue."""
    grade: Grade
    why: tuple[str, ...]
    """The evidence, a few words each, the strongest first."""
    likeness: float = 0.0
    """By rare words, 0 to 1 (`alike`); 0 of a known issue."""


_IDENTICAL, _ALIKE, _REFRAMED = 0.8, 0.5, 0.25
_SHOWN = 10
_TITLE_SHARE = 0.5
_TELLING_ALWAYS = frozenset({"id", "band"})
"""Of these the first holders stay worth a look however many came after: a flood of one text."""
SURE: frozenset[Grade] = frozenset({"strong", "medium"})
"""The grades on which something may be said without a second look."""
_RANK: dict[Grade, int] = {"strong": 0, "medium": 1, "weak": 2, "similar": 2}
_SURE_PLACES: tuple[KeyKind, ...] = ("endpoint", "function", "source")
_ENDS: tuple[KeyKind, ...] = ("endpoint-end", "function-end")
_NAMES: dict[KeyKind, str] = {
    "endpoint": "endpoint",
    "function": "function",
    "source": "file",
    "endpoint-end": "endpoint",
    "function-end": "function",
}


class Duplicates:
    """An index of all cases; of only those comparable with `asked` if it is given, which takes hardly any memory."""

    def __init__(self, cases: Iterable[Case], asked: Iterable[Case] | None = None) -> None:
        cases, asked = tuple(cases), None if asked is None else tuple(asked)
        wanted = None if asked is None else {key for case in asked for key in keys_of(case)}
        self._alike = Alike(cases, asked)
        self._cases: dict[str, Case] = {}
        self._holders: defaultdict[Key, list[str]] = defaultdict(list)
        for case in cases:
            self._cases[case.id] = case
            for key in keys_of(case):
                if wanted is not None and key not in wanted:
                    continue
                holders = self._holders[key]
                # One more than are kept, so that it is known that there are too many.
                if len(holders) <= HELD[key[0]]:
                    holders.append(case.id)

    def of(self, case: Case) -> tuple[Duplicate, ...]:
        """The cases that seem to tell of the same finding, the surest first, then the likest, then the oldest; at most ten."""
        graded = {each.of: each for each in self._graded(case)}
        similar = {each.of: each for each in self._alike.of(case)}
        found = [self._shown(case, other, graded.get(other), similar.get(other)) for other in graded | similar]
        found.sort(key=self._rank)
        return tuple(found[:_SHOWN])

    def _graded(self, case: Case) -> Iterator[Duplicate]:
        shared: defaultdict[str, set[Key]] = defaultdict(set)
        for key in keys_of(case):
            holders = self._holders.get(key, ())
            if len(holders) <= HELD[key[0]] or key[0] in _TELLING_ALWAYS:
                for other in holders:
                    shared[other].add(key)
        shared.pop(case.id, None)
        for other, keys in shared.items():
            if duplicate := _judged(case, self._cases[other], keys):
                yield duplicate

    def _shown(self, case: Case, other_id: str, graded: Duplicate | None, similar: Similar | None) -> Duplicate:
        """What is told of a case that is graded, or else similar; of a closed one with what was decided then."""
        other = self._cases[other_id]
        words = f"both say {', '.join(visible(word, 40) for word in similar.both)}" if similar else ""
        why = graded.why if graded else (words,)
        closed = (f"closed: {visible(other.closing, 80)}",) if other.closed_at else ()
        likeness = similar.likeness if similar else self._alike.likeness(case, other)
        return Duplicate(other_id, graded.grade if graded else "similar", (*why, *closed), likeness)

    def _rank(self, each: Duplicate) -> tuple[int, float, datetime, str]:
        likeness = 0.0 if each.grade in SURE else round(each.likeness, 9)
        return _RANK[each.grade], -likeness, self._cases[each.of].received_at, each.of


def known_issues(report: Report, issues: Sequence[KnownIssue]) -> tuple[Duplicate, ...]:
    """The known issues that a report seems to be about, surest first."""
    found = [known for issue in issues if (known := _known(report, issue))]
    return tuple(sorted(found, key=lambda each: _RANK[each.grade]))


def _known(report: Report, issue: KnownIssue) -> Duplicate | None:
    facts = report.facts
    ids = few_ids(facts) & {name.upper() for name in issue.cve}
    said = [fact.quote for fact in facts.of("known-issue") if fact.value == issue.id]
    places = _places(facts) & _known_places(issue)
    why = (
        *(f"it names {name}" for name in sorted(ids)),
        *(f"it says: {quote}" for quote in said[:1]),
        *(f"it names the {_NAMES[kind]} {value}" for kind, value in sorted(places)),
    )
    kinds = bool(ids) + bool(said) + bool(places)
    if not kinds:
        return None
    sure: Grade = "medium" if ids or said or len(places) > 1 else "weak"
    return Duplicate(issue.id, "strong" if kinds > 1 else sure, why)


def _known_places(issue: KnownIssue) -> set[Key]:
    """A team may list a place that is too common to be a key among strangers' reports, such as /login."""
    return _plain_places(issue.endpoints, issue.functions)


def _places(facts: Facts) -> set[Key]:
    return _plain_places(facts.values("endpoint", "url"), facts.values("function"))


def _plain_places(endpoints: Iterable[str], functions: Iterable[str]) -> set[Key]:
    paths: set[Key] = {("endpoint", path_key(each, plain=True)) for each in endpoints}
    names: set[Key] = {("function", function_key(each, plain=True)) for each in functions}
    return {(kind, value) for kind, value in paths | names if value}


def _judged(case: Case, other: Case, shared: set[Key]) -> Duplicate | None:
    """What two cases have in common, graded."""
    alike = likeness(_signature(case), _signature(other))
    values = {kind: sorted(value for each, value in shared if each == kind) for kind in HELD}
    places = _shared_places(values)
    grade = _grade(case, other, values, places, alike)
    return Duplicate(other.id, grade, tuple(_why(case, values, places, alike))) if grade else None


def _grade(
    case: Case, other: Case, values: dict[KeyKind, list[str]], places: Sequence[Key], alike: float
) -> Grade | None:
    same_reporter, same_title = bool(values["reporter"]), bool(values["title"])
    ids = [] if _about_others(case, other) else values["id"]
    # A form that both filled in, and one reporter's habits, are alike whatever they tell of.
    told_apart = _other_flaw(case, other) or (not places and _both_name_places(case, other))
    reframed = same_reporter and bool(places or same_title or alike >= _REFRAMED) and not told_apart
    kinds = {kind for kind, _ in places if kind in _SURE_PLACES}
    if values["file"] or (ids and (places or same_title or alike >= _REFRAMED)):
        return "strong"
    if alike >= _IDENTICAL and not told_apart:
        return "strong"
    one_flaw = kinds and (same_title or (len(kinds) > 1 and not _other_flaw(case, other)))
    if ids or one_flaw or reframed or (alike >= _ALIKE and not told_apart and _borne_out(case, other, places)):
        return "medium"
    return "weak" if places or same_title or alike >= _ALIKE or values["id"] or values["opaque"] else None


def _shared_places(values: dict[KeyKind, list[str]]) -> list[Key]:
    """The places that both name; the end of one only where not all of it is the same."""
    whole: list[Key] = [(kind, value) for kind in _SURE_PLACES for value in values[kind]]
    named = [value for _, value in whole]
    return whole + [
        (kind, value) for kind in _ENDS for value in values[kind] if not any(value in each for each in named)
    ]


def _other_flaw(case: Case, other: Case) -> bool:
    """True if both name classes of flaw, and none in common."""
    mine, theirs = (frozenset(each.report.flaws) if each.report else frozenset() for each in (case, other))
    return bool(mine and theirs) and not mine & theirs


def _both_name_places(case: Case, other: Case) -> bool:
    return all(each.report is not None and names_a_place(each.report.facts) for each in (case, other))


def _borne_out(case: Case, other: Case, places: Sequence[Key]) -> bool:
    """True if more than their text says that both tell of one flaw: a place, the class of flaw, words of both titles."""
    flaws = [set(each.report.flaws) if each.report else set() for each in (case, other)]
    mine, theirs = (set(title_words(each.opening.subject)) for each in (case, other))
    titles = len(mine & theirs) >= _TITLE_SHARE * max(len(mine), len(theirs), 1)
    return bool(places or flaws[0] & flaws[1]) or titles


def _why(case: Case, values: dict[KeyKind, list[str]], places: list[Key], alike: float) -> Iterator[str]:
    for sha256 in values["file"][:1]:
        yield f"the same attachment, {visible(_filename(case, sha256), 40) or sha256[:8]}"
    if alike >= _IDENTICAL:
        yield f"nearly the same text ({alike:.0%} alike)"
    elif alike >= _REFRAMED:
        yield f"a similar text ({alike:.0%} alike)"
    yield from (f"both name {name}" for name in values["id"])
    yield from (f"both name {visible(name, 60)}" for name in values["opaque"][:2])
    yield from (f"both name the {_NAMES[kind]} {visible(value, 60)}" for kind, value in places[:3])
    if values["title"]:
        yield "the same title"
    if values["reporter"]:
        yield "the same reporter"


def _about_others(case: Case, other: Case) -> bool:
    """True if both titles name ids but share none: each case only mentions the subject of the other."""
    mine, theirs = _titled_ids(case), _titled_ids(other)
    return bool(mine and theirs) and not mine & theirs


def _titled_ids(case: Case) -> set[str]:
    ids = case.report.facts.values("id") if case.report else ()
    return {name for name in ids if name.lower() in case.opening.subject.lower()}


def _signature(case: Case) -> str:
    return case.report.signature if case.report else ""


def _filename(case: Case, sha256: str) -> str:
    return next(part.filename for mail in case.mails for part in mail.attachments if part.sha256 == sha256)
