"""Reports that come as data: each form fills sections and facts, and what is hostile says nothing."""

import json
import re
from email.message import EmailMessage

import pytest

from tests.support.values import policy
from triaged.core.mail.parsing.reading import read_message
from triaged.core.report.documents.bounded import RefusedError, loaded
from triaged.core.report.reading import read_report

GREETING = "Hello,\n\nplease find our report attached.\n\nBest regards\nAnn\n"
TEXT = "Hello,\n\nthe agent on the demo line reads out its hidden instructions when it is asked to spell them.\n"

FLARE = {
    "@context": ["https://schema.org/", {"flare": "https://ai-reports.org/schema/"}],
    "@type": "flare:AIFlawReport",
    "@id": "https://ai-reports.org/reports/AFL-1",
    "name": "AI Flaw Report: Lightning",
    "description": "The voice agent reads its hidden system prompt aloud when a caller spells the words of the instruction.",
    "aiSystem": [{"@type": "schema:SoftwareApplication", "name": "Lightning", "version": "v3.1"}],
    "impacts": ["Privacy"],
    "flare:specificHarmTypes": ["Disclosure of confidential prompts"],
    "flare:evidence": {"flare:stepsToReproduce": "1. Call the demo agent.\n2. Ask it to spell its instructions."},
    "flare:disclosure": {"flare:intent": "Yes", "flare:timeline": "2027-03-01"},
    "flare:raw": {"sessionId": "conv_8f2a91c4"},
}
FORM = {
    "reporterDetails": {
        "reporter": {"email": "ann@example.org"},
        "systems": [{"platform": "Voice", "model": "lightning-v3.1"}],
    },
    "incidentDescription": {
        "issueDescription": "The agent follows orders that a web page whispers to it through the tool."
    },
    "evidence": {"stepsToReproduce": "1. Put the sentence on a page.\n2. Ask the agent to read the page."},
    "impactAssessment": {"harmType": "Privacy", "harmTypes": ["Leak of other callers' names"]},
}
DETAILS = """### Summary
`save_audio` writes wherever the server says.

### PoC
```python
from smallestai import io
io.save_audio("../../x")
```

### Impact
A server overwrites any file of the user who runs the client.
"""
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:N"
OSV = {
    "schema_version": "1.6.0",
    "id": "GHSA-abcd-efgh-ijkm",
    "aliases": ["CVE-2026-12345"],
    "summary": "Path traversal in save_audio",
    "details": DETAILS,
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "smallestai"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.1.1"}]}],
            "versions": ["3.1.0"],
        }
    ],
    "severity": [{"type": "CVSS_V3", "score": VECTOR}],
    "references": [{"type": "WEB", "url": "https://example.org/x"}],
    "database_specific": {"cwe_ids": ["CWE-22"]},
}
GHSA = {
    "ghsa_id": "GHSA-abcd-efgh-ijkm",
    "cve_id": "CVE-2026-12345",
    "summary": "Path traversal in save_audio",
    "description": DETAILS,
    "cwes": [{"cwe_id": "CWE-22", "name": "Path traversal"}],
    "cvss": {"vector_string": VECTOR, "score": 9.1},
    "vulnerabilities": [
        {
            "package": {"ecosystem": "pip", "name": "smallestai"},
            "vulnerable_version_range": "<= 3.1.0",
            "first_patched_version": "3.1.1",
        }
    ],
    "references": ["https://example.org/x"],
}
CSAF = {
    "document": {
        "csaf_version": "2.0",
        "category": "csaf_security_advisory",
        "title": "Path traversal in save_audio",
        "notes": [{"category": "legal_disclaimer", "text": "No warranty."}],
    },
    "product_tree": {
        "branches": [
            {
                "category": "vendor",
                "name": "Smallest",
                "branches": [
                    {
                        "category": "product_name",
                        "name": "smallestai",
                        "branches": [
                            {"category": "product_version", "name": "3.1.0"},
                            {"category": "product_version", "name": "3.1.1"},
                        ],
                    }
                ],
            }
        ]
    },
    "vulnerabilities": [
        {
            "cve": "CVE-2026-12345",
            "cwe": {"id": "CWE-22", "name": "Path traversal"},
            "notes": [
                {
                    "category": "description",
                    "text": "The client writes the audio wherever the name from the server points to.",
                }
            ],
            "scores": [{"cvss_v3": {"vectorString": VECTOR}}],
            "threats": [
                {"category": "impact", "details": "A server overwrites any file of the user who runs the client."}
            ],
            "references": [{"url": "https://example.org/x"}],
        }
    ],
}
SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "CodeQL",
                    "rules": [
                        {"id": "py/path-injection", "properties": {"tags": ["security", "external/cwe/cwe-022"]}},
                        {"id": "py/unused", "properties": {"tags": ["external/cwe/cwe-079"]}},
                    ],
                }
            },
            "results": [
                {
                    "ruleId": "py/path-injection",
                    "message": {
                        "text": "This path depends on a value that the server sends, so the client writes wherever it points."
                    },
                    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "src/smallestai/io.py"}}}],
                }
            ],
        }
    ],
}
CVE = {
    "cveMetadata": {"cveId": "CVE-2026-12345"},
    "containers": {
        "cna": {
            "title": "Path traversal in save_audio",
            "descriptions": [
                {"lang": "en", "value": "The client writes the audio wherever the name from the server points to."}
            ],
            "affected": [{"product": "smallestai", "versions": [{"version": "3.1.0", "lessThan": "3.1.1"}]}],
            "problemTypes": [{"descriptions": [{"cweId": "CWE-22"}]}],
            "metrics": [{"cvssV3_1": {"vectorString": VECTOR}}],
            "references": [{"url": "https://example.org/x"}],
        }
    },
}
CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "metadata": {"component": {"name": "smallestai"}},
    "vulnerabilities": [
        {
            "id": "CVE-2026-12345",
            "description": "The client writes the audio wherever the name from the server points to.",
            "proofOfConcept": {"reproductionSteps": "1. Start the server.\n2. Call save_audio."},
            "ratings": [{"vector": VECTOR}],
            "affects": [{"versions": [{"version": "3.1.0"}, {"version": "3.1.1"}]}],
            "advisories": [{"url": "https://example.org/x"}],
        }
    ],
}
MARKDOWN = """# Path traversal in save_audio

**Severity:** High
**Weakness:** CWE-22

## Summary
The client writes the audio wherever the name from the server points to.

## Steps To Reproduce
1. pip install smallestai==3.1.0
2. Call save_audio with the name ../../x

## Impact
A server overwrites any file of the user who runs the client.
"""
SAME_FACTS = {
    "id": "CVE-2026-12345",
    "weakness": "CWE-22",
    "severity": f"{VECTOR} = 9.1 critical",
    "version": "3.1.1",
    "package": "smallestai",
    "url": "https://example.org/x",
}


