"""Which cases seem to tell of the same finding, how sure that is, and why in words. Cases are linked, never merged.

Each case has keys: what it attaches, names and says. Cases that share a key are looked at closely; an index from key to cases
makes that cheap however many there are. A pointer that very many share tells nothing, and is left out of account.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from triaged.core.case.case import Case
from triaged.core.mail.message import Attachment
from triaged.core.policy.rules import KnownIssue
from triaged.core.report.pointers import file_key, function_key, path_key
from triaged.core.report.report import Facts, Report
from triaged.core.report.shingles import bands, likeness
from triaged.core.text import visible

Grade = Literal["strong", "medium", "weak"]
KeyKind = Literal["file", "id", "endpoint", "function", "source", "title", "band", "reporter"]
Key = tuple[KeyKind, str]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another case, or an issue known already, that seems to be the same finding."""

    of: str
    """The id of the case, or of the known issue."""
    grade: Grade
    why: tuple[str, ...]
    """The evidence, a few words each, the strongest first."""


_IDENTICAL, _ALIKE, _REFRAMED = 0.8, 0.5, 0.25
_FEW_IDS = 3
"""A text that names more ids than this lists or compares them."""
_LEAST_FILE = 1024
_LEAST_PICTURE = 40_000
"""Smaller pictures are the logos of signatures."""
_TITLE_WORDS = 4
_SHOWN = 10
_HELD: dict[KeyKind, int] = {
    "file": 20,
    "id": 20,
    "endpoint": 8,
    "function": 8,
    "source": 8,
    "title": 8,
    "band": 20,
    "reporter": 50,
}
"""So many cases are kept for a key, the first ones."""
_TELLING_ALWAYS = frozenset({"id", "band"})
"""Of these the first holders stay worth a look however many came after: a flood of one text."""
_RANK: dict[Grade, int] = {"strong": 0, "medium": 1, "weak": 2}
_NAMES: dict[KeyKind, str] = {"endpoint": "endpoint", "function": "function", "source": "file"}
_PREFIX = re.compile(r"^(?:\s{0,5}(?:re|fwd?|aw|wg|sv|tr|rv|\[[^\]]{0,40}\])\s{0,3}:?\s{1,5}){1,5}", re.IGNORECASE)
_WORD = re.compile(r"\w{2,40}")


class Duplicates:
    """All cases, to be asked about one; about `asked` alone where these are given, which takes next to no memory."""

    def __init__(self, cases: Iterable[Case], asked: Iterable[Case] | None = None) -> None:
        wanted = None if asked is None else {key for case in asked for key in _keys(case)}
        self._cases: dict[str, Case] = {}
        self._holders: defaultdict[Key, list[str]] = defaultdict(list)
        for case in cases:
            self._cases[case.id] = case
            for key in _keys(case):
                if wanted is not None and key not in wanted:
                    continue
                holders = self._holders[key]
                # One more than are kept, so that it is known that there are too many.
                if len(holders) <= _HELD[key[0]]:
                    holders.append(case.id)

    def of(self, case: Case) -> tuple[Duplicate, ...]:
        """The cases that seem to tell of the same finding, the surest first, then the oldest; at most ten."""
        shared: defaultdict[str, set[Key]] = defaultdict(set)
        for key in _keys(case):
            holders = self._holders.get(key, ())
            if len(holders) <= _HELD[key[0]] or key[0] in _TELLING_ALWAYS:
                for other in holders:
                    shared[other].add(key)
        shared.pop(case.id, None)
        judged = (_judged(case, self._cases[other], keys) for other, keys in shared.items())
        found = [duplicate for duplicate in judged if duplicate]
        found.sort(key=lambda each: (_RANK[each.grade], self._cases[each.of].received_at, each.of))
        return tuple(found[:_SHOWN])


def known_issues(report: Report, issues: Sequence[KnownIssue]) -> tuple[Duplicate, ...]:
    """The issues known already that a report seems to be about, the surest first."""
    found = [known for issue in issues if (known := _known(report, issue))]
    return tuple(sorted(found, key=lambda each: _RANK[each.grade]))


def _known(report: Report, issue: KnownIssue) -> Duplicate | None:
    facts = report.facts
    ids = _few_ids(facts) & {name.upper() for name in issue.cve}
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
    """A team may name a place that is too plain for a key among strangers' reports, such as /login."""
    return _plain_places(issue.endpoints, issue.functions)


