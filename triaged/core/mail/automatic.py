"""RFC 3834: why this message must not be answered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Silence:
    """A sign that a machine sent this, and the rule that forbids an answer."""

    sign: str
    """Short name of the sign: `auto-submitted`."""
    rfc: str
    """Where it is written: `RFC 3834 section 2`."""
    reason: str
    """One sentence for the team."""
    machine_format: bool = False
    """Whether the message is by its format no person's words at all (a delivery report, a receipt): it opens no case."""
