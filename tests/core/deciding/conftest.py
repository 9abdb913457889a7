import pytest

from tests.support.values import BORDER, NEW_ID, NOON, REPORTER, house, owed, received
from triaged.core.case.events import Failed, Submitted, Submitting, Triaged
from triaged.core.case.folding import fold
from triaged.core.mail.sender import Sender, Trust

VERIFIED = Sender("Ann", REPORTER, "verified", f"{BORDER} says dmarc=pass")


@pytest.fixture
def verified_update():
    """A case whose update was tried and refused, and a house that sends updates."""
    acknowledged = (owed(), Submitting(at=NOON, message_id="ack-1@smallest.ai"))
    events = (
        received(sender=VERIFIED),
        *acknowledged,
        Submitted(at=NOON, message_id="ack-1@smallest.ai", answer="250"),
        Triaged(at=NOON, by="bo"),
        owed(purpose="update", message_id="update-1@smallest.ai"),
        Submitting(at=NOON, message_id="update-1@smallest.ai"),
        Failed(at=NOON, message_id="update-1@smallest.ai", reason="550 mailbox full"),
    )
    return fold(NEW_ID, events), house(trust=Trust(BORDER), updates_in_a_row=2)
