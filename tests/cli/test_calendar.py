import os
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from tests.cli.conftest import COMPLETE, HOSTILE, SILENT
from triaged.resources import resource


def events(text):
    return {str(each["SUMMARY"]): each for each in Calendar.from_ical(text).walk("VEVENT")}


def test_every_open_deadline_of_the_month_is_an_event(triaged, three):
    text = triaged("calendar")
    found = events(text)
    hostile, complete, silent = three
    assert set(found) == {f"[{case}] {name} due" for case in three for name in ("triage", "update")} | {
        f"[{case}] acknowledge due" for case in (hostile, silent)
    }
    assert text.count("\r\n") == text.count("\n")
    triage = found[f"[{complete}] triage due"]
    assert str(triage["DESCRIPTION"]).endswith(f"\ntriaged case {complete} triage")
    assert timedelta(days=4) < triage["DTSTART"].dt - datetime.now(UTC) < timedelta(days=10)


def test_nothing_that_a_sender_wrote_is_in_it(triaged, three):
    text = triaged("calendar", "--days", "3650")
    for word in ("XSS", "evil", "example", "Prompt", "SSRF", "Ann", "\x1b"):
        assert word.lower() not in text.lower()


def test_days_say_how_far_ahead_and_what_is_overdue_is_always_in_it(triaged, fill):
    (late,) = fill(COMPLETE, ago=timedelta(days=30))
    (new,) = fill(SILENT)
    assert set(events(triaged("calendar", "--days", "0"))) == {f"[{late}] triage due", f"[{late}] update due"}
    assert f"[{new}] acknowledge due" in events(triaged("calendar", "--days", "2"))
    assert {each.get("PRIORITY") for each in events(triaged("calendar", "--days", "0")).values()} == {1}


def test_an_owner_has_a_calendar_of_their_own(triaged, three):
    triaged("case", three[1], "owner", "Ann")
    assert {name[1:14] for name in events(triaged("calendar", "--owner", "ann"))} == {three[1]}
    assert {name[1:14] for name in events(triaged("calendar", "--owner", "nobody"))} == {three[0], three[2]}
    assert events(triaged("calendar", "--owner", "eve")) == {}
    said = triaged("calendar", "--owner", "eve", err=True)
    assert said == "triaged: no case has the owner 'eve'; the owners are: Ann\n"


def test_a_decision_moves_the_event_and_says_so(triaged, fill, config):
    fix = "promises:\n  - {name: fix, within: {critical: 2d, default: 20d}}\n"
    shipped = resource("config/policy.yaml").read_text()
    (config.parent / "policy.yaml").write_text(shipped.replace("promises:\n", fix, 1))
    config.write_text(f"{config.read_text()}policy: policy.yaml\n")
    (case,) = fill(HOSTILE)
    before = events(triaged("calendar"))[f"[{case}] fix due"]
    triaged("case", case, "severity", "critical")
    after = events(triaged("calendar"))[f"[{case}] fix due"]
    assert after["UID"] == before["UID"]
    assert before["DTSTART"].dt - after["DTSTART"].dt == timedelta(days=18)
    assert after["LAST-MODIFIED"].dt >= before["LAST-MODIFIED"].dt


def test_a_changed_policy_gives_the_events_a_later_revision(triaged, three, config):
    before = events(triaged("calendar"))
    later = datetime.now(UTC).timestamp() + 1000
    os.utime(config, (later, later))
    after = events(triaged("calendar"))
    assert {after[name]["SEQUENCE"] > each["SEQUENCE"] for name, each in before.items()} == {True}


@pytest.mark.parametrize("days", ["-1", "soon", "99999999999"])
def test_days_that_are_none_are_64(triaged, three, days):
    assert "'--days'" in triaged("calendar", "--days", days, code=64, err=True)


def test_where_nothing_ever_ran_there_is_no_calendar(triaged):
    assert "there is no state yet" in triaged("calendar", code=66, err=True)
