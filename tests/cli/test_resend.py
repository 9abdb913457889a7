"""`triaged resend`, and what `status` says before and after it."""

import json

import pytest

from tests.cli.conftest import COMPLETE, HOSTILE, mail
from triaged.ports import Refused, TryLater

OTHER = mail("Cy <cy@example.net>", "SSRF in the webhook endpoint", "GET /v1/hooks HTTP/1.1\r\n", "other")
NO_USER = Refused("550 5.1.1 no such user")


def unclear():
    return Refused("554 5.7.1 Relay access denied", blame="unclear")


def states(triaged, cases):
    return [json.loads(triaged("show", case, "--json"))["acknowledgment"]["state"] for case in cases]


def test_all_that_failed_is_owed_again(triaged, fill):
    cases = fill(HOSTILE, COMPLETE, OTHER, outcomes=(NO_USER, NO_USER))
    assert sorted(states(triaged, cases)) == ["failed", "failed", "submitted"]
    assert "2 acknowledgments failed (triaged resend --all-failed)" in triaged("status", code=1)
    assert triaged("resend", "--all-failed") == "2 mails will be sent again at the next pass\n"
    assert sorted(states(triaged, cases)) == ["owed", "owed", "submitted"]
    assert triaged("resend", "--all-failed") == "0 mails will be sent again at the next pass\n"


def test_who_decided_stands_in_the_history(triaged, fill):
    (case,) = fill(COMPLETE, outcomes=(NO_USER,))
    triaged("resend", "--all-failed", "--by", "bo")
    requeued = json.loads(triaged("show", case, "--json"))["history"][-1]
    assert (requeued["kind"], requeued["by"]) == ("requeued", "bo")


def test_closed_cases_are_left_alone(triaged, fill):
    cases = fill(HOSTILE, COMPLETE, outcomes=(NO_USER, NO_USER))
    triaged("case", cases[0], "close", "nothing in it")
    assert triaged("resend", "--all-failed") == "1 mail will be sent again at the next pass\n"


def test_what_may_have_gone_out_is_named_and_left_to_a_person(triaged, fill, config):
    config.write_text(config.read_text() + "replies: {on_uncertain: hold}\n")
    cases = fill(HOSTILE, COMPLETE, outcomes=(TryLater("hung up", uncertain=True), NO_USER))
    said = triaged("resend", "--all-failed", err=True)
    uncertain = cases[states(triaged, cases).index("uncertain")]
    assert f"{uncertain}: its mail may have gone out; look, then: triaged resend {uncertain}" in said
    triaged("resend", uncertain)
    assert states(triaged, cases) == ["owed", "owed"]


def test_one_case_by_its_name(triaged, fill):
    cases = fill(HOSTILE, COMPLETE, outcomes=(NO_USER, NO_USER))
    assert f"{cases[0]}: the acknowledgment will be sent at the next pass" in triaged("resend", cases[0])
    assert states(triaged, cases) == ["owed", "failed"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 64, "name a case, or say --all-failed"),
        (("SEC-0000-0000", "--all-failed"), 64, "name a case, or say --all-failed"),
        (("SEC-0000-0000",), 66, "there is no such case"),
    ],
)
def test_what_cannot_be_is_one_sentence(triaged, fill, words, code, says):
    fill(COMPLETE)
    assert says in triaged("resend", *words, code=code, err=True)


def test_a_case_without_a_failed_mail_says_so(triaged, fill):
    (case,) = fill(COMPLETE)
    assert "no mail of this case has failed" in triaged("resend", case, code=65, err=True)


def test_a_relay_that_refuses_everybody_is_1_and_is_said(triaged, fill):
    fill(HOSTILE, COMPLETE, OTHER, outcomes=(unclear(), unclear(), unclear()))
    said = triaged("status", code=1)
    assert "3 mails refused, to be tried again at" in said
    assert "554 5.7.1 Relay access denied: it takes no mail from us as the settings are; check smtp.username" in said
    told = json.loads(triaged("status", "--json", code=1))
    assert (told["healthy"], told["owed"]) == (False, 3)
    assert "Relay access denied" in triaged("digest")


def test_a_first_failure_shows_in_the_status_and_is_no_trouble_yet(triaged, fill):
    fill(COMPLETE, outcomes=(TryLater("relay:25: 451 4.7.1 greylisted"),))
    said = triaged("status")
    assert said.startswith("ok: 1 mail not sent yet, to be tried again at")
    assert "451 4.7.1 greylisted" in said
