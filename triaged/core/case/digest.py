"""The digest: what the team has to do today, from the cases and the clock. A work list, not a list of activity."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from triaged.core.case.case import Case
from triaged.core.case.deadlines import Deadline, outstanding
from triaged.core.case.duplicates import Duplicates, known_issues
from triaged.core.case.duties import duty, verb
from triaged.core.counting import end_of_next_business_day
from triaged.core.mail.arrival import ENDS, Arrival, End
from triaged.core.mail.message import Attachment
from triaged.core.policy import Policy
from triaged.core.report.report import Report
from triaged.core.text import unlinked, visible

SHOWN = 10
"""Items of a section in full; what is more is counted, with the command that lists it."""

_TODAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Health:
    """How the daemon itself is."""

    last_poll_at: datetime | None
    problems: tuple[str, ...]
    """What is wrong, one sentence each; empty when all is well."""
    owed: int
    """Mails not yet submitted."""
    oldest_owed_at: datetime | None
    version: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of work. Every word that a sender made is shown escaped and short."""

    case_id: str
    """Empty for a line on many cases at once."""
    subject: str
    what: str
    """What is to be done or known: `triage, 3 h overdue`."""
    owner: str
    """Who does it; `nobody` where nobody does."""
    notes: tuple[str, ...]
    command: str
    """What to type."""


@dataclass(frozen=True, slots=True)
class Section:
    """Items under one heading; `more` counts those not shown, and `more_command` lists them all."""

    title: str
    items: tuple[Item, ...]
    more: int = 0
    more_command: str = ""

    @property
    def count(self) -> int:
        """How many there are, shown or not."""
        return len(self.items) + self.more


