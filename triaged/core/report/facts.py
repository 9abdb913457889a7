"""The facts of a mail, each with the words it was found in: few of each kind, in the order of the text."""

from collections.abc import Iterable, Iterator

from triaged.core.mail.message import Message
from triaged.core.phrases import Phrasebook, words_of
from triaged.core.policy.policy import Policy
from triaged.core.report.declared import DECLARED, Said, said
from triaged.core.report.issues import count_issues
from triaged.core.report.pointers import POINTERS, Place
from triaged.core.report.report import Fact, FactKind, Facts
from triaged.core.text import quoted, visible

_SUBJECT = 1000
_TEXT = 100_000
_EACH = 8
_LOOKED_AT = 500
_VALUE = 200
_QUOTE = 100
_AROUND = 30


def words_in(message: Message, policy: Policy) -> Said:
    """The policy's words in what the reporter wrote, the subject first."""
    return said(f"{message.subject[:_SUBJECT]}\n{message.text[:_TEXT]}", policy.hints)


def read_facts(words: Said, policy: Policy) -> Facts:
    """What the text names and says."""
    found: list[Fact] = []
    for kind, pointed in POINTERS.items():
        found += _kept(kind, pointed(words.text), words.text)
    found += _kept("host", _named(policy.scopes.assets.hosts, words.text), words.text)
    found += _kept("package", _named(policy.scopes.assets.packages, words.text), words.text)
    found += _kept("model", _named(policy.scopes.assets.models, words.text), words.text)
    for kind, declared in DECLARED.items():
        found += _kept(kind, declared(words), words.text)
    found += _kept("known-issue", _known(policy, words.text), words.text)
    return Facts(tuple(_each_once(found)), count_issues(words.text))


def united(old: Facts, new: Facts) -> Facts:
    """The facts of two mails of one case; of each kind those of the first mail come first."""
    kinds = dict.fromkeys(fact.kind for fact in (*old.found, *new.found))
    both = (fact for kind in kinds for fact in (*old.of(kind), *new.of(kind)))
    return Facts(tuple(_each_once(both)), max(old.issues, new.issues))


def _kept(kind: FactKind, places: Iterable[Place], text: str) -> Iterator[Fact]:
    """The first few different values as facts. Not every place is looked at: a text may hold one thing a million times."""
    values: dict[str, tuple[int, int]] = {}
    for _, (value, start, end) in zip(range(_LOOKED_AT), places, strict=False):
        values.setdefault(value, (start, end))
        if len(values) == _EACH:
            break
    for value, (start, end) in values.items():
        yield Fact(kind, visible(value, _VALUE), quoted(text, start, end, around=_AROUND, limit=_QUOTE))


def _named(names: tuple[str, ...], text: str) -> Iterator[Place]:
    """Where the organisation's own names stand."""
    if names:
        yield from ((found.phrase, found.start, found.end) for found in Phrasebook(names).found(words_of(text)))


def _known(policy: Policy, text: str) -> Iterator[Place]:
    if policy.known_issues:
        for found in policy.known_phrases.found(words_of(text)):
            for issue in policy.known_issues:
                if found.phrase in issue.phrases:
                    yield issue.id, found.start, found.end


def _each_once(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Each kind's values once, and no more than a few of a kind."""
    counts: dict[FactKind, int] = {}
    seen: set[tuple[FactKind, str]] = set()
    for fact in facts:
        if (fact.kind, fact.value) not in seen and counts.get(fact.kind, 0) < _EACH:
            seen.add((fact.kind, fact.value))
            counts[fact.kind] = counts.get(fact.kind, 0) + 1
            yield fact
