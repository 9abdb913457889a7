"""What the commands tell of a letter that the caps hold back, and how a person has it sent."""

import json
import re

import pytest

from tests.stories.mails import COMPLETE


@pytest.fixture
def held(config, fill):
    """Two cases; the second one's acknowledgment waits for room."""
    config.write_text(config.read_text() + "replies: {per_hour: 1}\n")
    other = COMPLETE.replace(b"ada@research.example", b"bo@lab.example").replace(b"complete@", b"other@")
    return fill(COMPLETE, other)[1]


def test_a_letter_that_is_held_back_is_owed_with_its_reason_and_the_time_from_which_there_may_be_room(triaged, held):
    found = json.loads(triaged("show", held, "--json"))["acknowledgment"]
    assert (found["state"], found["reason"]) == ("owed", "the cap of 1 acknowledgments an hour in all is reached")
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT[\d:.]+Z", found["not_before"])
    assert f"in all is reached; not before {found['not_before']}" in triaged("show", held)
    assert "1 acknowledgment held back by the caps" in triaged("digest")


def test_status_tells_how_many_wait_and_is_healthy(triaged, held):
    found = json.loads(triaged("status", "--json"))
    assert (found["healthy"], found["owed"], found["held"]) == (True, 1, 1)
    assert "1 mail owed (1 held back by the caps, not before" in triaged("status")


def test_a_person_has_it_sent_first(triaged, held):
    assert "as soon as the caps for all leave room" in triaged("case", held, "resend")
    found = json.loads(triaged("show", held, "--json"))
    assert (found["acknowledgment"]["state"], found["acknowledgment"]["not_before"]) == ("owed", None)
    assert [event["kind"] for event in found["history"]][-3:] == ["owed", "held", "requeued"]


def test_where_nothing_was_written_resend_says_what_to_do(triaged, three):
    said = triaged("case", three[2], "resend", code=65, err=True)
    assert (
        f"withheld before it was written; write to the reporter yourself, then: triaged case {three[2]} answered"
        in said
    )
