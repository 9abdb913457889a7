"""What somebody wrote, told apart from what they quoted: line by line, each line looked at once."""

import re

_ATTRIBUTION = re.compile(
    r"^(?:On|Am|Le|El|Em|Il|Op|Den|W dniu|Dnia|В)\b.{0,200}"
    r"(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|skrev|napisał|пишет|написал)\b.{0,80}:\s*$",
    re.IGNORECASE,
)
_DIVIDER = re.compile(
    r"^[-_ ]{0,20}(?:-----\s?Original Message\s?-----|Begin forwarded message:|-+ ?Forwarded message ?-+|"
    r"Ursprüngliche Nachricht|Weitergeleitete Nachricht|Message d'origine|Mensaje original|Mensagem original|原始邮件)"
    r"[-_ ]{0,20}:?\s*$",
    re.IGNORECASE,
)
_OUTLOOK_FIRST = re.compile(r"^\*?(?:From|Von|De|Da|Van|Från|От|发件人)\s?:\*?\s.{0,300}$")
_OUTLOOK_NEXT = re.compile(
    r"^\*?(?:Sent|Date|To|Cc|Subject|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado|Para|Asunto|Assunto)\s?:"
)
_LEAST_OWN = 40
_OUTLOOK_LINES = 4


def split_quoted(text: str) -> tuple[str, str]:
    """What was written here, and what was quoted or forwarded.

    When next to nothing was written here, the quotation is the report (somebody forwards one): then all of it counts as
    written, and nothing as quoted.
    """
    own: list[str] = []
    quoted: list[str] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if _DIVIDER.match(line) or _outlook_block(lines, number) or _wraps_attribution(lines, number):
            quoted += lines[number:]
            break
        (quoted if line.startswith((">", "|>")) and not _shell_prompt(line) else own).append(line)
    written = "\n".join(own).strip()
    if len(written) < _LEAST_OWN and len("\n".join(quoted).strip()) > len(written):
        return text.strip(), ""
    return written, "\n".join(quoted).strip()


def _wraps_attribution(lines: list[str], number: int) -> bool:
    """Whether `On DATE, NAME wrote:` stands here, on one line or wrapped over two."""
    line = lines[number][:400]
    following = lines[number + 1][:400] if number + 1 < len(lines) else ""
    return bool(_ATTRIBUTION.match(line) or (line.strip() and _ATTRIBUTION.match(f"{line} {following}")))


def _outlook_block(lines: list[str], number: int) -> bool:
    """Whether the header block that Outlook puts above a quotation begins here."""
    if not _OUTLOOK_FIRST.match(lines[number][:400]):
        return False
    block = lines[number + 1 : number + 1 + _OUTLOOK_LINES]
    return sum(bool(_OUTLOOK_NEXT.match(line)) for line in block) >= 2  # noqa: PLR2004 - one could be prose


def _shell_prompt(line: str) -> bool:
    """`>>> import os` is a session somebody pasted, not a quotation three deep."""
    return line.startswith(">>> ") and not line.startswith(">>> >")
