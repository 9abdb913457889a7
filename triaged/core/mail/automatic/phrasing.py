"""Combine many phrases into one pattern, and normalise a stranger's text before the search."""

import re
import unicodedata

_LONGEST = 4000
# Tags that gateways put before a subject: "[EXTERNAL]", "{Spam?}", "*** SUSPICIOUS ***", "EXT:", "External Email - ".
_TAG = re.compile(
    r"\s*(?:[\[({<*#]{1,4}[^\])}>*#\n]{1,40}[\])}>*#]{1,4}|(?:external(?: (?:e-?mail|sender))?|ext|extern|"
    r"caution|spam)\s?[:|-])\s{0,5}",
    re.IGNORECASE,
)
_TAGS = 5


def any_of(*phrases: str) -> re.Pattern[str]:
    """A pattern that finds any of these regular expressions, ignoring case."""
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)


def begins(prefix: str, *phrases: str) -> re.Pattern[str]:
    """The same pattern, but each expression must follow `prefix`."""
    return re.compile(f"{prefix}(?:{'|'.join(phrases)})", re.IGNORECASE)


def composed(text: str, limit: int = _LONGEST) -> str:
    """The start of a text in composed form (NFC, Unicode 3.7 D70), without directional marks and joiners."""
    spelled = unicodedata.normalize("NFC", text[:limit])
    if spelled.isascii():
        return spelled
    return "".join(letter for letter in spelled if unicodedata.category(letter) != "Cf")


def bare_subject(subject: str) -> str:
    """The subject as its author wrote it: composed, on one line, without the tags that gateways put in front."""
    line = " ".join(composed(subject, 1000).split())
    for _ in range(_TAGS):
        tag = _TAG.match(line)
        if not tag or tag.end() == len(line):
            break
        line = line[tag.end() :]
    return line
