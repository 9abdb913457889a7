import math
import statistics
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.values import HOUR, NOON, case, decide, message, owed, policy, received
from triaged.core.case.events import (
    Answered,
    Assessed,
    AuthorityNotified,
    Closed,
    ExploitConfirmed,
    FixAvailable,
    MarkedDuplicate,
    Reopened,
    ScopeSet,
    SeveritySet,
    Submitted,
    Triaged,
    Waiting,
    Withheld,
)
from triaged.core.case.folding import fold
from triaged.core.clocks.deadlines import deadlines
from triaged.core.policy.profiles import promised
from triaged.core.report.measures import Share
from triaged.core.team.bod_20_01 import FEW, Spread, is_valid, spread
from triaged.core.team.metrics import Kept, metrics

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = START + 300 * DAY
REPORT = decide(message()).report
OURS = policy().model_copy(update={"promises": promised(("cisa-bod-20-01", "ncsc-uk", "eu-cra"), ())})
SCOPES = ["model", "infrastructure", "sdk", "out-of-scope", "unclear"]
WITHHELD = Withheld(at=NOON, sign="cap", rfc="RFC 3834", reason="the cap is reached")
LATER = {
    "answered": lambda at: Answered(at=at, by="bo"),
    "triaged": lambda at: Triaged(at=at, by="bo"),
    "triaged none": lambda at: Triaged(at=at, by="bo", severity="none"),
    "sdk": lambda at: ScopeSet(at=at, by="bo", scope="sdk"),
    "out": lambda at: ScopeSet(at=at, by="bo", scope="out-of-scope"),
    "high": lambda at: SeveritySet(at=at, by="bo", severity="high"),
    "waiting": lambda at: Waiting(at=at, by="bo"),
    "mail": lambda at: received(at=at, received_at=at),
    "duplicate": lambda at: MarkedDuplicate(at=at, by="bo", of="SEC-0000-0000"),
    "closed": lambda at: Closed(at=at, by="bo", reason="done"),
    "reopened": lambda at: Reopened(at=at, by="bo"),
    "exploited": lambda at: ExploitConfirmed(at=at, by="bo", reason="logs"),
    "told": lambda at: AuthorityNotified(at=at, by="bo", duty="cra-early-warning"),
    "fixed": lambda at: FixAvailable(at=at, by="bo"),
}


@dataclass(frozen=True)
class Told:
    """What happened to one case, each in minutes after receipt; the brute force counts over this, not over the case."""

    minute: int
    kind: str | None
    scope: str
    missing: bool
    acknowledged: int | None
    sign: str | None
    later: list[tuple[int, str]]

    @property
    def at(self):
        return START + self.minute * MINUTE

    def case(self):
        events = [(0, received(at=self.at, received_at=self.at))]
        if self.kind:
            verdict = replace(REPORT.verdict, scope=self.scope)
            missing = ("impact",) if self.missing else ()
            events.append(
                (0, Assessed(at=self.at, report=replace(REPORT, verdict=verdict, kind=self.kind, missing=missing)))
            )
        if self.sign:
            events.append((0, replace(WITHHELD, at=self.at, sign=self.sign)))
        elif self.acknowledged is not None:
            events.append((0, owed(at=self.at)))
            sent = Submitted(at=self.at + self.acknowledged * MINUTE, message_id="ack-1@smallest.ai", answer="250")
            events.append((self.acknowledged, sent))
        events += [(minute, LATER[what](self.at + minute * MINUTE)) for minute, what in self.later]
        return fold("SEC-7Q4K-2M8D", [event for _, event in sorted(events, key=lambda each: each[0])])

    def first(self, *names):
        return min((minute for minute, what in self.later if what in names), default=None)

    def last(self, *names):
        """The last of these to happen, of one minute the one that is told last."""
        return next((what for _, what in sorted(self.later, key=lambda each: each[0])[::-1] if what in names), None)

    @property
    def ended(self):
        """The minute from which on it has been closed, where it is."""
        found = None
        for minute, what in sorted(self.later, key=lambda each: each[0]):
            found = minute if what in {"closed", "duplicate"} else None if what == "reopened" else found
        return found

    @property
    def duplicate(self):
        found = False
        for _, what in sorted(self.later, key=lambda each: each[0]):
            found = what == "duplicate" or (found and what != "reopened")
        return found

    @property
    def person(self):
        return {"sdk": "sdk", "out": "out-of-scope", None: None}[self.last("sdk", "out")]

    @property
    def report(self):
        return self.person is not None or self.kind in {None, "report"}

    @property
    def sorted_as(self):
        return self.person or (self.scope if self.kind else "unclear")

    @property
    def looked_at(self):
        return self.first("triaged", "triaged none") is not None

    @property
    def severity(self):
        return {"high": "high", "triaged none": "none", None: None}[self.last("high", "triaged none")]

    @property
    def valid(self):
        scope = self.sorted_as in {"model", "infrastructure", "sdk"}
        return self.report and self.looked_at and scope and self.severity != "none" and not self.duplicate


