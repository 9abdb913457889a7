"""Made-up facts for every mail, with every fact that a template may use. `triaged check` renders each template with them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

from triaged.core.case.owner import ToTeam
from triaged.core.deciding.together import Done
from triaged.core.intake.orders import Orders
from triaged.core.letters.draft import Draft
from triaged.core.letters.drafts import begun, reminder, replying, update, written
from triaged.core.letters.reply import (
    ArrivedPart,
    Away,
    Reminder,
    Reply,
    ReplyTemplate,
    Standing,
    Update,
    Variant,
    Written,
)
from triaged.core.mail.sender import Sender
from triaged.core.policy.policy import Policy
from triaged.core.team.alerts import Alert, Line, Mark
from triaged.core.team.digest import Digest, Health, Item, Section, Workload
from triaged.core.team.drafts import alarm, alert, daily_digest, transcript
from triaged.core.team.transcript import CaseNow, Told
from triaged.core.team.weekly import COLUMNS, Week, Weekly

AT = datetime.fromisoformat("2026-01-05T09:00:00+00:00")
UPDATE = Update(
    "SEC-0000-0000",
    1,
    "a@example.org",
    None,
    AT,
    AT,
    AT,
    Away(AT.date(), "urgent@example.org"),
)
WRITTEN = Written("SEC-0000-0000", 1, "a@example.org", None, AT, "the words of a person", AT, AT)
REMINDER = Reminder("SEC-0000-0000", 1, "a@example.org", None, AT, AT, ())
MARK = Mark("SEC-0000-0000", "triage", AT, "missed")
ALERT = Alert(
    timezone=UTC,
    composed_at=AT,
    state="1 missed",
    lines=(Line("SEC-0000-0000", "a subject", (MARK,), "triage it: missed", "nobody", "triaged cases"),),
    more=1,
    marks=(MARK,),
)
DIGEST = Digest(
    day=AT.date(),
    timezone=UTC,
    composed_at=AT,
    state="1 new",
    sections=(
        Section(
            "New",
            (
                Item(
                    "SEC-0000-0000",
                    "a subject",
                    "triage it",
                    "nobody",
                    ("a note",),
                    "triaged cases",
                    "SEC-0000-0000 triage",
                ),
            ),
            more=1,
            more_command="triaged cases",
            also=("SEC-0000-0001",),
        ),
    ),
    silent=(("a list mail", 1),),
    seen=(("opened", 1),),
    open_cases=1,
    health=Health(AT, ("a problem",), 1, AT, "1.0"),
    workloads=(Workload("ann", 1, 0, 0, "triaged digest --owner ann", ("SEC-0000-0000",)),),
    done=("1 mail sent to reporters",),
    polled="the mailbox was never read",
    weekly=Weekly((Week(AT.date(), (1,) * len(COLUMNS)),), 1, (("a", "reports", "1"),)),
    calendar="BEGIN:VCALENDAR",
)
TRANSCRIPT = Told(
    "1 done, 1 not done",
    (
        Done("SEC-0000-0000 triage", done=True, said=("SEC-0000-0000: triaged",)),
        Done("a line", done=False, said=("no verb",)),
    ),
    (CaseNow("SEC-0000-0000", '"a subject"', "triaged", "SEC-0000-0000 undo"),),
)
ORDERS = Orders((), "", Sender("", "a@example.org", "verified", ""), "a@example.org", "[triaged] 1 new", ("0",))


def drafts(policy: Policy) -> Iterator[Draft]:
    """One draft for each template."""
    team = ("team@example.org",)
    yield daily_digest(DIGEST, team, AT)
    yield alarm(1, team, AT)
    yield alert(ALERT, ToTeam("alert", "000001"), team, AT)
    yield transcript(TRANSCRIPT, ToTeam("transcript", "0"), ORDERS, AT)
    for each in (UPDATE, replace(UPDATE, away=None)):
        yield update(each, AT)
    yield written(WRITTEN, AT)
    for missing in ((), policy.sections):
        yield reminder(replace(REMINDER, missing=missing), AT)
    for template in get_args(ReplyTemplate):
        for letter in (WRITTEN, replace(WRITTEN, text="", publication=None, credited=True)):
            yield begun(letter, template, AT)
    for variant in get_args(Variant):
        yield replying(_reply(variant, policy), policy, AT)
    for standing in get_args(Standing):
        for late in (False, True):
            told = replace(_reply("status", policy), standing=standing, closed_at=AT, late=late)
            yield replying(told, policy, AT)


def _reply(variant: Variant, policy: Policy) -> Reply:
    """An acknowledgment of that variant."""
    at = AT
    missing = tuple(section for section in policy.sections if section.required)
    parts = (ArrivedPart(1234, "00" * 32),) * 5
    away = Away(at.date(), "urgent@example.org")
    return Reply(
        variant,
        "SEC-0000-0000",
        "a@example.org",
        None,
        at,
        "unclear",
        parts,
        missing,
        at,
        at,
        2,
        away,
        at,
        "",
        policy.details[:3],
        contact="urgent@example.org",
    )
