"""The second reader: a learned table looks where the rules have found nothing, so that nobody is asked for what they wrote.

It reads sentence by sentence, and shows the sentence with the phrases that weigh most. Stuffing its phrases into a text can
only suppress a question.
"""

import re

from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import SectionName
from triaged.core.report.deeds import does, tells_how
from triaged.core.report.prose import Prose, Sentence
from triaged.core.report.report import Evidence
from triaged.core.report.traits import phrases_of
from triaged.core.tables import Table
from triaged.core.text import visible

# What is in every letter and in no section.
_POLITE = re.compile(
    r"\bI hope\b|\bfinds you well\b|\b(?:dear|regards|sincerely|thank you|thanks|looking forward|waiting for)\b|"
    r"\bat your disposal\b|\bhappy to\b|\bI will send\b|\b(?:bounty|reward)\b|[?]\W{0,3}$",
    re.IGNORECASE,
)
_SENTENCES = 150
_WORDS = 60
_LEAST_WORDS = 5
_QUOTE = 200
_DOES, _TELLS_NOTHING = 1.0, -0.9


def second_reading(section: SectionName, prose: Prose, policy: Policy) -> Evidence:
    """The sentence that reads most like this section by the table, if it reads enough like it; else nothing."""
    table = _table(section, policy)
    if table is None or not policy.reading.second_reader:
        return Evidence(section, "")
    least = policy.reading.least.get(section, 0.0)
    scored = (
        (total, -each.start, each, phrases)
        for each, phrases in prose.once(_phrased)
        if each.section in {None, section}
        and (total := _sum(phrases, table) + _acting(section, each, prose.whole)) >= least
        and not _POLITE.search(prose.whole, each.start, each.end)
    )
    best = max(scored, key=lambda each: each[:2], default=None)
    if best is None:
        return Evidence(section, "")
    sentence = best[2]
    phrases = table.heaviest(best[3], section)
    return Evidence(
        section,
        visible(prose.whole[sentence.start : sentence.end].strip(), _QUOTE),
        weak=True,
        phrases=tuple(visible(phrase, 40) for phrase in phrases),
        sum=round(best[0], 2),
    )


def _phrased(prose: Prose) -> tuple[tuple[Sentence, frozenset[str]], ...]:
    """The sentences that both tables read, each with its phrases."""
    read = (each for each in prose.sentences[:_SENTENCES] if len(each.words) >= _LEAST_WORDS)
    return tuple((each, phrases_of(each.words[:_WORDS])) for each in read)


def _sum(phrases: frozenset[str], table: Table) -> float:
    return next(iter(table.sums(phrases).values()))


def _acting(section: SectionName, sentence: Sentence, whole: str) -> float:
    """What it adds that a sentence acts: steps do, and a sentence that only says what is wrong is hardly one."""
    if section != "steps":
        return 0.0
    if does(sentence, whole):
        return _DOES
    return 0.0 if tells_how(sentence, whole) else _TELLS_NOTHING


def _table(section: SectionName, policy: Policy) -> Table | None:
    table = {"impact": policy.tables.impact, "steps": policy.tables.steps}.get(section)
    return table if table and table.classes else None