@dataclass(frozen=True, slots=True)
class Digest:
    """One day's work list."""

    day: date
    timezone: tzinfo
    composed_at: datetime
    state: str
    """The whole in a few words, for the subject: `2 overdue, 3 due today, 5 new`, or `all quiet`."""
    sections: tuple[Section, ...]
    """Those that have items, the most pressing first."""
    silent: tuple[tuple[str, int], ...]
    """Mail set aside since the last digest: the reason and how many, most first."""
    seen: tuple[tuple[End, int], ...]
    """How many mails ever came to which end."""
    open_cases: int
    health: Health


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a digest is made of."""

    cases: Sequence[Case]
    set_aside: Sequence[Arrival]
    """Since the last digest."""
    seen: Mapping[End, int]
    health: Health
    since: datetime
    """When the last digest was composed."""


def digest(inputs: Inputs, policy: Policy, now: datetime, day: date, zone: tzinfo) -> Digest:
    """Compose the digest of a local date. Pure: the same state gives the same text."""
    open_cases = [case for case in inputs.cases if case.state != "closed"]
    tasks = sorted(_tasks(inputs.cases, policy, now), key=lambda task: (task.deadline.due, task.case.id))
    soon = end_of_next_business_day(now, policy.calendar)
    late = [task for task in tasks if task.deadline.overdue]
    today = [task for task in tasks if not task.deadline.overdue and task.deadline.due <= now + _TODAY]
    later = [task for task in tasks if now + _TODAY < task.deadline.due <= soon]
    ahead = [task for task in tasks if task.deadline.warned and task.deadline.due > max(soon, now + _TODAY)]
    new = [case for case in inputs.cases if case.opening.at > inputs.since]
    duplicates = Duplicates(inputs.cases if new else (), new[:SHOWN])
    questions = [*_held_back(open_cases), *(item for case in open_cases for item in _questions(case))]
    sections = (
        _section("Overdue", [_task_item(task, now, zone) for task in late], "triaged cases --overdue"),
        _section("Due within 24 hours", [_task_item(task, now, zone) for task in today], "triaged cases"),
        _section("Due by the next business day", [_task_item(task, now, zone) for task in later], "triaged cases"),
        _section("Due soon, as its promise warns", [_task_item(task, now, zone) for task in ahead], "triaged cases"),
        _section("New", [_new_item(case, policy, duplicates) for case in new], "triaged cases --state new"),
        _section("Needs a decision", questions, "triaged cases"),
        _section(
            "Waiting for the reporter",
            [_waiting_item(case, now) for case in open_cases if case.waiting],
            "triaged cases --state waiting",
        ),
    )
    return Digest(
        day=day,
        timezone=zone,
        composed_at=now,
        state=_state(
            _counted((late, "overdue"), (today, "due today"), (new, "new"))
            or _counted((later, "due by the next business day"), (ahead, "due soon"), (questions, "to decide")),
            inputs.health,
        ),
        sections=tuple(section for section in sections if section.items),
        silent=tuple(Counter(visible(mail.reason, 100) for mail in inputs.set_aside).most_common()),
        seen=tuple((end, inputs.seen.get(end, 0)) for end in ENDS),
        open_cases=len(open_cases),
        health=inputs.health,
    )


def digest_day(at: time, zone: tzinfo, now: datetime, last: date | None) -> date | None:
    """The local date whose digest is due at `now`; None when the newest one due has been sent.

    Once a local date, whatever the clocks do: a set time inside a gap moves forward by the gap, one that is repeated falls
    due the first time, days missed are not made up for but by the newest, and a clock set back sends nothing twice. Where
    there was none before (`last` is None), the first is that of the first set time to pass: yesterday nothing ran.
    """
    today = now.astimezone(zone).date()
    if now >= _instant(today, at, zone):
        return today if last is None or last < today else None
    yesterday = today - timedelta(days=1)
    return yesterday if last is not None and last < yesterday else None


def _instant(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class _Task:
    case: Case
    deadline: Deadline


def _tasks(cases: Iterable[Case], policy: Policy, now: datetime) -> Iterable[_Task]:
    for case in cases:
        for deadline in outstanding(case, policy, now):
            if deadline.state != "paused":
                yield _Task(case, deadline)


def _section(title: str, items: Sequence[Item], more_command: str) -> Section:
    return Section(title, tuple(items[:SHOWN]), max(len(items) - SHOWN, 0), more_command)


def _counted(*lists: tuple[Sequence[object], str]) -> list[str]:
    return [f"{len(found)} {what}" for found, what in lists if found]


def _state(counts: Sequence[str], health: Health) -> str:
    # Quiet is what a daemon in trouble must never be called: it may be blind to what is new.
    return ", ".join([*counts, *(["the daemon needs help"] if health.problems else [])]) or "all quiet"


def _task_item(task: _Task, now: datetime, zone: tzinfo) -> Item:
    due = task.deadline.due
    local = f"{due.astimezone(zone):%a %d %b %H:%M}"
    when = f"{_length(now - due)} overdue (was due {local})" if now > due else f"due in {_length(due - now)} ({local})"
    command = f"triaged case {task.case.id} {verb(task.deadline)}"
    return _item(task.case, f"{duty(task.deadline)}: {when}", command, task.deadline.rule)


def _new_item(case: Case, policy: Policy, duplicates: Duplicates) -> Item:
    notes = [f"from {visible(case.reporter.address, 60) or 'an unknown sender'}, {case.reporter.verdict}"]
    if case.report is None:
        return _item(case, "could not be read", f"triaged show {case.id}", *notes)
    verdict = case.report.verdict
    if verdict.reasons:
        first = verdict.reasons[0]
        notes.append(f"because {first.rule} in the {first.part}: {visible(first.quote, 70)}")
    notes.append(_sections(case.report) if not case.opening.encrypted else "encrypted: a person has to open it")
    notes += _same(case, case.report, policy, duplicates)
    notes += [f"attached {_attached(part)}" for mail in case.mails for part in mail.attachments[:3]]
    notes += [
        f"attachments not scanned: {visible(scan.reason, 70)}" for scan in case.scans if scan.verdict == "unscanned"
    ]
    notes += _hinted(case.report)
    if case.opening.related:
        notes.append(f"it refers to {case.opening.related}, but may not join that case")
    return _item(case, f"scope {case.sorted_as}, {verdict.band}", f"triaged show {case.id}", *notes)


def _sections(report: Report) -> str:
    found = [evidence.section for evidence in report.sections if evidence.present]
    return f"has {', '.join(found) or 'nothing asked for'}; missing {', '.join(report.missing) or 'nothing'}"


def _same(case: Case, report: Report, policy: Policy, duplicates: Duplicates) -> Iterator[str]:
    """What it seems to be the same as: the surest other case, and the surest known issue. Weak evidence is for `show`."""
    for each in duplicates.of(case)[:1]:
        if each.grade != "weak":
            yield f"seems the same as {each.of} ({each.grade}): {visible('; '.join(each.why[:2]), 90)}"
    for each in known_issues(report, policy.known_issues)[:1]:
        standing = next(issue.standing for issue in policy.known_issues if issue.id == each.of)
        yield f"seems to be known issue {each.of} ({each.grade}), {visible(standing, 60)}"


def _hinted(report: Report) -> Iterator[str]:
    """What cannot wait, in a sentence; every other hint in a word."""
    for hint in report.hints:
        if hint.id in _URGENT:
            yield f"! {hint.says.removesuffix('.')}: {visible(hint.quote, 70)}"
    marks = {"for": "+", "against": "-", "note": "!"}
    told = [f"{marks[hint.side]} {hint.id}" for hint in report.hints if hint.id not in _URGENT]
    if told:
        yield f"hints: {', '.join(told)}"


_URGENT = frozenset({"exploited", "extortion"})


def _attached(part: Attachment) -> str:
    flags = "".join(f", {visible(warning, 60)}" for warning in part.warnings)
    return f"{visible(part.filename, 40)} ({part.media_type}, {part.size} bytes{flags})"


def _questions(case: Case) -> Iterable[Item]:
    """What only a person can settle about this case."""
    acknowledgment = case.acknowledgment
    if acknowledgment and not case.answered_at:
        if acknowledgment.state == "withheld" and not _over_cap(case):
            what = f"acknowledgment withheld: {visible(acknowledgment.reason, 120)}"
            yield _item(case, what, f"triaged case {case.id} answered", "answer by hand if a person wrote it")
        elif acknowledgment.state in {"failed", "uncertain"}:
            what = f"acknowledgment {acknowledgment.state}: {visible(acknowledgment.reason, 120)}"
            yield _item(case, what, f"triaged case {case.id} resend")
    if (known := case.exploitation) and known.standing == "suspected":
        what = f"said to be exploited: {visible(known.why, 90)}"
        command = f'triaged case {case.id} exploited confirm --reason "..."'
        yield _item(case, what, command, "or dismiss, with the reason")
    if case.triaged_at is None and case.scope_set is None and case.scope == "unclear":
        yield _item(case, "the rules cannot tell its scope", f"triaged case {case.id} scope SCOPE")
    if case.triaged_at is None:
        yield from (_item(case, what, f"triaged show {case.id}") for what in _flags(case))


def _flags(case: Case) -> Iterator[str]:
    """What to know before opening what is attached."""
    for scan in case.scans:
        if scan.verdict == "infected":
            yield f"attachments flagged by the scanner: {visible(scan.reason, 60)}"
    for mail in case.mails:
        flagged = [part for part in mail.attachments if part.warnings]
        if flagged:
            yield f"open with care: {_attached(flagged[0])}"


def _held_back(cases: Sequence[Case]) -> Iterator[Item]:
    """One line for all that the caps hold back: in a flood there are thousands."""
    count = sum(_over_cap(case) and not case.answered_at for case in cases)
    if count:
        subject = f"{count} acknowledgment{'' if count == 1 else 's'} held back by the caps"
        yield Item("", subject, "filed, not answered, clocks running", "nobody", (), "triaged cases --state new")


def _over_cap(case: Case) -> bool:
    return case.withheld is not None and case.withheld.sign == "cap"


def _waiting_item(case: Case, now: datetime) -> Item:
    what = f"silent for {_length(now - case.pauses[-1].since)}"
    return _item(case, what, f"triaged show {case.id}")


def _item(case: Case, what: str, command: str, *notes: str) -> Item:
    subject = unlinked(visible(case.opening.subject, 70)) or "(no subject)"
    owner = visible(case.owner, 30) or "nobody"
    return Item(case.id, subject, unlinked(what), owner, tuple(map(unlinked, notes)), command)


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"