@st.composite
def tellings(draw):
    sign = draw(st.sampled_from([None, None, "cap", "no-sender"]))
    return Told(
        minute=draw(st.integers(0, 290 * 1440)),
        kind=draw(st.sampled_from([None, "report", "report", "report", "legal"])),
        scope=draw(st.sampled_from(SCOPES)),
        missing=draw(st.booleans()),
        acknowledged=None if sign else draw(st.none() | st.integers(1, 60)),
        sign=sign,
        later=draw(
            st.lists(
                st.tuples(st.integers(61, 9 * 1440), st.sampled_from(sorted(LATER))),
                max_size=6,
                unique_by=lambda each: each[0],
            )
        ),
    )


def took(minutes):
    """The spread, by the standard library and by the words of its definition."""
    lengths = sorted(minutes)
    if not lengths:
        return Spread(0, None, None)
    ninetieth = next(each for each in lengths if sum(other <= each for other in lengths) >= 0.9 * len(lengths))
    median = statistics.median(lengths) * MINUTE
    return Spread(len(lengths), median, ninetieth * MINUTE if len(lengths) >= FEW else None)


def known(minutes):
    return took(minute for minute in minutes if minute is not None)


def age(told):
    return (NOW - told.at) // MINUTE


@settings(max_examples=150)
@given(st.lists(tellings(), max_size=30), st.none() | st.integers(0, 300))
def test_every_figure_is_what_counting_by_hand_gives(every, day):
    since = START + day * DAY if day is not None else None
    found = metrics([told.case() for told in every], OURS, NOW, since)
    within = [told for told in every if since is None or told.at >= since]
    reports = [told for told in within if told.report]
    still_open = [told for told in every if told.valid and told.ended is None]
    old = [told for told in still_open if NOW - told.at > 90 * DAY]
    directive = found.directive
    assert (found.cases, directive.reports) == (len(within), len(reports))
    assert directive.valid == sum(told.valid for told in reports)
    assert (directive.open_valid, directive.open_valid_age) == (len(still_open), took(map(age, still_open)))
    assert (directive.old_open_valid, directive.old_age) == (len(old), took(map(age, old)))
    assert directive.old_by_severity == {
        severity: count for severity in (None, "high") if (count := sum(told.severity == severity for told in old))
    }
    assert directive.to_validate == found.to_triage == known(told.first("triaged", "triaged none") for told in reports)
    assert directive.to_remedy == known(
        min((m for m in (told.first("fixed"), told.ended) if m is not None), default=None)
        for told in reports
        if told.valid
    )
    assert found.to_machine == known(told.acknowledged for told in reports)
    assert found.to_person == known(told.first("answered") for told in reports)
    assert directive.to_respond == known(
        told.acknowledged if told.acknowledged is not None else told.first("answered") for told in reports
    )
    assert found.to_close == known(told.ended for told in reports)
    assert found.withheld == {
        sign: count for sign in ("cap", "no-sender") if (count := sum(told.sign == sign for told in within))
    }
    assert found.duplicates == Share(sum(told.duplicate for told in reports), len(reports))
    judged = [told for told in reports if told.kind and told.scope != "unclear" and (told.person or told.looked_at)]
    assert found.overruled == Share(sum(told.person not in {None, told.scope} for told in judged), len(judged))
    asked = [told for told in reports if told.kind and told.missing and told.acknowledged is not None]
    assert found.asked_and_answered == Share(sum(told.first("mail") is not None for told in asked), len(asked))


