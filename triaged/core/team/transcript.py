"""The results of the commands in one mail, as told to its sender."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from triaged.core.case.case import Case
from triaged.core.clocks.duties import duty
from triaged.core.deciding.together import Acted, Done
from triaged.core.plural import counted
from triaged.core.policy.policy import Policy
from triaged.core.team.listing import NOBODY, standing
from triaged.core.text import in_quotes, visible

_LINE, _SENTENCE, _SUBJECT, _REASON = 160, 600, 56, 80


@dataclass(frozen=True, slots=True)
class CaseNow:
    """The present state of a case that a command named."""

    case_id: str
    subject: str
    """The sender's subject, in quotation marks."""
    state: str
    undo: str
    """The command that takes the last decision back; empty if nothing was done or the decision is final."""


@dataclass(frozen=True, slots=True)
class Told:
    """The content of a transcript."""

    state: str
    """A summary: `2 done, 1 not done`."""
    lines: tuple[Done, ...]
    cases: tuple[CaseNow, ...]


def transcript(acted: Acted, undo: dict[str, str], policy: Policy, zone: tzinfo, now: datetime) -> Told:
    """The transcript to send. `undo` has, by case id, the command that takes the last decision back."""
    done = sum(each.done for each in acted.lines)
    counts = ((done, "done"), (len(acted.lines) - done, "not done"))
    return Told(
        state=", ".join(f"{count} {what}" for count, what in counts if count),
        lines=tuple(
            Done(visible(each.line, _LINE), each.done, tuple(visible(said, _SENTENCE) for said in each.said))
            for each in acted.lines
        ),
        cases=tuple(
            CaseNow(
                case.id,
                in_quotes(case.opening.subject, _SUBJECT) or "(no subject)",
                "; ".join(_state(case, policy, zone, now)),
                undo.get(case.id, ""),
            )
            for case in acted.cases
        ),
    )


def _state(case: Case, policy: Policy, zone: tzinfo, now: datetime) -> Iterator[str]:
    severity = f", severity {case.severity}" if case.severity else ""
    yield f"{case.state}{severity}, scope {case.scope}, owner {visible(case.owner, 60) or NOBODY}"
    if case.duplicate_of:
        yield f"a duplicate of {case.duplicate_of}"
    elif case.closed_at is not None:
        yield f"closed because: {visible(case.closing, _REASON)}"
    owed = standing(case, policy, now).owed
    if owed:
        overdue = sum(each.due <= now for each in owed)
        late = f", {counted(overdue, 'deadline')} overdue" if overdue else ""
        yield f"next: {duty(owed[0])}, due {owed[0].due.astimezone(zone):%a %d %b %H:%M %Z}{late}"
