"""An acknowledgment asks for nothing that its report states, and says of an alert only what is true."""

import pytest

from tests.support.values import BORDER, REPORT, decide, house, message, vouched
from triaged.core.mail.sender import Trust

USED = (
    f"{REPORT}\nThis is being exploited in the wild. We plan to publish on 2027-02-01. Please credit us as Ann Lee.\n"
)


def answered(text, *, verified=True, alerts=True):
    read = message(text=text)
    ours = house(trust=Trust(BORDER), alerts=alerts)
    return decide(vouched(read) if verified else read, ours=ours).reply


def test_what_is_stated_is_known():
    assert {"publish", "credit", "exploited"} <= answered(USED).known
    assert answered(REPORT).known.isdisjoint({"publish", "credit", "exploited", "informed"})


@pytest.mark.parametrize(
    ("text", "how", "alerted"),
    [(USED, {}, True), (REPORT, {}, False), (USED, {"verified": False}, False), (USED, {"alerts": False}, False)],
)
def test_an_alert_is_only_told_where_one_goes_out(text, how, alerted):
    assert answered(text, **how).alerted is alerted
