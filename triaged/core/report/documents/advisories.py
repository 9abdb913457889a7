"""Advisories whose fields stand at fixed places.

OSV (schema 1.6), GitHub's REST form, CVE records (version 5), and the vulnerabilities of CycloneDX (1.4 and later).
"""

from collections.abc import Callable
from dataclasses import dataclass

from triaged.core.policy.rules import SectionName
from triaged.core.report.documents.bounded import Json, at, items_at, texts
from triaged.core.report.documents.told import Paths, Told, facts_at, joined


@dataclass(frozen=True, slots=True)
class _Form:
    """Where a form has what."""

    says: str
    is_it: Callable[[Json], bool]
    title: str
    """A path, as all that follow."""
    sections: tuple[tuple[SectionName, tuple[str, ...]], ...]
    facts: Paths

    def __call__(self, document: Json) -> Told | None:
        """What a document of this form tells; None of any other."""
        if not self.is_it(document):
            return None
        sections = tuple(
            (name, joined(*(text for path in paths for text in texts(document, path)))) for name, paths in self.sections
        )
        title = next(iter(texts(document, self.title)), "")
        return Told(self.says, title, sections, tuple(facts_at(document, self.facts)))


osv = _Form(
    "an OSV entry",
    lambda it: bool(texts(it, "id") and (items_at(it, "affected") or texts(it, "schema_version"))),
    "summary",
    (("description", ("details", "summary")),),
    (
        ("id", "id"),
        ("id", "aliases"),
        ("weakness", "database_specific.cwe_ids"),
        ("severity", "severity.*.score"),
        ("severity", "affected.*.severity.*.score"),
        ("package", "affected.*.package.name"),
        ("version", "affected.*.versions"),
        ("version", "affected.*.ranges.*.events.*.introduced"),
        ("version", "affected.*.ranges.*.events.*.fixed"),
        ("version", "affected.*.ranges.*.events.*.last_affected"),
        ("url", "references.*.url"),
    ),
)
ghsa = _Form(
    "a GitHub advisory",
    lambda it: bool(texts(it, "description") and (texts(it, "ghsa_id") or texts(it, "vulnerabilities.*.package.name"))),
    "summary",
    (("description", ("description",)),),
    (
        ("id", "ghsa_id"),
        ("id", "cve_id"),
        ("weakness", "cwe_ids"),
        ("weakness", "cwes.*.cwe_id"),
        ("severity", "cvss.vector_string"),
        ("severity", "cvss_vector_string"),
        ("severity", "cvss_severities.cvss_v4.vector_string"),
        ("severity", "cvss_severities.cvss_v3.vector_string"),
        ("package", "vulnerabilities.*.package.name"),
        ("version", "vulnerabilities.*.vulnerable_version_range"),
        ("version", "vulnerabilities.*.first_patched_version"),
        ("version", "vulnerabilities.*.patched_versions"),
        ("function", "vulnerabilities.*.vulnerable_functions"),
        ("url", "references"),
    ),
)
cve = _Form(
    "a CVE record",
    lambda it: bool(texts(it, "containers.cna.descriptions.*.value")),
    "containers.cna.title",
    (
        ("description", ("containers.cna.descriptions.*.value",)),
        ("steps", ("containers.cna.exploits.*.value",)),
        ("impact", ("containers.cna.impacts.*.descriptions.*.value",)),
    ),
    (
        ("id", "cveMetadata.cveId"),
        ("weakness", "containers.cna.problemTypes.*.descriptions.*.cweId"),
        ("severity", "containers.cna.metrics.*.cvssV4_0.vectorString"),
        ("severity", "containers.cna.metrics.*.cvssV3_1.vectorString"),
        ("severity", "containers.cna.metrics.*.cvssV3_0.vectorString"),
        ("package", "containers.cna.affected.*.packageName"),
        ("package", "containers.cna.affected.*.product"),
        ("version", "containers.cna.affected.*.versions.*.version"),
        ("version", "containers.cna.affected.*.versions.*.lessThan"),
        ("version", "containers.cna.affected.*.versions.*.lessThanOrEqual"),
        ("url", "containers.cna.references.*.url"),
    ),
)
cyclonedx = _Form(
    "a CycloneDX document",
    lambda it: at(it, "bomFormat") == "CycloneDX" and bool(items_at(it, "vulnerabilities")),
    "metadata.component.name",
    (
        ("description", ("vulnerabilities.*.description", "vulnerabilities.*.detail")),
        ("steps", ("vulnerabilities.*.proofOfConcept.reproductionSteps",)),
    ),
    (
        ("id", "vulnerabilities.*.id"),
        ("id", "vulnerabilities.*.references.*.id"),
        ("severity", "vulnerabilities.*.ratings.*.vector"),
        ("package", "metadata.component.name"),
        ("version", "vulnerabilities.*.affects.*.versions.*.version"),
        ("url", "vulnerabilities.*.advisories.*.url"),
    ),
)
