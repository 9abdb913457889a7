"""Signs for and against a report's credibility, and what a person should know first: a checklist, never a score.

The CERT Guide to Coordinated Vulnerability Disclosure gives such indicators and says that they cannot be summed up. Bad grammar
is none of them. Nothing is decided on a hint: not whether a mail is answered, and not what it is.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from triaged.core.mail.message import Message
from triaged.core.phrases import Found
from triaged.core.policy.rules import WordList
from triaged.core.report.declared import Said
from triaged.core.report.documents.reading import Read
from triaged.core.report.report import FactKind, Hint, Report
from triaged.core.text import quoted, visible

_QUOTE = 100
_AROUND = 30
_LEAD = 600
_NEAR = 300
_MANY_FLAWS = 12
_MANY_SCANNERS = 3
_MANY_LABELS = 3
_HIDDEN_WORDS = 4

_RUNNABLE = re.compile(
    r"^[ \t]{0,12}(?:[$#>%][ \t]{1,3})?(?:(?:curl|wget|python3?|node|php|ruby|go run|cargo|gcc|clang|docker|sqlmap|"
    r"ffuf|nc)[ \t]{1,4}\S|"
    r"(?:GET|POST|PUT|PATCH|DELETE|OPTIONS) (?:/|https?://)|```|~~~|import \w|from [\w.]{1,60} import|#include|<script|def \w|"
    r"(?:const|let|var) \w{1,40} ?=|(?:user|human|prompt|me)[*_]{0,3} ?:)",
    re.MULTILINE | re.IGNORECASE,
)
# How the reports of scanners label their lines.
_LABEL = re.compile(
    r"^[ \t*#|-]{0,8}(plugin (?:id|output|name|family)|risk(?: factor)?|severity|confidence|cvss(?: base)?(?: score)?|synopsis|"
    r"solution|see also|"
    r"qid|alert|evidence|wasc id|cwe id|references?)[ \t*|]{0,4}:",
    re.MULTILINE | re.IGNORECASE,
)
_NUMBERED = re.compile(r"^[ \t]{0,12}(?:step )?[12][.):] ?\S", re.MULTILINE | re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,40}")
_PLACES: tuple[FactKind, ...] = ("endpoint", "function", "file")
_THINGS: tuple[FactKind, ...] = ("url", "host", "endpoint", "function", "file", "package", "version", "model", "id")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a hint is read from; each sign below gives the words that show it, or nothing."""

    message: Message
    words: Said
    report: Report
    documents: Sequence[Read]

    def fact(self, *kinds: FactKind) -> str:
        return next((fact.quote or fact.value for fact in self.report.facts.of(*kinds)), "")

    def around(self, found: Found | None) -> str:
        if found is None:
            return ""
        return quoted(self.words.text, found.start, found.end, around=_AROUND, limit=_QUOTE)

    def different(self, name: WordList) -> tuple[Found, ...]:
        """The words of that list, each where it stands first."""
        return tuple({found.phrase: found for found in reversed(self.words.of(name))}.values())


def read_hints(message: Message, words: Said, report: Report, documents: Sequence[Read] = ()) -> tuple[Hint, ...]:
    """Every hint on a report whose sections, verdict and facts have been read, in the order of the table."""
    return tuple(_spoken(_Reading(message, words, report, documents)))


def _spoken(reading: _Reading) -> Iterator[Hint]:
    for hint_id, side, says, sign in _TABLE:
        if quote := sign(reading):
            yield Hint(hint_id, side, says.format(issues=reading.report.facts.issues), quote)


def _reproducer(reading: _Reading) -> str:
    text = reading.words.text
    match = _RUNNABLE.search(text)
    if match is None and (numbered := _NUMBERED.findall(text)) and len(numbered) > 1:
        match = _NUMBERED.search(text)
    if match is None or not reading.report.has("steps"):
        return ""
    return visible(text[match.start() : match.start() + _QUOTE].strip().partition("\n")[0], _QUOTE)


def _vector(reading: _Reading) -> str:
    return next((fact.value for fact in reading.report.facts.of("severity") if "=" in fact.value), "")


def _nothing_named(reading: _Reading) -> str:
    """The beginning of a text that names nothing. Of a model's behaviour there is often no more to name than the behaviour."""
    report = reading.report
    on_a_model = report.verdict.scope == "model" or any(reason.scope == "model" for reason in report.verdict.reasons)
    if report.facts.of(*_THINGS) or on_a_model or not reading.message.text.strip():
        return ""
    return visible(reading.message.text, _QUOTE)


def _reward_first(reading: _Reading) -> str:
    report = reading.report
    shown = any(each.section == "steps" and each.present and not each.weak for each in report.sections)
    return "" if shown or report.facts.of(*_PLACES) else reading.fact("reward")