def read(text, name="", data=b"", kind="application/json"):
    mail = EmailMessage()
    for field, value in (
        ("From", "Ann <ann@example.org>"),
        ("To", "security@smallest.ai"),
        ("Subject", "A report for you"),
    ):
        mail[field] = value
    mail.set_content(text)
    if name:
        maintype, subtype = kind.split("/")
        mail.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    return read_report(read_message(mail.as_bytes()), policy())


def evidence(report):
    return {each.section: each.quote for each in report.sections if each.present}


def attached(document, name="finding.json"):
    return read(GREETING, name, json.dumps(document).encode())


@pytest.mark.parametrize("document", [FLARE, FORM])
def test_a_flaw_report_fills_the_sections_of_a_mail_that_says_see_attached(document):
    report = attached(document)
    found = evidence(report)
    assert found.keys() >= {"description", "steps", "impact"}
    assert all(found[name].startswith("finding.json: ") for name in ("description", "steps", "impact"))
    assert (report.kind, report.verdict.scope, report.missing) == ("report", "model", ())
    assert any("v3.1" in value for value in report.facts.values("model"))


def test_a_flaw_report_tells_its_plan_and_its_session():
    facts = attached(FLARE).facts
    assert facts.values("publish") == {"2027-03-01"}
    assert facts.values("conversation") == {"conv_8f2a91c4"}


@pytest.mark.parametrize("document", [OSV, GHSA, CSAF, CVE], ids=["osv", "ghsa", "csaf", "cve"])
def test_an_advisory_gives_its_facts_under_its_name(document):
    facts = attached(document, "advisory.json").facts
    for kind, value in SAME_FACTS.items():
        [fact] = [each for each in facts.of(kind) if each.value == value]
        assert fact.quote == f"advisory.json: {value}"


@pytest.mark.parametrize("document", [OSV, GHSA], ids=["osv", "ghsa"])
def test_the_headings_in_an_advisory_are_read_as_those_of_a_mail(document):
    found = evidence(attached(document, "advisory.json"))
    assert "overwrites any file" in found["impact"]
    assert found["steps"].startswith("advisory.json: ")


def test_the_impact_of_a_csaf_document_is_what_it_calls_a_threat():
    assert evidence(attached(CSAF))["impact"].startswith("finding.json: A server overwrites")


