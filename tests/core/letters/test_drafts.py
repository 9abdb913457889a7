from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import HOUR, NEW_ID, NOON, REPORTER, policy
from triaged.core.case.owner import ToTeam
from triaged.core.letters.draft import ANSWERING, BY_THE_CLOCK, FOR_THE_TEAM
from triaged.core.letters.drafts import replying, update
from triaged.core.letters.reply import ArrivedPart, Reply, Update
from triaged.core.team import drafts as to_team
from triaged.core.team.alerts import Alert, Mark
from triaged.core.team.digest import Digest, Health

REPLY = Reply(
    variant="complete",
    case_id=NEW_ID,
    to=REPORTER,
    in_reply_to="report-1@example.org",
    received_at=NOON - HOUR,
    scope="model",
    parts=(ArrivedPart(12, "ab" * 32),),
    missing=(),
    triage_due=NOON,
    update_due=NOON,
)
UPDATE = Update(NEW_ID, 3, REPORTER, None, NOON, NOON + 20 * HOUR, NOON + 300 * HOUR)
MARK = Mark(NEW_ID, "triage", NOON, "missed")
ALERT = Alert(NOON.tzinfo, NOON, "1 missed", (), 0, (MARK, replace(MARK, deadline="update")))
DIGEST = Digest(
    day=NOON.date(),
    timezone=NOON.tzinfo,
    composed_at=NOON,
    state="all quiet",
    sections=(),
    silent=(),
    seen=(),
    open_cases=0,
    health=Health(NOON, ("a problem",), 0, None, "1.0"),
    calendar="BEGIN:VCALENDAR",
)
TEAM = ["a@smallest.ai", "b@smallest.ai"]


def decided(draft):
    return draft.owner, draft.purpose, draft.key, draft.subject, draft.expires_at - NOON, draft.fields, draft.to


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (
            replying(REPLY, policy(), NOON),
            (NEW_ID, "acknowledgment", f"{NEW_ID} acknowledgment", "", 47, ANSWERING),
        ),
        (
            replying(replace(REPLY, variant="reopened"), policy(), NOON),
            (NEW_ID, "notice", f"{NEW_ID} notice {'ab' * 32}", "Re: ", 47, ANSWERING),
        ),
        (update(UPDATE, NOON), (NEW_ID, "update", f"{NEW_ID} update 3", "Re: ", 20, BY_THE_CLOCK)),
    ],
    ids=["acknowledgment", "notice", "update"],
)
def test_a_letter_to_a_reporter_is_decided_in_the_core(draft, expected):
    owner, purpose, key, again, hours, fields = expected
    subject = f"{again}[{NEW_ID}] We received your report"
    assert decided(draft) == (owner, purpose, key, subject, hours * HOUR, fields, (REPORTER,))
    assert draft.to_reporter
    assert draft.at_fault is None  # it is never written in other words than the team's
    assert (draft.language, draft.encrypt_to, draft.html, draft.calendar) == ("en", None, False, "")


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (
            to_team.alarm(90, TEAM, NOON),
            (ToTeam("alarm", "2026-11-23"), "alarm", "alarm 2026-11-23T12:00:00+00:00", "a flood of mail"),
        ),
        (
            to_team.alert(ALERT, ToTeam("alert", "000007"), TEAM, NOON),
            (ToTeam("alert", "000007"), "alert", f"alert {NEW_ID} triage {NOON.isoformat()} missed", "alert: 1 missed"),
        ),
        (
            to_team.daily_digest(DIGEST, TEAM, NOON),
            (ToTeam("digest", "2026-11-23"), "digest", "digest 2026-11-23", "all quiet - 2026-11-23"),
        ),
        (
            to_team.extra_digest(DIGEST, TEAM, NOON),
            (ToTeam("digest", "2026-11-23"), "digest", "digest 2026-11-23 2026-11-23T12:00:00+00:00", "all quiet"),
        ),
    ],
    ids=["alarm", "alert", "daily digest", "extra digest"],
)
def test_a_mail_to_the_team_is_decided_in_the_core_and_can_say_that_its_template_is_at_fault(draft, expected):
    owner, purpose, key, words = expected
    assert (draft.owner, draft.purpose, draft.key, draft.fields) == (owner, purpose, key, FOR_THE_TEAM)
    assert (draft.expires_at - NOON, draft.to) == (timedelta(days=1), tuple(TEAM))
    assert draft.subject.startswith(f"[triaged] {words}")
    assert not draft.to_reporter
    assert "line 3 is wrong" in str(draft.at_fault("line 3 is wrong"))
    assert "line 3 is wrong" not in str(draft.facts)
    assert draft.facts.keys() == draft.at_fault("").keys()


@given(st.text(max_size=80))
def test_only_the_signs_of_an_id_of_theirs_reach_the_subject(reference):
    subject = update(replace(UPDATE, reference=reference), NOON).subject
    assert subject.isascii()
    assert subject.isprintable()
    assert subject in {
        f"Re: [{NEW_ID}] We received your report",
        f"Re: [{NEW_ID}] We received your report ({reference})",
    }
