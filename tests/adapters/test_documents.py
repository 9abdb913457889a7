"""Documents that an earlier version wrote are read as today's."""

from pydantic import TypeAdapter

from tests.support.values import message, policy
from triaged.core.case.events import Event
from triaged.core.case.folding import fold
from triaged.core.intake.duplicates import Duplicates
from triaged.core.report.reading import merged, read_report
from triaged.core.report.report import Facts, Report

BEFORE_FACTS = b"""[
  {"kind": "received", "at": "2026-01-05T09:00:00Z", "sha256": "ab", "received_at": "2026-01-05T08:59:00Z", "message_id": null,
   "sender": {"name": "", "address": "a@x.example", "verdict": "unverified", "reason": ""}, "subject": "XSS"},
  {"kind": "assessed", "at": "2026-01-05T09:00:00Z", "report": {"sections": [{"section": "steps", "quote": "1. Log in."}],
   "missing": ["impact"], "verdict": {"scope": "sdk", "band": "low", "reasons": []}}}
]"""
_EVENTS: TypeAdapter[tuple[Event, ...]] = TypeAdapter(tuple[Event, ...])
_REPORT = TypeAdapter(Report)


def test_a_report_that_was_stored_before_facts_were_is_read_with_none():
    case = fold("SEC-0000-0001", _EVENTS.validate_json(BEFORE_FACTS))
    assert (case.report.facts, case.report.hints, case.report.signature) == (Facts(), (), "")
    assert case.report.kind == "report"
    assert Duplicates([case]).of(case) == ()


def test_what_it_lacks_comes_with_its_next_mail():
    old = fold("SEC-0000-0001", _EVENTS.validate_json(BEFORE_FACTS)).report
    new = read_report(message(), policy())
    assert merged(old, new, policy()).facts == new.facts != Facts()
    assert merged(old, new, policy()).signature == new.signature != ""


def test_a_report_comes_back_from_json_as_it_was():
    report = read_report(message(), policy())
    assert report.hints
    assert _REPORT.validate_json(_REPORT.dump_json(report)) == report
