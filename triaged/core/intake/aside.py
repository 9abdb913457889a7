"""Decide which mail does not concern us, and what is kept of it for a person to see.

A sign forbids the answer, never the filing: what the mail tells decides whether anybody here has to know of it.
"""

from triaged.core.intake.incoming import Seen
from triaged.core.intake.telling import telling
from triaged.core.letters.house import House
from triaged.core.mail.arrival import Aside
from triaged.core.mail.automatic.signs import Silence
from triaged.core.report.reading import looks_like_report
from triaged.core.text import visible

_BY_THE_DOZEN = frozenset(
    "report own-mail failed-recipients tls-report calendar invitation dmarc-report complaint bounce receipt list".split()
)
"""Signs of mail that comes in such numbers that it is never shown one by one."""

_ABOUT_MAIL = frozenset({"dmarc-report", "complaint", "bounce", "receipt", "invitation"})
"""Signs of mail that machines send about mail, whatever it names."""


def nothing_of_ours(seen: Seen, house: House) -> str:
    """Why nobody here needs to know about the mail; empty if somebody may."""
    if seen.forged_door:
        return f"it says that it comes from {seen.forged_door.door.name}, and our border does not vouch for it"
    if seen.silence and not seen.knock and not _deserves_a_case(seen, seen.silence, house):
        return seen.silence.reason
    return ""


def aside_of(seen: Seen, house: House) -> Aside:
    """The details kept for the list of mail that was set aside."""
    message, silence = seen.mail.message, seen.silence
    author = seen.sender.address or message.first("from")
    sign = "forged-door" if seen.forged_door else silence.sign if silence else seen.report.kind
    return Aside(visible(author), visible(message.subject), sign, _came_near(seen, house))


def _deserves_a_case(seen: Seen, why: Silence, house: House) -> bool:
    """True if a mail that must not be answered is filed anyway: suppress the answer, never the filing."""
    match why.strength:
        case "format":
            return False
        case "replied":
            return looks_like_report(seen.report, seen.mail.message, ())
        case "mass" | "machine":
            told = telling(seen.mail.message, house.ours, house.policy)
            shaped = why.sign not in _ABOUT_MAIL and looks_like_report(seen.report, seen.mail.message, ())
            return shaped or (told.of_ours if why.strength == "mass" else told.something)
        case "carried" | "marked" | "worded":
            return True


def _came_near(seen: Seen, house: House) -> bool:
    """True if a person should look at it: it mentions a flaw and is no notice of the kinds that arrive in bulk."""
    why = seen.silence
    if seen.forged_door:
        return True
    if why is None or why.notice or why.sign in _BY_THE_DOZEN:
        return False
    told = telling(seen.mail.message, house.ours, house.policy)
    return told.of_ours if why.strength == "format" else told.something and why.strength != "mass"
