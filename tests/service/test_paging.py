import json
from datetime import timedelta

import pytest

from tests.support.fakes import (
    FakePager,
    Killed,
)
from tests.support.office import DAY, EXPLOITED, MINUTE
from tests.support.values import HOUR, fetched, mail
from triaged.ports import TryLater
from triaged.service.alerting import send_alert
from triaged.service.paging import page


def exploited(office, *outcomes, numbers=(1,)):
    """An alert is owed, and a program is to be told of it."""
    office.change(pager=FakePager(*outcomes))
    office.receive(*(mail(number, text=EXPLOITED) for number in numbers))
    assert send_alert(office.desk)
    return office.pageroom.pager


def test_a_program_is_told_of_an_alert_once_also_after_a_restart(office):
    pager = exploited(office)
    assert page(office.pageroom) == 1
    told = json.loads(pager.told[0])
    assert (told["version"], told["state"], told["more"]) == (1, "1 said to be exploited", 0)
    assert told["id"] == office.store.last_alert().message_id
    assert told["lines"][0] == {
        "case": office.case.id,
        "deadline": "exploitation",
        "due": "2026-11-23T11:00:00Z",
        "mark": "suspected",
        "urgent": True,
        "subject": "Prompt injection no. 1",
        "what": told["lines"][0]["what"],
        "owner": "nobody",
        "command": f'triaged case {office.case.id} exploited confirm --reason "..."',
    }
    office.restart()
    office.wait(HOUR)
    assert page(office.pageroom) == 0
    assert len(pager.told) == 1


def test_a_program_that_fails_is_told_again_after_pauses_also_after_a_restart_and_for_a_day(office, lines):
    exploited(office, *[TryLater("page ended with 1")] * 1000)
    passed = timedelta(0)
    while office.store.unpaged():
        office.wait(MINUTE)
        passed += MINUTE
        page(office.pageroom)
        if passed == HOUR:
            office.restart()
    pauses = [line["again_in_seconds"] for line in lines if line["event"] == "alert not paged"]
    assert pauses[:5] == [60, 300, 900, 1800, 1800]
    assert DAY <= passed <= DAY + 31 * MINUTE
    office.change(pager=FakePager())
    office.wait(HOUR)
    assert page(office.pageroom) == 0


def test_a_program_that_works_again_is_told_all_that_waits_the_oldest_first(office):
    pager = exploited(office, TryLater("page ended with 1"))
    assert page(office.pageroom) == 0
    office.receive(fetched(mail(2, text=EXPLOITED), 2))
    office.wait(6 * MINUTE)
    assert send_alert(office.desk)
    assert page(office.pageroom) == 2
    ids = [json.loads(each)["lines"][0]["subject"] for each in pager.told]
    assert ids == ["Prompt injection no. 1", "Prompt injection no. 2"]


def test_an_outcome_that_the_disk_does_not_take_pages_nobody_without_a_pause(office):
    pager = exploited(office)
    office.killed_at(1)
    with pytest.raises(Killed):
        page(office.pageroom)
    office.change(store=office.store)
    assert page(office.pageroom) == 0
    office.wait(MINUTE)
    assert page(office.pageroom) == 1
    assert pager.told[0] == pager.told[1]


def test_an_alert_from_before_there_was_a_program_is_not_told_to_it(office):
    office.receive(mail(text=EXPLOITED))
    assert send_alert(office.desk)
    office.change(pager=FakePager())
    assert page(office.pageroom) == 0
