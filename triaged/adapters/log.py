"""Logs to stdout: coloured lines for people, logfmt with priorities for journald, JSON for log shippers.

Lines at info hold nothing that a mail says.

An event is a few fixed words. Whatever varies is a bound key, which the renderer escapes: nobody can forge a line.
"""

import os
import sys
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from triaged.core.text import defanged, visible

LogFormat = Literal["auto", "console", "logfmt", "json"]
LogLevel = Literal["debug", "info", "warning", "error", "critical"]

# sd-daemon(3): a line that begins with <N> carries its syslog priority, so that `journalctl -p warning` works.
_PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_VALUE_SHOWN = 300
_OTHERS_WORDS = frozenset({"cause", "error", "outcome"})
"""Keys whose values may hold the words of a server or a sender."""


def journal_prefix(level: LogLevel, stream: TextIO) -> str:
    """The prefix that gives a line its priority if the stream goes to the journal; "" otherwise.

    $JOURNAL_STREAM alone proves nothing: shells and cron jobs inherit it from a service. It names the stream by device and
    inode (systemd.exec(5)).
    """
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return ""
    is_journal = os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"
    return f"<{_PRIORITY[level]}>" if is_journal else ""


def set_up_logging(form: LogFormat = "auto", *, level: LogLevel = "info", stream: TextIO | None = None) -> None:
    """Configure structlog for this process, once, before the first line."""
    out = stream or sys.stdout
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _escaped,
            *_RENDERERS[_chosen(form, out)],
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )


def _chosen(form: LogFormat, out: TextIO) -> LogFormat:
    if form != "auto":
        return form
    if os.environ.get("JOURNAL_STREAM"):
        return "logfmt"
    return "console" if out.isatty() else "json"


def _escaped(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # The str() of anything but a number may hold a stranger's words: a path, an error, a list of addresses.
    return {key: value if isinstance(value, int | float | None) else _shown(key, value) for key, value in event.items()}


def _shown(key: str, value: object) -> str:
    show = defanged if key in _OTHERS_WORDS else visible
    return show(str(value), _VALUE_SHOWN)


def _with_priority(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["_priority"] = f"<{_PRIORITY.get(event['level'], 6)}>"
    return event


def _journal_line(logger: WrappedLogger, method: str, event: EventDict) -> str:
    priority = event.pop("_priority")
    render = structlog.processors.LogfmtRenderer(key_order=["event"])
    return f"{priority}{render(logger, method, event)}"


_STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)
_RENDERERS: dict[LogFormat, tuple[Processor, ...]] = {
    "console": (structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False), structlog.dev.ConsoleRenderer()),
    # journald stamps the time and shows the level itself.
    "logfmt": (_with_priority, _journal_line),
    "json": (_STAMP, structlog.processors.JSONRenderer()),
}
