"""The mails to the team, one function for each purpose. Those to reporters are in `letters.drafts`.

The team hears from us even if its templates are broken: each draft can say so in the shipped words.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from triaged.core.case.owner import ToTeam
from triaged.core.intake.orders import Orders
from triaged.core.letters import lifetime
from triaged.core.letters.draft import ANSWERING_THE_TEAM, FOR_THE_TEAM, Draft, Facts
from triaged.core.team.alerts import Alert
from triaged.core.team.digest import Digest
from triaged.core.team.transcript import Told
from triaged.core.team.weekly import COLUMNS


def alarm(opened: int, to: Sequence[str], now: datetime) -> Draft:
    """A flood began: many cases were opened within an hour. At most one for each UTC date."""
    facts: Facts = {"opened": opened, "at": now, "fault": ""}
    return Draft(
        owner=ToTeam.dated("alarm", now.date()),
        purpose="alarm",
        key=f"alarm {now.isoformat()}",
        to=tuple(to),
        subject="[triaged] a flood of mail: acknowledgments are held back",
        expires_at=lifetime.to_team(now),
        template="alarm",
        facts=facts,
        fields=FOR_THE_TEAM,
        at_fault=lambda why: {**facts, "fault": why},
    )


def alert(alert: Alert, owner: ToTeam, to: Sequence[str], now: datetime) -> Draft:
    """Deadlines and suspicions. Each mark is told once, so the first mark in the mail identifies it."""
    first = alert.marks[0]
    facts: Facts = {"alert": alert, "fault": ""}
    return Draft(
        owner=owner,
        purpose="alert",
        key=f"alert {first.case_id} {first.deadline} {first.due.isoformat()} {first.mark}",
        to=tuple(to),
        subject=f"[triaged] alert: {alert.state}",
        expires_at=lifetime.to_team(now),
        template="alert",
        facts=facts,
        fields=FOR_THE_TEAM,
        at_fault=lambda why: {**facts, "fault": why},
        flowing=False,
        html=True,
    )


def transcript(told: Told, owner: ToTeam, orders: Orders, now: datetime) -> Draft:
    """The results of a colleague's commands, to them alone and in their thread. One for each mail of theirs."""
    facts: Facts = {"transcript": told, "fault": ""}
    return Draft(
        owner=owner,
        purpose="transcript",
        key=f"transcript {owner.key}",
        to=(orders.sender.address,),
        subject=f"Re: {orders.subject.removeprefix('Re: ')}",
        expires_at=lifetime.to_team(now),
        template="transcript",
        facts=facts,
        fields=ANSWERING_THE_TEAM,
        in_reply_to=orders.message_id,
        at_fault=lambda why: {**facts, "fault": why},
        flowing=False,
    )


def daily_digest(digest: Digest, to: Sequence[str], now: datetime) -> Draft:
    """The digest of its local date."""
    return Draft(
        owner=ToTeam.dated("digest", digest.day),
        purpose="digest",
        key=f"digest {digest.day.isoformat()}",
        to=tuple(to),
        subject=f"[triaged] {digest.state} - {digest.day.isoformat()}",
        expires_at=lifetime.to_team(now),
        template="digest",
        facts=_facts(digest),
        fields=FOR_THE_TEAM,
        at_fault=lambda why: _facts(_with_problem(digest, why)),
        flowing=False,
        html=True,
        calendar=digest.calendar,
    )


def extra_digest(digest: Digest, to: Sequence[str], now: datetime) -> Draft:
    """A digest that a person asks for, with a Message-ID other than the daily one's."""
    daily = daily_digest(digest, to, now)
    return replace(daily, key=f"{daily.key} {now.isoformat()}")


def _facts(digest: Digest) -> Facts:
    return {"digest": digest, "columns": COLUMNS}


def _with_problem(digest: Digest, problem: str) -> Digest:
    return replace(digest, health=replace(digest.health, problems=(*digest.health.problems, problem)))
