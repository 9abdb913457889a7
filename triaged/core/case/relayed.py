"""The ids that relays give our mail: some (Amazon SES) replace the Message-ID that we made with their own."""

import re

_TOKEN = re.compile(
    r"(?<![A-Za-z0-9._+-])(?=[A-Za-z._+-]{0,99}[0-9])[A-Za-z0-9][A-Za-z0-9._+-]{15,99}(?![A-Za-z0-9._+-])"
)
_ANSWER = 500


def relay_ids(answer: str) -> tuple[str, ...]:
    """Return the ids in a server's answer to a mail (`250 Ok 0100019a...-000000`) that are long enough to be unique to it."""
    return tuple(_TOKEN.findall(answer[:_ANSWER]))


def bare(message_id: str) -> str:
    """The part before the @: a relay's answer names only this part of the Message-ID that it makes."""
    return message_id.partition("@")[0]