@settings(max_examples=100)
@given(st.lists(tellings(), max_size=30))
def test_the_same_cases_are_sorted_by_month_kind_and_scope(every):
    found = metrics([told.case() for told in every], OURS, NOW)
    reports = [told for told in every if told.report]
    assert {month: count for month, count in found.months.items() if count} == {
        month: count
        for number in range(1, 13)
        if (month := f"2026-{number:02}") and (count := sum(f"{told.at:%Y-%m}" == month for told in reports))
    }
    assert list(found.months) == sorted(found.months)
    assert sum(found.kinds.values()) == len(every)
    assert found.kinds.get("unread", 0) == sum(told.kind is None for told in every)
    assert found.kinds.get("legal", 0) == sum(not told.report for told in every)
    assert found.scopes == {
        scope: count for scope in SCOPES if (count := sum(told.sorted_as == scope for told in reports))
    }
    assert list(found.scopes.values()) == sorted(found.scopes.values(), reverse=True)


@settings(max_examples=100)
@given(st.lists(tellings(), max_size=10))
def test_every_deadline_is_met_missed_or_pending_and_none_is_counted_twice(every):
    cases = [told.case() for told in every]
    found = metrics(cases, OURS, NOW).deadlines
    for name in {each.name for subject in cases for each in deadlines(subject, OURS, NOW)}:
        ends = []
        for subject in cases:
            for each in deadlines(subject, OURS, NOW):
                over = subject.closed_at if not name.startswith("cra-") else None
                until = each.met_at or over or NOW
                late = until > each.due
                if each.name == name and not (each.met_at is None and over and not late):
                    ends.append("missed" if late else "met" if each.met_at else "pending")
                    ends += ["overdue"] if late and not each.met_at and not over else []
        wanted = Kept(*(ends.count(end) for end in ("met", "missed", "overdue", "pending")))
        assert found.get(name, Kept()) == wanted


@given(st.lists(st.integers(0, 10**9), max_size=40))
def test_half_took_no_longer_than_the_median_and_nine_in_ten_no_longer_than_the_ninetieth(minutes):
    assert spread(minute * MINUTE for minute in minutes) == took(minutes)
    found = spread(minute * MINUTE for minute in minutes)
    if found.median is not None:
        assert sum(minute * MINUTE <= found.median for minute in minutes) >= len(minutes) / 2
    if found.ninetieth is not None:
        assert sum(minute * MINUTE <= found.ninetieth for minute in minutes) >= math.ceil(len(minutes) * 0.9)


def test_a_machines_word_and_a_persons_are_told_apart():
    sent = Submitted(at=NOON, message_id="ack-1@smallest.ai", answer="250")
    found = metrics([case(owed(), sent, Answered(at=NOON + DAY, by="bo"))], policy(), NOON + 2 * DAY)
    assert found.to_machine == Spread(1, HOUR, None)
    assert found.to_person == Spread(1, HOUR + DAY, None)
    assert found.directive.to_respond == Spread(1, HOUR, None)


def test_a_month_begins_where_the_policys_zone_says_and_none_between_is_left_out():
    ours = policy().model_copy(
        update={"calendar": policy().calendar.model_copy(update={"timezone": ZoneInfo("Asia/Tokyo")})}
    )
    last_of_october = received(received_at=datetime(2026, 10, 31, 16, tzinfo=UTC))
    first_of_january = received(received_at=datetime(2027, 1, 1, tzinfo=UTC))
    cases = [fold("SEC-0000-0000", [mail]) for mail in (first_of_january, last_of_october)]
    assert metrics(cases, ours, NOON).months == {"2026-11": 1, "2026-12": 0, "2027-01": 1}
    assert next(iter(metrics(cases, policy(), NOON).months)) == "2026-10"


def test_valid_is_what_a_person_found_in_scope():
    rules = Assessed(at=NOON, report=REPORT)
    triaged = Triaged(at=NOON, by="bo")
    assert is_valid(case(rules, triaged))
    assert not is_valid(case(rules))
    assert not is_valid(case(rules, triaged, ScopeSet(at=NOON, by="bo", scope="out-of-scope")))
    assert not is_valid(case(rules, triaged, SeveritySet(at=NOON, by="bo", severity="none")))
    assert not is_valid(case(rules, triaged, MarkedDuplicate(at=NOON, by="bo", of="SEC-0000-0000")))


def test_of_nothing_there_is_nothing_to_say():
    found = metrics([], policy(), NOON)
    assert (found.cases, found.months, found.deadlines, found.withheld) == (0, {}, {}, {})
    assert found.directive.to_respond == Spread(0, None, None)
    assert found.overruled == Share(0, 0)
