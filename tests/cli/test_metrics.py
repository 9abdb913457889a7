import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import COMPLETE, SILENT

# docs/metrics.md, key for key.
KEYS = {
    "since", "now", "cases", "bod_20_01", "months", "kinds", "scopes", "seconds_to", "deadlines", "overruled",
    "asked_and_answered", "duplicates", "untold", "withheld"
}  # fmt: skip


def measured(triaged, *arguments):
    return json.loads(triaged("metrics", "--json", *arguments))


def test_the_shape_is_as_it_is_documented(triaged, three):
    found = measured(triaged)
    assert set(found) == KEYS
    assert set(found["bod_20_01"]) == set("abcdefghij")
    assert (found["since"], found["cases"], found["bod_20_01"]["a"]) == (None, 3, 3)
    assert set(found["seconds_to"]) == {"machine_acknowledgment", "person_first_answer", "triage", "close"}
    assert found["withheld"] == {"no-sender": 1}
    assert set(found["deadlines"]) == {"acknowledge", "triage", "update"}
    assert found["deadlines"]["acknowledge"] == {"met": 1, "missed": 0, "overdue": 0, "pending": 2}


def test_a_person_and_the_machine_are_told_apart(triaged, three):
    before = measured(triaged)["seconds_to"]
    assert (before["machine_acknowledgment"]["count"], before["person_first_answer"]["count"]) == (1, 0)
    assert before["person_first_answer"] == {"count": 0, "median": None, "p90": None}
    # They arrived an hour ago.
    assert 3600 <= before["machine_acknowledgment"]["median"] < 3700
    triaged("case", three[2], "answered")
    after = measured(triaged)["seconds_to"]
    assert (after["machine_acknowledgment"]["count"], after["person_first_answer"]["count"]) == (1, 1)


def test_what_the_team_decides_is_counted(triaged, three):
    _, complete, silent = three
    triaged("case", complete, "triage", "--severity", "high")
    triaged("case", complete, "scope", "sdk")
    triaged("case", silent, "duplicate", complete)
    found = measured(triaged)
    assert (found["bod_20_01"]["b"], found["bod_20_01"]["c"], found["bod_20_01"]["e"]) == (1, 1, 0)
    assert found["duplicates"] == {"count": 1, "of": 3}
    assert found["overruled"] == {"count": 1, "of": 1}
    assert found["seconds_to"]["close"]["count"] == 1


def test_since_leaves_out_what_came_before_but_not_what_is_open(triaged, fill):
    (old,) = fill(COMPLETE, ago=timedelta(days=100))
    fill(SILENT)
    triaged("case", old, "triage")
    month_ago = (datetime.now(UTC) - timedelta(days=30)).date().isoformat()
    for since in ("30d", month_ago):
        found = measured(triaged, "--since", since)
        assert (found["cases"], found["bod_20_01"]["a"], found["bod_20_01"]["b"]) == (1, 1, 0)
        assert (found["bod_20_01"]["c"], found["bod_20_01"]["e"]) == (1, 1)
        assert found["bod_20_01"]["f"] == {"not set": 1}
        assert found["since"][-1] == "Z"
    assert measured(triaged, "--since", "101d")["cases"] == 2


def test_few_are_counted_and_no_percentage_is_made_of_them(triaged, three):
    said = triaged("metrics")
    assert "3 cases, 3 of them reports." in said
    assert "duplicates                         0 of 3\n" in said
    assert "%" not in said
    assert re.search(r"the machine's acknowledgment +60\.\d min +\(fewer than 10\) +1\n", said)
    assert re.search(r"a person's first answer +- +- +0\n", said)
    assert re.search(r"\nacknowledgments withheld +1 \(no-sender 1\)\n$", said)


def test_of_ten_there_is_a_percentage_and_bars_show_how_many(triaged, fill):
    fill(*(COMPLETE.replace(b"<complete@", b"<c%d@" % number) for number in range(10)))
    said = triaged("metrics")
    assert "duplicates                         0 of 10 (0%)\n" in said
    assert re.search(r"\nreport +10 +##########\n", said)
    assert re.search(r"\n  j\) median time to the first response +60\.\d min \(of \d+\)\n", said)


def test_an_empty_store_has_metrics_too(triaged, fill):
    fill()
    assert "0 cases, 0 of them reports." in triaged("metrics")
    assert measured(triaged)["months"] == {}


@pytest.mark.parametrize("since", ["90", "yesterday", "2026-13-01", "-1d", "999999w"])
def test_a_since_that_is_none_is_64(triaged, three, since):
    said = triaged("metrics", "--since", since, code=64, err=True)
    assert "is neither a date nor a length of time; write 2026-09-01 or 90d." in said
    assert len(said.splitlines()) == 1
