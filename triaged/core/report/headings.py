"""Lines that head a section of a report, in any of the policy's languages, however they are set off."""

import re
from functools import lru_cache

from triaged.core.policy.rules import Section, SectionName

_LONGEST = 80
_DECORATION = re.compile(r"^[\s#*_=>\-–—•|\d.)(\[\]:]{0,20}|[\s#*_=:.\-–—|\[\]?]{0,20}$")

Names = dict[str, SectionName]
"""Heading, in lower case and without decoration, to the section that it heads."""


@lru_cache(maxsize=8)
def heading_names(sections: tuple[Section, ...]) -> Names:
    """The headings that the policy knows."""
    return {heading: section.name for section in sections for heading in section.headings}


def as_heading(line: str, names: Names) -> tuple[SectionName | None, str]:
    """The section that a line heads, and what it goes on to say: `**Impact:** reads all mail`."""
    head, colon, rest = line[:400].replace("：", ":", 1).partition(":")
    if colon and (name := names.get(_bare(head))):
        return name, rest.strip(" *_#")
    if len(line) <= _LONGEST:
        return names.get(_bare(line)), ""
    return None, ""


def _bare(line: str) -> str:
    if len(line) > _LONGEST:
        return ""
    return " ".join(_DECORATION.sub("", line).replace("*", "").replace("_", " ").lower().split())