def _places(facts: Facts) -> set[Key]:
    return _plain_places(facts.values("endpoint", "url"), facts.values("function"))


def _plain_places(endpoints: Iterable[str], functions: Iterable[str]) -> set[Key]:
    paths: set[Key] = {("endpoint", path_key(each, plain=True)) for each in endpoints}
    names: set[Key] = {("function", function_key(each, plain=True)) for each in functions}
    return {(kind, value) for kind, value in paths | names if value}


def _judged(case: Case, other: Case, shared: set[Key]) -> Duplicate | None:
    """What two cases have in common, and what that is worth."""
    alike = likeness(_signature(case), _signature(other))
    values = {kind: sorted(value for each, value in shared if each == kind) for kind in _HELD}
    places = [(kind, value) for kind in _NAMES for value in values[kind]]
    same_reporter, same_title = bool(values["reporter"]), bool(values["title"])
    reframed = same_reporter and bool(places or same_title or alike >= _REFRAMED)
    ids = [] if _about_others(case, other) else values["id"]
    kinds = {kind for kind, _ in places}
    if values["file"] or alike >= _IDENTICAL or (ids and (places or same_title or alike >= _REFRAMED)):
        grade: Grade = "strong"
    elif ids or alike >= _ALIKE or len(kinds) > 1 or (places and same_title) or reframed:
        grade = "medium"
    elif places or same_title or values["id"]:
        grade = "weak"
    else:
        return None
    return Duplicate(other.id, grade, tuple(_why(case, values, places, alike)))


def _why(case: Case, values: dict[KeyKind, list[str]], places: list[Key], alike: float) -> Iterator[str]:
    for sha256 in values["file"][:1]:
        yield f"the same attachment, {visible(_filename(case, sha256), 40) or sha256[:8]}"
    if alike >= _IDENTICAL:
        yield f"nearly the same text ({alike:.0%} alike)"
    elif alike >= _REFRAMED:
        yield f"a similar text ({alike:.0%} alike)"
    yield from (f"both name {name}" for name in values["id"])
    yield from (f"both name the {_NAMES[kind]} {visible(value, 60)}" for kind, value in places[:3])
    if values["title"]:
        yield "the same title"
    if values["reporter"]:
        yield "the same reporter"


def _keys(case: Case) -> Iterator[Key]:
    """What a case may share with another; each key once."""
    yield from {("file", part.sha256): None for mail in case.mails for part in mail.attachments if _is_telling(part)}
    if case.reporter.address:
        yield "reporter", case.reporter.address.lower()
    if title := _title(case.opening.subject):
        yield "title", title
    if case.report is None:
        return
    facts = case.report.facts
    yield from (("id", name) for name in _few_ids(facts))
    yield from (("endpoint", key) for key in {path_key(each) for each in facts.values("endpoint", "url")} - {""})
    yield from (("function", key) for key in {function_key(each) for each in facts.values("function")} - {""})
    yield from (("source", key) for key in {file_key(each) for each in facts.values("file")} - {""})
    yield from (("band", band) for band in bands(case.report.signature))


def _is_telling(part: Attachment) -> bool:
    picture = part.media_type.startswith("image/") or part.claimed_type.startswith("image/")
    return part.size >= (_LEAST_PICTURE if picture else _LEAST_FILE)


def _few_ids(facts: Facts) -> frozenset[str]:
    ids = facts.values("id")
    return frozenset(name.upper() for name in ids) if len(ids) <= _FEW_IDS else frozenset()


def _title(subject: str) -> str:
    """The words of a subject in their order in the alphabet; empty where they are too few to tell anything."""
    words = sorted(set(_WORD.findall(_PREFIX.sub("", subject[:300]).lower())))
    return " ".join(words) if len(words) >= _TITLE_WORDS else ""


def _about_others(case: Case, other: Case) -> bool:
    """True if both titles name an id, and not the same: what one is about, the other only mentions."""
    mine, theirs = _titled_ids(case), _titled_ids(other)
    return bool(mine and theirs) and not mine & theirs


def _titled_ids(case: Case) -> set[str]:
    ids = case.report.facts.values("id") if case.report else ()
    return {name for name in ids if name.lower() in case.opening.subject.lower()}


def _signature(case: Case) -> str:
    return case.report.signature if case.report else ""


def _filename(case: Case, sha256: str) -> str:
    return next(part.filename for mail in case.mails for part in mail.attachments if part.sha256 == sha256)