def _low_impact(reading: _Reading) -> str:
    """In the subject or the first sentences: further on they are beside the matter."""
    return reading.around(next((found for found in reading.words.of("low-impact") if found.start < _LEAD), None))


def _scanner(reading: _Reading) -> str:
    names = reading.different("scanner")
    labels = {match[1].lower() for match in _LABEL.finditer(reading.words.text)}
    dumped = len(names) >= _MANY_SCANNERS or (names and len(labels) >= _MANY_LABELS)
    return reading.around(names[-1]) if dumped else ""


def _stuffed(reading: _Reading) -> str:
    names = reading.different("flaws")
    shown = ", ".join(sorted(found.phrase.rstrip("*") for found in names))
    return visible(f"{len(names)} of them: {shown}", _QUOTE) if len(names) >= _MANY_FLAWS else ""


def _extortion(reading: _Reading) -> str:
    threats = reading.words.of("threat")
    return reading.around(threats[0]) if threats and reading.words.of("payment") else ""


def _orders(reading: _Reading) -> str:
    """An order to whoever judges, beside words that override a machine's instructions, or two orders."""
    orders = reading.words.of("orders")
    near = (
        order
        for order in orders
        for override in reading.words.of("override")
        if abs(order.start - override.start) < _NEAR
    )
    told = next(near, None) or (orders[0] if len(reading.different("orders")) > 1 else None)
    return reading.around(told)


def _hidden(reading: _Reading) -> str:
    hidden = reading.message.hidden
    return visible(hidden, _QUOTE) if len(_WORD.findall(hidden[:_LEAD])) >= _HIDDEN_WORDS else ""


def _two_texts(reading: _Reading) -> str:
    """The end of what was read: the text that most mail clients do not show."""
    return visible(reading.message.text[-_QUOTE:], _QUOTE) if reading.message.alternatives_differ else ""


def _several(reading: _Reading) -> str:
    return visible(reading.message.subject or reading.message.text, _QUOTE) if reading.report.facts.issues > 1 else ""


def _unread(reading: _Reading) -> str:
    refused = (f"{each.name}: {each.refused}" for each in reading.documents if each.refused)
    return visible("; ".join(refused), _QUOTE)


_LACKING = frozenset({"nothing-named", "reward-first"})


def united_hints(old: tuple[Hint, ...], new: tuple[Hint, ...]) -> tuple[Hint, ...]:
    """The hints on two mails of one case: what one mail lacks, the other may have."""
    both = {hint.id for hint in old} & {hint.id for hint in new}
    kept = {hint.id: hint for hint in (*new, *old) if hint.id not in _LACKING or hint.id in both}
    return tuple(kept[hint_id] for hint_id, _, _, _ in _TABLE if hint_id in kept)


_Sign = Callable[[_Reading], str]
_TABLE: tuple[tuple[str, Literal["for", "against", "note"], str, _Sign], ...] = (
    ("exploited", "note", "It says that attackers use it: legal clocks may run.", lambda it: it.fact("exploited")),
    ("extortion", "note", "It asks for payment and threatens: this is for legal and incident response.", _extortion),
    ("publication", "note", "The reporter names when they mean to publish.", lambda it: it.fact("publish")),
    ("several-issues", "note", "It reports {issues} separate issues in one mail: each may need a case.", _several),
    ("two-texts", "note", "Its plain text and its HTML differ: mail clients show only the latter.", _two_texts),
    ("assistance", "note", "The reporter says that a machine helped.", lambda it: it.fact("assistance")),
    ("unread-document", "note", "A document that came with it was not read as data; a person has to look.", _unread),
    ("reproducer", "for", "It gives steps that can be followed.", _reproducer),
    ("version", "for", "It names a version.", lambda it: it.fact("version", "package")),
    ("place", "for", "It names the exact endpoint, function or file.", lambda it: it.fact(*_PLACES)),
    ("tested", "for", "It says when it was tested.", lambda it: it.fact("tested")),
    ("vector", "for", "It gives a CVSS vector that is valid.", _vector),
    ("nothing-named", "against", "It names nothing affected: no host, path, version or model.", _nothing_named),
    ("reward-first", "against", "It asks about a reward and gives no detail.", _reward_first),
    ("low-impact", "against", "It is about something that is most often without impact by itself.", _low_impact),
    ("scanner", "against", "It looks like the output of a scanner.", _scanner),
    ("every-flaw", "against", "It names more kinds of flaw than one report is about.", _stuffed),
    ("orders", "against", "It gives orders to a machine that reads it; none here obeys.", _orders),
    ("hidden-text", "against", "Its HTML holds text that it does not show; that was not read as the report.", _hidden),
)
