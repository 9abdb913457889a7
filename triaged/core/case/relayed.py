"""The ids that a relay gives our mail: some (Amazon SES) put theirs in the place of the Message-ID that we made."""

import re

_TOKEN = re.compile(
    r"(?<![A-Za-z0-9._+-])(?=[A-Za-z._+-]{0,99}[0-9])[A-Za-z0-9][A-Za-z0-9._+-]{15,99}(?![A-Za-z0-9._+-])"
)
_ANSWER = 500


def relay_ids(answer: str) -> tuple[str, ...]:
    """The ids in a server's answer to a mail (`250 Ok 0100019a...-000000`), each long enough to be this mail's alone."""
    return tuple(_TOKEN.findall(answer[:_ANSWER]))


def bare(message_id: str) -> str:
    """What stands before the @: what the relay's answer names of the Message-ID that it makes."""
    return message_id.partition("@")[0]
