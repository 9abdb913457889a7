import pytest

from tests.support.fakes import (
    Killed,
)
from tests.support.office import DAY, EXPLOITED, well
from tests.support.values import HOUR, fetched, mail
from triaged.config.settings import AlertsSettings
from triaged.core.case.owner import ToTeam
from triaged.core.letters.spoken import words_of
from triaged.ports import Refused
from triaged.service.alerting import send_alert


def alerts(letters):
    return [letter for letter in letters if letter.purpose == "alert"]


def test_what_was_missed_is_told_once_in_one_mail_also_after_a_restart(office):
    office.receive(*(mail(number) for number in range(3)))
    office.send()
    assert not send_alert(office.desk)
    office.wait(9 * DAY)
    assert send_alert(office.desk)
    assert not send_alert(office.desk)
    (letter,) = alerts(office.send())
    assert (letter.to, words_of(letter).count("triage it: missed")) == (("team@smallest.ai",), 3)
    assert "Subject: [triaged] alert: 3 missed" in letter.raw
    assert "Auto-Submitted: auto-generated" in letter.raw
    office.restart()
    office.wait(2 * HOUR)
    assert not send_alert(office.desk)
    assert office.send() == []


def test_the_shipped_policy_warns_while_a_date_can_still_be_kept(office):
    office.receive(mail())
    office.send()
    office.wait(6 * DAY)
    assert send_alert(office.desk)
    (letter,) = alerts(office.send())
    assert "Subject: [triaged] alert: 1 due soon" in letter.raw
    assert "triage it: due Mon 30 Nov 11:00 UTC, in 23 h" in letter.raw


def test_a_suspicion_is_told_at_once_to_those_who_are_to_be_told(office):
    office.change(alert_settings=AlertsSettings(to=("pager@smallest.ai",), quiet="00:00-23:59"))
    office.receive(mail(text=EXPLOITED))
    assert send_alert(office.desk)
    (letter,) = alerts(office.send())
    assert letter.to == ("pager@smallest.ai",)
    assert "said to be exploited by attackers" in letter.raw
    assert 'exploited confirm --reason "..."' in letter.raw


def test_a_strangers_claim_of_exploitation_waits_where_the_settings_say_so(office):
    office.change(alert_settings=AlertsSettings(quiet="00:00-23:59", unverified_claims_wait=True))
    office.receive(mail(text=EXPLOITED))
    assert not send_alert(office.desk)


def test_an_alert_that_is_not_wanted_is_not_owed(office):
    office.change(alert_settings=AlertsSettings(enabled=False))
    office.receive(mail(text=EXPLOITED))
    assert not send_alert(office.desk)


def test_ordinary_alerts_keep_their_hour_over_a_restart_and_the_numbers_go_on(office):
    office.receive(mail(1))
    office.wait(9 * DAY)
    assert send_alert(office.desk)
    office.receive(fetched(mail(2), 2))
    office.restart()
    assert not send_alert(office.desk)
    office.wait(HOUR)
    assert send_alert(office.desk)
    assert [owner for owner, letter in office.store.owed() if letter.purpose == "alert"] == [
        ToTeam("alert", "000001"),
        ToTeam("alert", "000002"),
    ]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_around_the_alerts_write_sends_one(office, after):
    office.receive(mail(text=EXPLOITED))
    office.send()
    office.killed_at(1, after=after)
    with pytest.raises(Killed):
        send_alert(office.desk)
    office.restart()
    assert send_alert(office.desk) is not after
    assert len(alerts(office.send())) == 1
    assert office.store.last_alert().state == "submitted"


def test_an_alert_that_failed_is_a_problem_for_some_days(office):
    office.receive(mail(text=EXPLOITED))
    office.send()
    send_alert(office.desk)
    office.send(Refused("554 looks like spam"))
    assert not send_alert(office.desk)
    assert well(office).problems == ("the alert of 2026-11-23 12:00 UTC was not sent: 554 looks like spam",)
    office.wait(3 * DAY)
    assert well(office).problems == ()
