"""Advisories and VEX of a vendor or coordinator: CSAF 2.0 with all its profiles."""

from collections.abc import Iterator

from triaged.core.report.documents.bounded import Json, items_at, text_at, texts
from triaged.core.report.documents.told import Paths, Told, facts_at, joined
from triaged.core.report.report import FactKind

_DESCRIBING = frozenset({"description", "summary", "details", "general"})
_FACTS: Paths = (
    ("id", "vulnerabilities.*.cve"),
    ("id", "vulnerabilities.*.ids.*.text"),
    ("weakness", "vulnerabilities.*.cwe.id"),
    ("severity", "vulnerabilities.*.scores.*.cvss_v3.vectorString"),
    ("severity", "vulnerabilities.*.scores.*.cvss_v2.vectorString"),
    ("url", "vulnerabilities.*.references.*.url"),
)
_PRODUCTS: dict[str, FactKind] = {
    "product_name": "package",
    "product_version": "version",
    "product_version_range": "version",
}


def csaf(document: Json) -> Told | None:
    """A CSAF document, of whatever category."""
    if not text_at(document, "document", "csaf_version"):
        return None
    flaws = items_at(document, "vulnerabilities")
    notes = [*items_at(document, "document", "notes"), *(note for flaw in flaws for note in items_at(flaw, "notes"))]
    described = joined(*(text_at(note, "text") for note in notes if text_at(note, "category") in _DESCRIBING))
    threats = (threat for flaw in flaws for threat in items_at(flaw, "threats"))
    impact = joined(*(text_at(threat, "details") for threat in threats if text_at(threat, "category") == "impact"))
    title = next(iter((*texts(document, "document.title"), *texts(document, "vulnerabilities.*.title"))), "")
    facts = (*facts_at(document, _FACTS), *_products(document))
    return Told("a CSAF document", title, (("description", described), ("impact", impact)), facts)


def _products(document: Json) -> Iterator[tuple[FactKind, str]]:
    """The names and versions in the tree of products, which has any depth."""
    waiting = items_at(document, "product_tree", "branches")
    for branch in waiting:
        if kind := _PRODUCTS.get(text_at(branch, "category")):
            yield kind, text_at(branch, "name")
        waiting += items_at(branch, "branches")
