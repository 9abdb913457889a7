"""A glance at a text, so that no shape is looked for where it cannot stand: most texts hold few of any shape's signs."""

import re

FIGURE, DECIMAL, DOTTED, HUMP = r"\d", r"\d.\d", r"\d.\d.\d", "aA"
"""Stand for a figure of any script, for two with a full stop between, for three, and for a small letter before a capital."""
_LOOKS = {
    FIGURE: re.compile(r"\d"),
    DECIMAL: re.compile(r"\d\.\d"),
    DOTTED: re.compile(r"\d\.\d{1,4}\.[\dx]"),
    # Capitals are few: the search goes from one to the next.
    HUMP: re.compile(r"[A-Z](?<=[a-z][A-Z])"),
}


class Glance:
    """What a text holds, at a glance."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._looks = {sign: bool(look.search(text)) for sign, look in _LOOKS.items()}

    def may_hold(self, signs: tuple[str, ...]) -> bool:
        """True if one of the signs stands in the text; a shape without signs may be in any."""
        return not signs or any(self._looks[sign] if sign in _LOOKS else sign in self._text for sign in signs)


def holds(text: str, sign: str) -> bool:
    """True if that sign, which stands for a shape of its own, is in the text."""
    return bool(_LOOKS[sign].search(text))
