"""Which of the policy's sections a report has, each with the line that proves it.

Most real reports use no headings (three in four), so a section is also known by its shape: a numbered list, a command or a
request is steps; "an attacker can" is impact; a picture or a link to one is media.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from triaged.core.mail.message import Message
from triaged.core.mail.parsing.filetype import UNKNOWN
from triaged.core.phrases import Phrasebook, words_of
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import Section, SectionName
from triaged.core.report.headings import Names, as_heading, heading_names
from triaged.core.report.report import Evidence
from triaged.core.text import visible

_TEXT = 200_000
_QUOTE = 200
_PROSE_WORDS = 15

_NUMBERED = re.compile(r"^\s{0,12}(?:\*{0,2}|#{0,4} ?)(?:step\s{0,2})?(\d{1,2})\s{0,2}[.):\-]\s?\S", re.IGNORECASE)
_BULLET = re.compile(
    r"^\s{0,8}[-*•]\s+(?:go|open|log|click|send|run|visit|navigate|create|intercept|enter|type|use|call)\b",
    re.IGNORECASE,
)
# Behind a prompt any of these is a command; "go", "make" and other words begin lines of prose too, unless a path, an option or
# a quotation follows.
_COMMAND = re.compile(
    r"^\s{0,12}(?:[$#%>]\s{1,4}|PS\s|C:\\\S{0,80}>\s?)?(?:(?:curl|wget|python3?|npm|pip3?|git|nmap|sqlmap|ffuf|nc|ssh|php|bash|sh|"
    r"gcloud|kubectl|openssl|gcc|clang)\s{1,4}\S|\./[\w.-]{1,80}(?:\s|$)|"
    r"(?:node|docker|ruby|go|java|aws|dig|echo|cat|perl|make)\s{1,4}(?:[-./~$'\"@]|\S{1,80}[./]\w))|"
    r"^\s{0,12}[$%]\s{1,4}(?:node|docker|ruby|go|java|aws|dig|echo|cat|perl|make)\s{1,4}\S"
)
_REQUEST = re.compile(r"^\s{0,12}(?:GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD)\s{1,4}(?:/|https?://)\S{0,2000}")
_CODE = re.compile(
    r"^\s{0,40}(?:```|~~~|import\s\w|from\s[\w.]{1,80}\simport|const\s\w|let\s\w|var\s\w|def\s\w|function\s?\w|require\(|<script|<\?php|"
    r"public\s(?:static|class|void)|#include|#!/|fetch\(|console\.log|print\(|SELECT\s.{1,80}FROM|\{\s{0,4}\"\w)"
)
_PAYLOAD = re.compile(
    r"<script|onerror\s?=|javascript:|\{\{.{1,60}\}\}|\.\./\.\./|' or '?1|%0d%0a|__proto__|"
    r"ignore (?:all |any )?(?:the )?(?:previous|prior|above)",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"^\s{0,8}[*_#>]{0,3}(?:user|me|human|prompt|assistant|model|bot|ai|system|response|output|q|a)[*_]{0,3}\s?:[*_]{0,3}\s?\S",
    re.IGNORECASE,
)
_MEDIA_LINK = re.compile(
    r"https?://\S{1,500}\.(?:png|jpe?g|gif|webp|mp4|webm|mov|mkv)\b|https?://(?:www\.)?(?:youtube\.com|youtu\.be|vimeo\.com|loom\.com|"
    r"streamable\.com|imgur\.com|i\.imgur\.com|drive\.google\.com|asciinema\.org|gyazo\.com|prnt\.sc|dropbox\.com)/\S{1,500}|"
    r"!\[[^\]]{0,100}\]\(|\[image:|\[cid:|\{F\d{3,12}\}",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|day|afternoon|evening)|greetings|thanks|thank you|regards|best|cheers|sincerely)\b",
    re.IGNORECASE,
)

# Thai, Lao, Burmese and Khmer, and from the scripts of East Asia on.
_NO_BLANKS_BETWEEN_WORDS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\U0010ffff]")


def read_sections(message: Message, policy: Policy) -> tuple[Evidence, ...]:
    """One piece of evidence for each section of the policy, in its order; an empty quote means that it was not found."""
    text = f"{message.text[:_TEXT]}\n\n{message.attached_text}"
    lines = text.split("\n")
    names = heading_names(policy.sections)
    headed = _headed(lines, names)
    # "1. Summary", "2. Impact" are numbered, and no steps.
    content = [line for line in lines if not _heads_only(line, names)]
    return tuple(_evidence(section, message, content, headed.get(section.name, "")) for section in policy.sections)


def _evidence(section: Section, message: Message, lines: Sequence[str], under_heading: str) -> Evidence:
    shown = under_heading or _SHAPES[section.name](message, lines, section)
    # A picture that is spoken of and not there is none.
    absent = section.name == "media" and not message.attachments
    hinted = "" if shown or absent else _phrased(lines, section.weak_phrasebook)
    return Evidence(section.name, visible(shown or hinted, _QUOTE), weak=bool(hinted))


def _headed(lines: Sequence[str], names: Names) -> dict[SectionName, str]:
    """The first line of content under each heading that the policy knows; a heading with nothing under it is none."""
    found: dict[SectionName, str] = {}
    for number, line in enumerate(lines):
        name, rest = as_heading(line, names)
        if name is None or name in found:
            continue
        content = rest or next((below for below in lines[number + 1 : number + 6] if _is_content(below)), "")
        if content and as_heading(content, names)[0] is None:
            found[name] = content.strip()
    return found


def _heads_only(line: str, names: Names) -> bool:
    name, rest = as_heading(line, names)
    return name is not None and not rest


def _is_content(line: str) -> bool:
    return any(char.isalnum() for char in line)


def _description(_message: Message, lines: Sequence[str], _section: Section) -> str:
    """The first paragraph with the substance of a description: words, not a greeting, not only a question."""
    for paragraph in _paragraphs(lines):
        words = [word for word in paragraph.split() if any(char.isalpha() for char in word)]
        wide = len(_NO_BLANKS_BETWEEN_WORDS.findall(paragraph))
        if (len(words) >= _PROSE_WORDS or wide >= 2 * _PROSE_WORDS) and not paragraph.rstrip().endswith("?"):
            return paragraph
    return ""


def _paragraphs(lines: Sequence[str]) -> Iterator[str]:
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if line.strip() and not _GREETING.match(line.strip()[:40]):
            paragraph.append(line.strip())
        elif paragraph:
            yield " ".join(paragraph)
            paragraph = []


def _steps(_message: Message, lines: Sequence[str], section: Section) -> str:
    numbered = [line for line in lines if _NUMBERED.match(line[:200])]
    if len(numbered) > 1:
        return numbered[0]
    bullets = [line for line in lines if _BULLET.match(line[:200])]
    if len(bullets) > 1:
        return bullets[0]
    for shape in (_REQUEST, _COMMAND, _CODE, _PAYLOAD):
        for line in lines:
            if shape.search(line[:2000]) and _is_content(line):
                return line
    turns = [line for line in lines if _TURN.match(line[:200])]
    return turns[0] if len(turns) > 1 else _phrased(lines, section.phrasebook)


def _impact(_message: Message, lines: Sequence[str], section: Section) -> str:
    return _phrased(lines, section.phrasebook)


def _media(message: Message, lines: Sequence[str], section: Section) -> str:
    for part in message.attachments:
        # What its bytes say; where they say nothing, what it claims.
        kind = part.claimed_type if part.media_type in {UNKNOWN, "text/plain"} else part.media_type
        if kind.startswith(("image/", "video/")):
            return f"attached: {part.filename}"
    linked = next((line for line in lines if _MEDIA_LINK.search(line[:2000])), "")
    if linked or not message.attachments:
        return linked
    # A document may hold pictures; it is not opened to see.
    documents = [part for part in message.attachments if part.media_type in {"application/pdf", "application/zip"}]
    return f"attached: {documents[0].filename}" if documents else _phrased(lines, section.phrasebook)


def _phrased(lines: Sequence[str], book: Phrasebook) -> str:
    """The line in which one of the section's wordings stands first, or so much of it as shows the words."""
    text = "\n".join(lines)
    found = next(book.found(words_of(text)), None)
    if found is None:
        return ""
    start = max(text.rfind("\n", 0, found.start) + 1, found.start - _QUOTE // 2)
    return text[start : start + _QUOTE].partition("\n")[0]


_SHAPES: dict[SectionName, Callable[[Message, Sequence[str], Section], str]] = {
    "description": _description,
    "steps": _steps,
    "impact": _impact,
    "media": _media,
}
