from datetime import timedelta

import pytest

from tests.support.values import HOUR, NOON, policy
from triaged.core.letters import lifetime


@pytest.mark.parametrize(("since", "lives"), [(0, 48), (10, 38), (43, 5), (44, 4), (45, 4), (400, 4)])
def test_a_reply_is_tried_until_it_is_promised_and_at_least_four_hours(since, lives):
    assert lifetime.of_reply(NOON - since * HOUR, policy(), NOON) == NOON + lives * HOUR


@pytest.mark.parametrize(("due", "lives"), [(30, 30), (5, 5), (4, 4), (0, 4), (-9, 4)])
def test_an_update_is_tried_until_it_is_due_and_at_least_four_hours(due, lives):
    assert lifetime.of_update(NOON + due * HOUR, NOON) == NOON + lives * HOUR


def test_a_mail_to_the_team_is_tried_for_a_day_and_a_requeued_letter_for_two():
    assert (lifetime.to_team(NOON), lifetime.requeued(NOON)) == (NOON + timedelta(days=1), NOON + timedelta(days=2))
