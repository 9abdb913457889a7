"""Alerts to the team about matters that cannot wait for the digest. One write owes the mail and records its marks."""

import structlog

from triaged.core.team import drafts
from triaged.core.team.alerts import Manner, alert, as_json
from triaged.crash import crash_point
from triaged.service.owing import owe
from triaged.service.rooms import WritingDesk

log = structlog.get_logger()


def send_alert(desk: WritingDesk) -> bool:
    """Owe the team an alert if there is something to tell, and return True if so; `deliver` sends it."""
    now, settings = desk.clock(), desk.alert_settings
    if not settings.enabled:
        return False
    manner = Manner(
        desk.digest_settings.timezone, settings.quiet, settings.closed_days, settings.unverified_claims_wait
    )
    found = alert(desk.store.cases(), desk.store.told(), desk.house.policy, manner, now)
    if found is None:
        return False
    owner, to = desk.store.next_alert(), settings.to or desk.digest_settings.to
    owed, *_ = owe(desk.renderer, drafts.alert(found, owner, to, now), now)
    desk.store.record_alert(owner, found.marks, owed, as_json(found, owed.message_id) if desk.paged else "")
    crash_point("alert-owed")
    log.warning("alert owed", state=found.state)
    return True
