"""What a static analysis found: SARIF 2.1.0 (OASIS)."""

from collections.abc import Iterator

from triaged.core.report.documents.bounded import Json, items_at, text_at, texts, texts_at
from triaged.core.report.documents.told import Paths, Told, facts_at, joined
from triaged.core.report.report import FactKind

_FACTS: Paths = (
    ("file", "runs.*.results.*.locations.*.physicalLocation.artifactLocation.uri"),
    ("function", "runs.*.results.*.locations.*.logicalLocations.*.fullyQualifiedName"),
    ("weakness", "runs.*.results.*.ruleId"),
)


def sarif(document: Json) -> Told | None:
    """A log of results; None where no run has any."""
    said = joined(*texts(document, "runs.*.results.*.message.text"))
    tools = texts(document, "runs.*.tool.driver.name")
    if not said or not tools:
        return None
    tags: Iterator[tuple[FactKind, str]] = (("weakness", tag) for tag in _tags(document))
    facts = (*facts_at(document, _FACTS), *tags)
    return Told("a SARIF log", f"Results of {tools[0]}", (("description", said),), facts)


def _tags(document: Json) -> list[str]:
    """Those of the rules that found something: a tool lists all the rules that it has."""
    spoken = set(texts(document, "runs.*.results.*.ruleId"))
    rules = (rule for run in items_at(document, "runs") for rule in items_at(run, "tool", "driver", "rules"))
    return [tag for rule in rules if text_at(rule, "id") in spoken for tag in texts_at(rule, "properties", "tags")]
