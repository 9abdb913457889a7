"""Named crash points between two effects, where a test makes the process die as by kill -9 (docs/reliability.md).

`TRIAGED_CRASH_AT=name:k` kills the process when it reaches that point for the k-th time. Without it this module does nothing.
"""

import os
import signal
from collections import Counter

# A file comes to be in four steps, whatever is in it.
_FILES = ("mail", "journal", "snapshot", "key", "decision", "erasure")
_STEPS = ("draft-written", "draft-fsynced", "named", "folder-fsynced")

POINTS = (
    *(f"{file}-{step}" for file in _FILES for step in _STEPS),
    "journal-line-appended",
    "journal-line-fsynced",
    "contact-remembered",
    "mail-fetched",
    "attempt-counted",
    "mail-read",
    "end-recorded",
    "mail-marked",
    "mail-filed",
    "alarm-owed",
    "alert-owed",
    "digest-owed",
    "reminder-owed",
    "update-owed",
    "decision-recorded",
    "decision-taken-away",
    "erasure-recorded",
    "erased-mail-removed",
    "erased-mails-synced",
    "erasure-taken-away",
    "restore-drafted",
    "restore-begun",
    "restore-old-aside",
    "restore-named",
    "restore-ended",
    "submitting-recorded",
    "smtp-connected",
    "smtp-mail-taken",
    "smtp-rcpt-taken",
    "smtp-data-begun",
    "smtp-content-half-sent",
    "smtp-content-sent",
    "smtp-dot-sent",
    "smtp-answer-read",
    "outcome-recorded",
    "mail-scanned",
    "scan-recorded",
)
"""Every name that `crash_point` may be called with."""

armed, _, times = os.environ.get("TRIAGED_CRASH_AT", "").partition(":")
reached: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """Kill the process if the environment names this point."""
    if armed:
        _reach(name)


def _reach(name: str) -> None:
    if name not in POINTS:
        raise ValueError(f"{name} is not among the crash points")
    reached[name] += 1
    if name == armed and reached[name] == int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)
