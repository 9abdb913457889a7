"""A person's letter to a reporter, from the case that it is about."""

from datetime import datetime

from triaged.core.case.case import Case
from triaged.core.case.events import Replied
from triaged.core.clocks.clocks import publication
from triaged.core.letters.reply import Written
from triaged.core.letters.updating import due_after
from triaged.core.policy.policy import Policy


def letter(case: Case, text: str, policy: Policy, now: datetime) -> Written:
    """The next letter of the case, in these words."""
    published = publication(case, policy.calendar)
    return Written(
        case_id=case.id,
        number=sum(isinstance(event, Replied) for event in case.history) + 1,
        to=case.reporter.address,
        in_reply_to=case.mails[-1].message_id,
        received_at=case.received_at,
        text=text,
        next_due=due_after(case, policy, now, now),
        publication=published.at if published and published.at > now else None,
        reference=case.door.reference if case.door else "",
        credited=case.credit is not None or bool(case.report and case.report.facts.of("credit")),
    )
