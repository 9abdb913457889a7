"""Many phrases as one pattern. Each looks at no more than a few hundred characters from where it begins."""

import re


def any_of(*phrases: str) -> re.Pattern[str]:
    """A pattern that finds any of these regular expressions, in upper or lower case."""
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)


def begins(prefix: str, *phrases: str) -> re.Pattern[str]:
    """The same, each of them behind `prefix`."""
    return re.compile(f"{prefix}(?:{'|'.join(phrases)})", re.IGNORECASE)
