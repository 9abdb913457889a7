"""Who is to mend a lasting refusal: one letter, our settings, or nobody can tell yet.

A relay that is set up wrongly refuses every letter, in much the same words in which one recipient's server refuses one.
Enhanced status codes (RFC 3463, RFC 7372, those that Exchange adds) tell them apart where servers give them.
"""

import re
from typing import Literal

Stage = Literal["sender", "recipient", "content"]
"""What was refused: MAIL FROM, RCPT TO, or DATA and what follows it."""

Blame = Literal["letter", "settings", "unclear"]
"""`unclear`: one refusal of the kind is final; the same for several recipients is a fault of the settings."""

# A login or encryption is wanted, the sender is not one of ours, or the relay does not serve us.
_SETTINGS = re.compile(r"53[0458] |\d{3} 5\.(?:1\.[78]|7\.(?:3|8|9|11|14|30|54|57|60|64|139))\b")
# No such mailbox, a full one, no route to it, too long or unfit a content.
_LETTER = re.compile(r"\d{3} 5\.(?:1\.(?:[1-6]|10)|[2346]\.\d{1,3}|7\.(?:13|17|18))\b")
_ENHANCED = re.compile(r"\d{3} 5\.\d{1,3}\.\d{1,3}\b")
_LETTER_IN_WORDS = re.compile(
    r"55[12] |\d{3} .*?(?:unknown (?:user|recipient)|user unknown|no such|not exist|mailbox full|quota|too (?:large|big|long))",
    re.IGNORECASE | re.DOTALL,
)


def blame(stage: Stage, said: str) -> Blame:
    """Who is to mend a refusal with these words, which begin with the reply code, a 5xx."""
    if _SETTINGS.match(said) or stage == "sender":
        return "settings"
    own_fault = _LETTER if _ENHANCED.match(said) else _LETTER_IN_WORDS
    return "letter" if own_fault.match(said) else "unclear"
