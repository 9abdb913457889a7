"""An acknowledgment asks for nothing that its report states, and says of an alert only what is true."""

import pytest
from pydantic import ValidationError

from tests.support.values import BORDER, REPORT, decide, house, message, policy, vouched
from triaged.core.mail.sender import Trust
from triaged.core.policy.rules import Treatment

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


ABUSE = "Somebody cloned my mother's voice with your service, and we were defrauded. How can you let this happen?"


@pytest.mark.parametrize(("text", "told"), [(ABUSE, "abuse@smallest.ai"), (REPORT, None)])
def test_a_letter_names_the_desk_that_its_policy_gives_and_a_report_none(text, told):
    shipped = policy()
    abuse = shipped.kinds.treatment["abuse"].model_copy(update={"contact": "abuse@smallest.ai"})
    kinds = shipped.kinds.model_copy(update={"treatment": {**shipped.kinds.treatment, "abuse": abuse}})
    adopted = shipped.model_copy(update={"kinds": kinds})
    assert decide(message(text=text), ours=house(policy=adopted)).reply.contact == told


@pytest.mark.parametrize(
    "contact", ["", "abuse", "a@example.org, b@example.org", "-x@example.org", "a@example.org\nBcc: b"]
)
def test_a_desk_that_is_no_plain_address_is_a_fault(contact):
    with pytest.raises(ValidationError, match="contact"):
        Treatment(then="case", acknowledge=True, contact=contact)
