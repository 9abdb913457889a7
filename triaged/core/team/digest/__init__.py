"""The digest: the team's work for today, from the cases and the clock. It is a work list, not a list of activity."""

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo

from triaged.core.case.clusters import clusters
from triaged.core.mail.arrival import ENDS
from triaged.core.policy.policy import Policy
from triaged.core.team.digest.aside import LIST_COMMAND, unusual
from triaged.core.team.digest.day import digest_day
from triaged.core.team.digest.decisions import commands, questions
from triaged.core.team.digest.done import done, polled
from triaged.core.team.digest.due import Due, due, due_sections, workloads
from triaged.core.team.digest.new import new_cases, new_sections, untriaged_cases
from triaged.core.team.digest.pieces import Pieces
from triaged.core.team.digest.worklist import (
    FEW,
    SHOWN,
    Digest,
    Health,
    Inputs,
    Item,
    Section,
    Workload,
    section,
    without,
)
from triaged.core.team.ical import week_text
from triaged.core.team.listing import owned_by, standing
from triaged.core.team.weekly import weekly
from triaged.core.text import defanged, visible

__all__ = ["FEW", "SHOWN", "Digest", "Health", "Inputs", "Item", "Section", "Workload", "digest", "digest_day"]


def digest(inputs: Inputs, policy: Policy, now: datetime, day: date, zone: tzinfo) -> Digest:
    """Compose the digest of a local date. Pure: the same state gives the same text."""
    cases = [case for case in inputs.cases if not inputs.owner or owned_by(case, inputs.owner)]
    open_cases = [case for case in cases if case.closed_at is None]
    standings = [standing(case, policy, now) for case in cases]
    dated = due(standings, policy, now, zone)
    asked = [*questions(open_cases), *(() if inputs.owner else commands(inputs.set_aside))]
    aside = unusual(inputs)
    people = () if inputs.owner else workloads(dated, open_cases)
    pieces = Pieces(clusters(inputs.cases))
    pressing = tuple(due_sections(dated, pieces))
    told = {case_id for each in pressing for case_id in (*each.also, *(item.case_id for item in each.items))}
    sections = (
        *pressing,
        *(without(each, told) for each in new_sections(inputs, cases, policy, now, pieces)),
        section("Needs a decision", asked, "triaged cases", tone="soon"),
        section("Set aside, and perhaps a report", aside, LIST_COMMAND),
    )
    return Digest(
        day=day,
        timezone=zone,
        composed_at=now,
        state=_state(
            dated,
            pieces,
            pieces.count(case.id for case in new_cases(inputs, cases)),
            pieces.count(case.id for case in untriaged_cases(inputs, cases)),
            (len(asked), len(aside)),
            inputs.health,
        ),
        sections=tuple(_narrowed(each, inputs.owner) for each in sections if each.items),
        silent=tuple(
            Counter(defanged(mail.reason, 100) for mail in inputs.set_aside if mail.end == "set-aside").most_common()
        ),
        seen=tuple((end, inputs.seen.get(end, 0)) for end in ENDS),
        open_cases=len(open_cases),
        health=replace(inputs.health, problems=tuple(defanged(each, 400) for each in inputs.health.problems)),
        workloads=people[:SHOWN],
        more_workloads=len(people[SHOWN:]),
        done=done(inputs),
        polled=polled(inputs.health, now, zone),
        weekly=weekly(inputs.cases, policy, now, day, zone) if inputs.weekly else None,
        owner=visible(inputs.owner, 30),
        calendar=week_text(standings, now),
    )


def _narrowed(section: Section, owner: str) -> Section:
    """The commands for the rest of a section, narrowed to one person's work."""
    if not owner:
        return section
    return replace(section, more_command=f"{section.more_command} --owner {shlex.quote(owner)}")


def _state(dated: Due, pieces: Pieces, new: int, untriaged: int, asked: tuple[int, int], health: Health) -> str:
    to_decide, aside = asked
    counts = (
        (len(dated.suspected), "said to be exploited"),
        (pieces.count(dated.late_cases), "overdue"),
        (pieces.count(dated.today_cases), "due today"),
        (new, "new"),
    )
    less = (
        (len(dated.exploited), "exploited and not fixed"),
        (pieces.count(task.case.id for task in dated.later), "due by the next business day"),
        (pieces.count(task.case.id for task in dated.ahead), "due soon"),
        (to_decide, "to decide"),
    )
    least = ((untriaged, "not yet triaged"), (aside, "set aside to look at"))
    # A daemon in trouble must never be called quiet: it may be blind to new mail.
    trouble = ["the daemon needs help"] if health.amiss else []
    return ", ".join([*(_counted(counts) or _counted(less) or _counted(least)), *trouble]) or "all quiet"


def _counted(counts: Sequence[tuple[int, str]]) -> list[str]:
    return [f"{count} {what}" for count, what in counts if count]
