"""What somebody wrote, told apart from what they quoted: line by line, each line looked at once."""

import re

# With a time, a year or an address in it: "On line 42 the server wrote:" quotes nobody.
_ATTRIBUTION = re.compile(
    r"^(?=.{0,300}(?:\d[:.]\d\d|\d{4}|@))(?:On|Am|Le|El|Em|Il|Op|Den|W dniu|Dnia|В)\b.{0,200}"
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
    number = 0
    while number < len(lines):
        attribution = _attribution(lines, number)
        if _begins_quotation(lines, number) or (attribution and not _marked_soon(lines, number + attribution)):
            quoted += lines[number:]
            break
        # Below a quotation that is marked line by line may stand the answer to it.
        taken = lines[number : number + max(attribution, 1)]
        (quoted if attribution or _marked(lines[number]) else own).extend(taken)
        number += len(taken)
    written = "\n".join(own).strip()
    if len(written) < _LEAST_OWN and len("\n".join(quoted).strip()) > len(written):
        return text.strip(), ""
    return written, "\n".join(quoted).strip()


def _attribution(lines: list[str], number: int) -> int:
    """Over how many lines `On DATE, NAME wrote:` stands here: none, one, or two where a client has wrapped it."""
    line = lines[number][:400]
    if _ATTRIBUTION.match(line):
        return 1
    following = lines[number + 1][:400] if number + 1 < len(lines) else ""
    return 2 if line.strip() and _ATTRIBUTION.match(f"{line} {following}") else 0


def _marked_soon(lines: list[str], number: int) -> bool:
    """Whether the next line with anything on it is marked as quoted."""
    return _marked(next((line for line in lines[number : number + 3] if line.strip()), ""))


def _begins_quotation(lines: list[str], number: int) -> bool:
    """Whether a client's divider stands here, or the header block that Outlook puts above a quotation."""
    if _DIVIDER.match(lines[number]):
        return True
    if not _OUTLOOK_FIRST.match(lines[number][:400]):
        return False
    block = lines[number + 1 : number + 1 + _OUTLOOK_LINES]
    return sum(bool(_OUTLOOK_NEXT.match(line)) for line in block) >= 2  # noqa: PLR2004 - one could be prose


def _marked(line: str) -> bool:
    """Whether a line is marked as quoted: not `>>> import os`, a session somebody pasted, nor `><svg onload=...>`."""
    if line.startswith("><") or (line.startswith(">>> ") and not line.startswith(">>> >")):
        return False
    return line.startswith((">", "|>"))
