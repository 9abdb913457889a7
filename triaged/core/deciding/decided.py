"""The outcome of a command, and the person who gives it."""

from dataclasses import dataclass

from triaged.core.case.events import TeamDecision


@dataclass(frozen=True, slots=True)
class By:
    """The person who gives a command."""

    shown: str
    """The name in the history: `ana (sudo)`, or a mail address."""
    me: str
    """The name as an owner."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The command is carried out."""

    events: tuple[TeamDecision, ...]
    """The events to record; empty only if the daemon does the work itself once the templates render."""
    said: str
    """What was done, in words that follow the case's id: `scope sdk`."""


@dataclass(frozen=True, slots=True)
class No:
    """The command is refused."""

    sentence: str
    """Why, and what to do instead. The sentence names the case."""
    unknown: bool = False
    """True if the command names a case that does not exist."""
