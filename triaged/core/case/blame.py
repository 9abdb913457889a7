"""Decide who must fix a permanent refusal: the one letter, our settings, or nobody yet.

A relay that is set up wrongly refuses every letter, in much the same words in which one recipient's server refuses one.
Enhanced status codes (RFC 3463, RFC 7372, those that Exchange adds) tell them apart where servers give them.
"""

import re
from typing import Literal

Stage = Literal["sender", "recipient", "content"]
"""The SMTP stage that was refused: MAIL FROM, RCPT TO, or DATA and everything after it."""

Blame = Literal["letter", "settings", "unclear"]
"""`unclear`: a single refusal of this kind is final; the same refusal for several recipients points to our settings."""

# The server wants a login or encryption, does not accept our sender, or does not relay for us.
_SETTINGS = re.compile(r"53[0458] |\d{3} 5\.(?:1\.[78]|7\.(?:3|8|9|11|14|30|54|57|60|64|139))\b")
# The mailbox does not exist or is full, no route leads to it, or the content is too long or unacceptable.
_LETTER = re.compile(r"\d{3} 5\.(?:1\.(?:[1-6]|10)|[2346]\.\d{1,3}|7\.(?:13|17|18))\b")
_ENHANCED = re.compile(r"\d{3} 5\.\d{1,3}\.\d{1,3}\b")
_LETTER_IN_WORDS = re.compile(
    r"55[12] |\d{3} .*?(?:unknown (?:user|recipient)|user unknown|no such|not exist|mailbox full|quota|too (?:large|big|long))",
    re.IGNORECASE | re.DOTALL,
)


def blame(stage: Stage, said: str) -> Blame:
    """Return who must fix a refusal, judged by the server's words: a 5xx reply code and the text after it."""
    if _SETTINGS.match(said) or stage == "sender":
        return "settings"
    own_fault = _LETTER if _ENHANCED.match(said) else _LETTER_IN_WORDS
    return "letter" if own_fault.match(said) else "unclear"