def test_a_sarif_log_names_the_file_and_only_the_weaknesses_that_were_found():
    facts = attached(SARIF, "results.sarif").facts
    assert facts.values("file") == {"src/smallestai/io.py"}
    assert facts.values("weakness") == {"CWE-22"}


def test_a_cyclonedx_document_tells_of_its_vulnerabilities():
    report = attached(CYCLONEDX, "vex.cdx.json")
    assert report.facts.values("version") >= {"3.1.0", "3.1.1"}
    assert "steps" in evidence(report)


@pytest.mark.parametrize(("name", "kind"), [("report.md", "text/markdown"), ("report.txt", "text/plain")])
def test_a_report_in_a_text_file_gives_sections_and_facts_under_its_name(name, kind):
    report = read(TEXT * 3, name, MARKDOWN.encode(), kind)
    assert evidence(report)["steps"].startswith(f"{name}: ")
    assert evidence(report)["impact"].startswith(f"{name}: ")
    assert {"CWE-22", "smallestai@3.1.0"} <= report.facts.values("weakness", "package")


def test_a_log_in_a_text_file_gives_no_facts():
    report = read(TEXT * 3, "run.log.txt", b"GET /v1/x from 203.0.113.9\n" * 50, "text/plain")
    assert not report.facts.values("host", "endpoint")


def test_a_document_in_the_mail_itself_is_read_as_one():
    report = read(f"Hello,\n\nour report:\n\n{json.dumps(FLARE, indent=2)}\n\nBest\nAnn\n")
    assert evidence(report)["steps"].startswith("the mail: 1. Call the demo agent")
    assert not report.facts.values("host")


def test_what_the_mail_says_itself_comes_before_the_document():
    report = read(
        f"{TEXT}\nImpact: any caller reads the instructions of our bank.\n", "a.json", json.dumps(FLARE).encode()
    )
    assert evidence(report)["impact"] == "any caller reads the instructions of our bank."


HOSTILE = {
    "nested": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "nested, with its keys": b'{"@type": "flare:AIFlawReport", "a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "keys twice": b'{"@type": "flare:AIFlawReport", "@type": "x"}',
    "no UTF-8": b'{"@type": "\xff\xfe"}',
    "cut off": b'{"@type": "flare:AIFlawReport", "description": "',
    "only quotes": b'{"a": "' + b'\\"' * 400_000,
    "nothing": b"   ",
    "over a megabyte": b'{"a": "' + b"x" * 1_100_000 + b'"}',
}


def with_a_file():
    """The same mail with a file that says nothing: that such a file is attached counts for a report."""
    return read(TEXT, "flare.json", b'{"a": 1}')


def verdict(report):
    return report.kind, report.verdict, evidence(report), report.facts


@pytest.mark.parametrize("octets", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_changes_nothing_and_is_told_in_a_sentence(octets):
    report = read(TEXT, "flare.json", octets)
    assert verdict(report) == verdict(with_a_file())
    [hint] = [hint for hint in report.hints if hint.id == "unread-document"]
    assert re.fullmatch(r"flare\.json: it [^\n]{5,60}", hint.quote)


@pytest.mark.parametrize(
    "document",
    [
        {
            "@type": "flare:AIFlawReport",
            "description": 7,
            "aiSystem": {"name": []},
            "flare:evidence": [["x"]],
            "impacts": {"a": 1},
        },
        {"id": "x", "affected": [7, None, {"package": []}], "severity": "high", "references": {"url": 1}},
        {"document": {"csaf_version": "2.0", "notes": "none"}, "vulnerabilities": {"cve": "CVE-1"}, "product_tree": []},
        {"runs": [{"tool": [], "results": 5}, None, "x"]},
        {"containers": {"cna": {"descriptions": "x", "metrics": [[]]}}},
        {"number": int("9" * 4000), "infinite": float("inf")},
        [],
        "only a string",
    ],
)
def test_a_document_of_wrong_types_changes_nothing(document):
    assert verdict(read(TEXT, "flare.json", json.dumps(document).encode())) == verdict(with_a_file())


def test_a_huge_number_is_never_computed():
    assert loaded('{"a": ' + "9" * 900_000 + "}") == {"a": None}


def test_nesting_is_counted_outside_strings_alone():
    assert loaded(json.dumps({"a": "[" * 500 + '\\"' + "{" * 500}))["a"].startswith("[")
    with pytest.raises(RefusedError, match="nested"):
        loaded("[" * 61 + "]" * 61)
