"""What becomes of a command, and who gives it."""

from dataclasses import dataclass

from triaged.core.case.events import TeamDecision


@dataclass(frozen=True, slots=True)
class By:
    """Who gives a command."""

    shown: str
    """As the history has it: `ana (sudo)`, or a mail address."""
    me: str
    """As an owner."""


@dataclass(frozen=True, slots=True)
class Decided:
    """It may be."""

    events: tuple[TeamDecision, ...]
    """What to record; empty only where the daemon does the work by itself, once the templates render."""
    said: str
    """What was done, in words that follow the case's id: `scope sdk`."""


@dataclass(frozen=True, slots=True)
class No:
    """It may not be."""

    sentence: str
    """Why, and what to do instead. It names the case."""
    unknown: bool = False
    """True if it names a case that is not there."""
