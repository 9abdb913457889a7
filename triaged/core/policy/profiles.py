"""Sets of promises to choose from, with figures that others publish. A test compares docs/deadlines.md with them."""

from collections.abc import Sequence
from typing import Literal

from triaged.core.policy.calendar import Calendar
from triaged.core.policy.fields import each_once
from triaged.core.policy.promises import ALWAYS, DATES, PROMISES, Promise

ProfileName = Literal[
    "policy", "cisa-bod-20-01", "ncsc-uk", "hackerone", "openssf", "disclosure-90", "eu-cra", "nis2"
]  # fmt: skip


def _stated(source: str, *promises: dict[str, object]) -> tuple[Promise, ...]:
    return tuple(Promise.model_validate({"source": source, **promise}) for promise in promises)


# Its days are Monday to Friday; holidays count as working days.
_EVERY_WEEKDAY = Calendar(weekend=("saturday", "sunday"), closed=(), holidays=None)

_BEFORE_A_DATE = ["14d", "3d", "24h"]
_STATUTORY = {"on_breach": "critical"}

PROFILES: dict[ProfileName, tuple[Promise, ...]] = {
    "policy": _stated(
        "",
        {"name": "acknowledge", "within": "48h", "warn": ["12h"]},
        {"name": "triage", "within": "5 business days", "pausable": True, "warn": ["24h"]},
        {"name": "update", "within": "14d", "pausable": True, "warn": ["24h"]},
        {"name": "reporter-date", "warn": _BEFORE_A_DATE},
        {"name": "agreed-date", "warn": _BEFORE_A_DATE},
        {"name": "door", "within": "1 business day", "warn": ["4h"]},
        {
            "name": "privacy",
            "within": "1 month",
            "warn": ["7d"],
            "source": "Regulation (EU) 2016/679 (GDPR), article 12(3)",
        },
    ),
    "cisa-bod-20-01": _stated(
        "CISA BOD 20-01",
        {"name": "acknowledge", "within": "3 business days", "warn": ["24h"]},
        {"name": "triage", "within": "7d", "pausable": True, "warn": ["24h"]},
        {"name": "fix", "within": "90d", "pausable": True, "warn": ["14d"]},
    ),
    "ncsc-uk": _stated(
        "NCSC Vulnerability Disclosure Toolkit",
        {"name": "first-answer", "within": "5 business days", "warn": ["24h"]},
        {"name": "triage", "within": "10 business days", "pausable": True, "warn": ["24h"]},
        {"name": "update", "within": "14d", "pausable": True, "warn": ["24h"]},
    ),
    "hackerone": _stated(
        "HackerOne response targets",
        {"name": "first-answer", "within": "1 business day", "warn": ["4h"], "calendar": _EVERY_WEEKDAY},
        {"name": "triage", "within": "2 business days", "pausable": True, "warn": ["8h"], "calendar": _EVERY_WEEKDAY},
        {"name": "fix", "within": "30 business days", "pausable": True, "warn": ["7d"], "calendar": _EVERY_WEEKDAY},
    ),
    "openssf": _stated(
        "OpenSSF Best Practices badge",
        {"name": "first-answer", "within": "14d", "warn": ["4d"]},
    ),
    "disclosure-90": _stated(
        "90-day disclosure",
        {"name": "fix", "within": "90d", "warn": ["14d"]},
        {"name": "disclosure", "within": "90d", "warn": ["14d", "3d"], "on_breach": "show"},
        {"name": "reporter-date", "warn": ["14d", "3d"]},
    ),
    "eu-cra": _stated(
        "Regulation (EU) 2024/2847, article 14(2)",
        {"name": "cra-early-warning", "within": "24h", "warn": ["20h", "4h"], **_STATUTORY},
        {"name": "cra-notification", "within": "72h", "warn": ["24h"], **_STATUTORY},
        {"name": "cra-final-report", "within": "14d", "warn": ["3d"], **_STATUTORY},
    ),
    "nis2": _stated(
        "Directive (EU) 2022/2555, article 23(4)",
        {"name": "nis2-early-warning", "within": "24h", "warn": ["20h", "4h"], **_STATUTORY},
        {"name": "nis2-notification", "within": "72h", "warn": ["24h"], **_STATUTORY},
        {"name": "nis2-final-report", "within": "1 month", "warn": ["7d"], **_STATUTORY},
    ),
}


def promised(profiles: Sequence[ProfileName], own: Sequence[Promise]) -> tuple[Promise, ...]:
    """Merge the promises of these profiles and of the policy; ValueError if one is missing or given twice."""
    names = [promise.name for promise in own]
    each_once("promise", names, tuple(dict.fromkeys((*(() if profiles else ALWAYS), *names))))
    if not profiles:
        # A date that a person named is tracked even if the policy does not mention it: everybody will see whether it was kept.
        return (*own, *(each for each in PROFILES["policy"] if each.name in DATES and each.name not in names))
    # A promise that no profile defines is taken from the shipped policy.
    sets = (PROFILES["policy"], *(PROFILES[name] for name in profiles), own)
    by_name = {promise.name: promise for each in sets for promise in each}
    return tuple(by_name[name] for name in PROMISES if name in by_name)
