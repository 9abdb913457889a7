"""A report's reading as lines for a person, for `explain` and `show`."""

from collections.abc import Iterable, Iterator

from triaged.cli.tables import marked
from triaged.core.case.events import Scanned
from triaged.core.intake.duplicates import Duplicate, Grade
from triaged.core.mail.domains import unicode_form
from triaged.core.mail.message import Attachment
from triaged.core.mail.sender import Sender
from triaged.core.plural import counted
from triaged.core.policy.rules import KnownIssue
from triaged.core.report.report import FactKind, Hint, Reason, Report
from triaged.core.text import defanged, in_quotes, visible

_QUOTED = 90
_FACTS_WIDE = 110
_SAID: tuple[FactKind, ...] = (
    "tested", "publish", "informed", "exploited", "reward", "payment", "threat", "credit", "assistance"
)  # fmt: skip
_VALUED: frozenset[FactKind] = frozenset({"tested", "publish", "credit"})
_MARKS = {"for": ("+", "green"), "against": ("-", "yellow"), "note": ("!", "red")}
_GRADE_COLOURS: dict[Grade, str] = {"strong": "red", "medium": "yellow", "weak": "cyan", "similar": "blue"}
_SCAN_COLOURS = {"clean": "green", "infected": "red", "unscanned": "yellow"}


def author(sender: Sender) -> str:
    """The sender. The address is exact, so it can be copied; `is_safe` has checked it. An IDN domain follows in Unicode."""
    domain = unicode_form(sender.address)
    also = f" ({defanged(domain, 80)})" if domain else ""
    return f"{defanged(sender.name, 80)} <{visible(sender.address)}>{also}".lstrip()


def reason_lines(reasons: Iterable[Reason]) -> Iterator[str]:
    """The rules that matched, what for, and on which words."""
    for reason in reasons:
        yield f"{reason.rule} [{reason.scope}, {reason.part}]: {defanged(reason.quote, _QUOTED)}"


def section_lines(report: Report) -> Iterator[str]:
    """Each section with the line that proves it."""
    for evidence in report.sections:
        lacking = marked("missing" if evidence.section in report.missing else "not found", "yellow")
        yield f"{evidence.section:<11} {defanged(evidence.quote, _QUOTED) if evidence.present else lacking}"


def detail_lines(report: Report) -> Iterator[str]:
    """Details that help with reports of its scope: the words that give each one, or that it may be asked for."""
    for shown in report.details:
        lacking = "not found; it would help" if shown.name in report.wanted else "not found"
        yield f"{shown.name:<15} {defanged(shown.quote, _QUOTED) if shown.quote else marked(lacking, 'yellow')}"


def fact_lines(report: Report) -> Iterator[str]:
    """The facts that the report names, one line for each kind, links defanged; then the reporter's own statements."""
    for kind in dict.fromkeys(fact.kind for fact in report.facts.found if fact.kind not in _SAID):
        values = ", ".join(fact.value for fact in report.facts.of(kind))
        yield f"{kind:<11} {defanged(values, _FACTS_WIDE)}"
    for kind in _SAID:
        for fact in report.facts.of(kind)[:1]:
            sure = f" ({fact.certainty})" if fact.certainty else ""
            value = f"{defanged(fact.value)}{sure}: " if kind in _VALUED else ""
            yield f"{kind:<11} {value}{defanged(fact.quote, _QUOTED)}"


def hint_lines(hints: Iterable[Hint]) -> Iterator[str]:
    """Signs for (+), against (-) and worth knowing (!), each with its words. They must not be added up."""
    for hint in hints:
        mark, colour = _MARKS[hint.side]
        yield f"{marked(mark, colour)} {hint.says.removesuffix('.')}: {in_quotes(hint.quote, _QUOTED)}"


def duplicate_lines(duplicates: Iterable[Duplicate]) -> Iterator[str]:
    """The cases that seem to report the same finding, how certain that is, and why."""
    for each in duplicates:
        why = defanged("; ".join(each.why), _FACTS_WIDE)
        yield f"{marked(f'{each.grade:<6}', _GRADE_COLOURS[each.grade])} {each.of}: {why}"


def known_lines(known: Iterable[Duplicate], issues: Iterable[KnownIssue]) -> Iterator[str]:
    """The known issues that the report seems to be about, and their status."""
    by_id = {issue.id: issue for issue in issues}
    for each in known:
        yield from duplicate_lines([each])
        yield f"       {visible(by_id[each.of].title, 60)}: {visible(by_id[each.of].standing, 80)}"


def attachment_line(part: Attachment) -> str:
    """The type of a part by its bytes, and warnings about opening it."""
    notes = "".join(f"; {marked(defanged(warning), 'red')}" for warning in part.warnings)
    size = counted(part.size, "byte")
    return f"{defanged(part.filename, 60)}  {defanged(part.media_type, 60)}, {size}, sha256 {part.sha256[:8]}{notes}"


def scan_line(scan: Scanned) -> str:
    """The scanner's verdict on a mail."""
    reason = f": {defanged(scan.reason)}" if scan.reason else ""
    return f"scanner: {marked(scan.verdict, _SCAN_COLOURS[scan.verdict])}{reason}"
