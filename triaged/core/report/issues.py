"""How many separate issues one mail reports: by its numbered headings, and one where there is any doubt."""

import re
from collections.abc import Iterator

# "Step" is not among them: steps are no issues.
_NOUNS = (
    "issues?|vulnerability|vulnerabilities|vuln|findings?|bugs?|problem|flaw|weakness|defect|"  # English
    "schwachstelle|sicherheitslücke|lücke|befund|fehler|"  # German
    "vulnérabilité|faille|problème|constat|"  # French
    "vulnerabilidade|vulnerabilidad|hallazgo|fallo|falha|problema|achado|"  # Portuguese, Spanish
    "vulnerabilità|falla|kwetsbaarheid|bevinding|probleem|"  # Italian, Dutch
    "podatność|luka|błąd|zafiyet|уязвимость|проблема|ошибка|"  # Polish, Turkish, Russian
    "漏洞|问题|問題|脆弱性"  # Chinese, Japanese
)
# A heading: nothing before the noun but what sets headings off, and behind its number an end, a colon, a dash or a bracket.
# "Issue 1 is worse" is prose, "Issue 12345" a tracker's number and "Issue 1.2" a part of one.
_HEADING = re.compile(
    rf"[ \t#>*_=\[(•-]{{0,12}}(?:security[ \t]{{1,3}})?(?:{_NOUNS})[ \t]{{0,3}}"
    r"(?:#|№|no\.?|nr\.?|n[°º]|number)?[ \t]{0,3}0?([1-9][0-9]?)(?![0-9])(?:[ \t]{0,3}(?:/|of|von|sur|de)[ \t]{0,3}[0-9]{1,2})?"
    r"[*_\])= \t]{0,9}(?:$|[:：.](?![0-9])|[-–—(|,])",
    re.IGNORECASE,
)
_LONGEST_HEADING = 300
_SOME_TEXT = 15


def count_issues(text: str) -> int:
    """How many differently numbered issues have a heading with some text to it; 1 when fewer than two have."""
    numbers = {number for number, words in _issues(text) if words >= _SOME_TEXT}
    return max(len(numbers), 1)


def _issues(text: str) -> Iterator[tuple[str, int]]:
    """Each heading's number, with how many letters and figures stand from there to the next heading."""
    number, words = "", 0
    for line in text.split("\n"):
        heading = _HEADING.match(line[:_LONGEST_HEADING])
        if heading:
            yield number, words if number else 0
            number, words = heading[1], 0
        words += sum(map(str.isalnum, line[heading.end() if heading else 0 :]))
    yield number, words if number else 0
