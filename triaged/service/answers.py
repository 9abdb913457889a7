"""Carrying out the team's commands by mail. Their effects, the transcript and the mail's end are one durable write.

A kill before that write leaves no trace, and after it the mail is never read again, so nothing is done twice.
"""

from dataclasses import replace
from datetime import datetime

import structlog

from triaged.core.case.case import Case
from triaged.core.case.clusters import ties_of
from triaged.core.case.events import Event
from triaged.core.case.outbox import Transcript
from triaged.core.case.owner import ToTeam
from triaged.core.deciding.decide import Around
from triaged.core.deciding.decided import By, Decided, No
from triaged.core.deciding.replying import Writing, reply
from triaged.core.deciding.together import Acted, Mandate, act, undoing
from triaged.core.intake.orders import Orders
from triaged.core.mail.arrival import Arrival
from triaged.core.team import drafts
from triaged.core.team.transcript import transcript
from triaged.ports import StateFault, Unwritten
from triaged.service.owing import owe
from triaged.service.replying import with_letters
from triaged.service.rooms import WritingDesk

log = structlog.get_logger()


def carry_out(desk: WritingDesk, arrival: Arrival, orders: Orders) -> Arrival:
    """Record the effects of the commands together with the arrival, and return the arrival as recorded.

    After a fault of ours every case stays as it was, and the mail is set aside for a person.
    """
    try:
        acted, written = _written(desk, arrival, orders)
        happened = _with_letters(desk, acted)
    except StateFault:
        raise
    except Exception as error:  # noqa: BLE001 - no mail may stop the mails behind it
        why = str(error) if isinstance(error, Unwritten) else type(error).__name__
        log.error("commands not carried out", sha256=arrival.sha256[:12], cause=why)
        aside = replace(arrival.aside, sign="team") if arrival.aside else None
        arrival = replace(
            arrival, aside=aside, reason=f"its commands could not be carried out; nothing was done: {why}"
        )
        desk.store.note(arrival)
        return arrival
    desk.store.record_answer(arrival, happened, written)
    log.info("commands carried out", sha256=arrival.sha256[:12], lines=len(acted.lines), cases=len(happened))
    return arrival


def _written(desk: WritingDesk, arrival: Arrival, orders: Orders) -> tuple[Acted, Transcript]:
    """The effects of the commands, and their transcript."""
    now, me = desk.clock(), orders.sender.address.lower()
    every = tuple(desk.store.cases())
    around = Around(desk.house, [case.id for case in every], {case.id: ties_of(case) for case in every})
    mandate = Mandate(By(me, me), arrival.received_at, orders.about)
    acted = act(orders.said, mandate, desk.store.case, around, _reply)
    undo = dict(undoing(acted, mandate, around))
    told = transcript(acted, undo, desk.house.policy, desk.digest_settings.timezone, now)
    mail = ToTeam("transcript", orders.known_by[0])
    draft = drafts.transcript(told, mail, orders, now)
    owed, *_ = owe(desk.renderer, draft, now)
    return acted, Transcript(mail, owed, tuple(case.id for case in acted.cases), orders.known_by)


def _reply(case: Case, text: str, by: By, at: datetime) -> Decided | No:
    return reply(Writing(text=text), case, by, at)


def _with_letters(desk: WritingDesk, acted: Acted) -> dict[str, tuple[Event, ...]]:
    """What happened, by case, with the letters that were commanded."""
    before, happened = {case.id: case for case in acted.before}, acted.happened
    renderer, policy, now = desk.renderer, desk.house.policy, desk.clock()
    return {
        case_id: with_letters(before[case_id], events, renderer, policy, now) for case_id, events in happened.items()
    }
