"""What is wrong with the promises and the calendar of a policy.yaml, each with its line."""

from datetime import date
from pathlib import Path

import pytest

from triaged.config.loading import load_policy
from triaged.config.yaml_source import SettingsError

POLICY = (Path(__file__).resolve().parents[1] / "config/policy.yaml").read_text()
PROMISES = POLICY[POLICY.index("\npromises:") + 1 : POLICY.index("\n# The policy's own words, quoted")]


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a policy with these promises and this calendar, and say in which line they begin."""
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> tuple[Path, int]:
        assert PROMISES in POLICY
        path = Path("policy.yaml")
        path.write_text(POLICY.replace(PROMISES, text))
        return path, POLICY[: POLICY.index(PROMISES)].count("\n") + 1

    return write


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("profile: cisa\n", 0, "profile[0]: must be 'policy', 'cisa-bod-20-01', 'ncsc-uk', "),
        ("profile: [nis2, nis3]\n", 0, "profile[1]: must be 'policy', 'cisa-bod-20-01', "),
        ("promises: []\n", 0, "promises: the promise 'acknowledge' must be there once, not 0 times"),
        ("", None, "promises: the promise 'acknowledge' must be there once, not 0 times"),
        (
            "profile: nis2\npromises:\n  - {name: fix, within: 9d}\n  - {name: fix, within: 8d}\n",
            1,
            "promises: the promise 'fix' must be there once, not 2 times",
        ),
        (
            "profile: nis2\npromises:\n  - {name: triage, within: 9d}\n  - {name: fix, within: 0d}\n",
            3,
            "promises[1].within: must be longer than nothing and no longer than a century",
        ),
        (
            "profile: nis2\npromises:\n  - name: fix\n    within:\n      critical: 7 days\n      default: 9d\n",
            4,
            "promises[0].within.critical: '7 days' is no length of time; write it like 60s, 15m, 48h, 14d or 2w, or like 5 ",
        ),
        (
            "profile: nis2\npromises:\n  - name: fix\n    within:\n      awful: 7d\n      default: 9d\n",
            4,
            "promises[0].within.awful: must be 'critical', 'high', 'medium', 'low' or 'none'",
        ),
        (
            "profile: nis2\npromises:\n  - name: fix\n    within: 9d\n    warn: [1d, soon]\n",
            4,
            "promises[0].warn[1]: 'soon' is no length of time; write it like 60s, 15m, 48h, 14d or 2w",
        ),
        (
            "profile: nis2\npromises:\n  - name: fix\n    until: 9d\n",
            3,
            "promises[0].until: is no setting; allowed here: name, within, since, pausable, warn, on_breach, calendar, source",
        ),
        (
            "profile: nis2\npromises:\n  - name: acknowledge\n    within: 9d\n    pausable: true\n",
            4,
            "promises[0].pausable: the clock of 'acknowledge' never pauses",
        ),
        (
            "profile: nis2\npromises:\n  - name: nis2-early-warning\n    within: 1 business day\n",
            2,
            "promises[0]: the law gives 24 hours for 'nis2-early-warning', in calendar time, and no more",
        ),
        (
            "profile: nis2\ncalendar:\n  closed:\n    - 2026-12-25\n    - 2026-02-29\n",
            4,
            "calendar.closed[1]: '2026-02-29' is no date",
        ),
        (
            "profile: nis2\ncalendar:\n  closed:\n    - 2026-12-25T10:00\n",
            3,
            "calendar.closed[0]: '2026-12-25T10:00' is no date",
        ),
        ("profile: nis2\ncalendar:\n  closed: 2026-12-25\n", 2, "calendar.closed: must be a list, like [one, two]"),
        (
            "profile: nis2\ncalendar:\n  hours: 9 to 5\n",
            2,
            "calendar.hours: '9 to 5' are no working hours; write them like \"09:00",
        ),
        (
            "profile: nis2\ncalendar:\n  hours: 17:00-09:00\n",
            2,
            "calendar.hours: working hours last at least an hour, and end on the day on which they begin",
        ),
        (
            "profile: nis2\ncalendar:\n  holidays:\n    country: Germany\n",
            3,
            "calendar.holidays.country: 'Germany' is not of the form that is allowed here",
        ),
        (
            "profile: nis2\ncalendar:\n  holidays:\n    country: DE\n    subdivision: Bavaria\n",
            4,
            "calendar.holidays.subdivision: 'Bavaria' is no part of DE; known are: BB, BE, BW, BY, ",
        ),
        (
            "profile: nis2\ncalendar:\n  holidays: DE\n",
            2,
            "calendar.holidays: must hold settings of its own, as `key: value`",
        ),
        (
            "profile: nis2\npromises:\n  - name: fix\n    within: 9d\n    calendar:\n      timezone: Mars/Base\n",
            5,
            "promises[0].calendar.timezone: 'Mars/Base' is no time zone; write it like Europe/Berlin",
        ),
    ],
)
def test_a_fault_is_one_line_with_its_place(written, text, line, fault):
    path, first = written(text)
    with pytest.raises(SettingsError) as caught:
        load_policy(path)
    (said,) = caught.value.faults
    where = 3 if line is None else first + line
    assert said.startswith(f"policy.yaml:{where}: {fault}")


def test_a_profile_needs_no_promises_beside_it(written):
    path, _ = written("profile: nis2\npromises: []\n")
    assert [promise.name for promise in load_policy(path).promises][-1] == "nis2-final-report"


def test_a_leap_day_may_be_closed(written):
    path, _ = written("profile: nis2\ncalendar:\n  closed: [2028-02-29]\n")
    assert load_policy(path).calendar.closed == (date(2028, 2, 29),)
