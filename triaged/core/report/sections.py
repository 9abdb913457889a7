"""Which of the policy's sections a report has, each with the line that proves it, and which it may be asked for.

Most real reports use no headings (three in four), so a section is also known by its shape. Rules come first, for they prove;
the second reader then looks for what they miss. Asked for is only what neither finds, in a language that both can read.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from triaged.core.mail.message import Message
from triaged.core.mail.parsing.filetype import UNKNOWN
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import Section, SectionName
from triaged.core.report.headings import Names, as_heading, heading_names
from triaged.core.report.impact import hinted_impact, impact_in
from triaged.core.report.prose import Line, Prose
from triaged.core.report.report import Evidence
from triaged.core.report.second import second_reading
from triaged.core.report.steps import promises, steps_in, supposes
from triaged.core.text import visible

_QUOTE = 200
_PROSE_WORDS, _ONE_SENTENCE = 15, 5
_SHORT = 60
_LABEL = 3
_HARDLY_ANY, _NEXT_TO_NOTHING = 20, 8
_LESS_READ = 10
"""So many words fewer make a text long where it is not in English, the language that rules and tables read best."""
_FEW_WORDS = 120
_WIDE_FROM = 0x2E80
_MEDIA_LINK = re.compile(
    r"https?://\S{1,500}\.(?:png|jpe?g|gif|webp|mp4|webm|mov|mkv)\b|https?://(?:www\.)?(?:youtube\.com|"
    r"youtu\.be|vimeo\.com|loom\.com|"
    r"streamable\.com|imgur\.com|i\.imgur\.com|drive\.google\.com|asciinema\.org|gyazo\.com|prnt\.sc|"
    r"dropbox\.com)/\S{1,500}|"
    r"!\[[^\]]{0,100}\]\(|\[image:|\[cid:|\{F\d{3,12}\}",
    re.IGNORECASE,
)
# Of these every such link holds one.
_MEDIA_SIGNS = ("://", "[", "{")
# What says nothing of a flaw: greetings, questions, promises, wishes.
_SMALL_TALK = re.compile(
    r"^\W{0,3}(?:hi|hello|hey|dear|good (?:morning|day|afternoon|evening)|greetings|thanks|thank you|"
    r"regards|best|cheers|sincerely)\b|[?？؟]\W{0,3}$|"
    r"\b(?:have |'ve )?(?:found|discovered|identified) (?:some|few|several|many|multiple|an?|one|"
    r"\d{1,3}) (?:\w{1,20} ){0,3}"
    r"(?:bugs?|issues?|vulnerabilit(?:y|ies)|flaws?|weakness(?:es)?)\b(?:\W{1,3}\w{1,30}){0,12}\W{0,3}$|"
    r"\b(?:i|we) will (?:send|share|provide|give|disclose|submit)|\b(?:bounty|reward|waiting for|"
    r"looking forward|hope this|hope you)\b",
    re.IGNORECASE,
)
# A few words that are a command, or point to something else, describe nothing.
_SAYS_NOTHING = re.compile(
    r"^\s{0,4}(?:[$#%>*•-]|curl|wget|\d{1,2}[.)])\s|\b(?:attach\w*|enclosed|screenshots?|video|details?|link|below|"
    r"above|following|write back|contact|"
    r"let me know|found|discovered|urgent|serious|critical|important|"
    r"anhang|détails?|detalles?|detalhes?|dettagli|подробност\w*)\b|详情|附件|詳細",
    re.IGNORECASE,
)
# A document that is no picture may hold the report itself.
_DOCUMENTS = re.compile(r"\.(?:pdf|docx?|odt|rtf|md|txt|html?|pptx?|zip|7z|rar|gpg|asc|json|ipynb)$", re.IGNORECASE)
_TOLD_ELSEWHERE = re.compile(
    r"\b(?:attach\w*|enclosed|annexed|anbei|angehängt|anhang|beigefügt|ci-joint|pièce jointe|adjunt\w*|"
    r"anex\w*|allegat\w*|bijlage|bijgevoegd|załącz\w*|ek(?:te|li)|terlampir|đính kèm)\b|"
    r"во вложении|прилага|прикреп|у вкладенні|附件|添付|첨부|مرفق|संलग्न",
    re.IGNORECASE,
)

# Thai, Lao, Burmese and Khmer, and from the scripts of East Asia on.
_NO_BLANKS_BETWEEN_WORDS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a section is looked for in."""

    message: Message
    prose: Prose
    policy: Policy

    @property
    def lines(self) -> Sequence[str]:
        """Those that head nothing."""
        return self.prose.lines


def read_sections(message: Message, prose: Prose, policy: Policy) -> tuple[Evidence, ...]:
    """One piece of evidence for each section of the policy, in its order; an empty quote means that it was not found."""
    headed = _headed(prose.every_line, heading_names(policy.sections))
    looked = _Looked(message, prose, policy)
    return tuple(_evidence(section, looked, headed.get(section.name, "")) for section in policy.sections)


def missing_of(sections: Sequence[Evidence], message: Message, prose: Prose, policy: Policy) -> tuple[SectionName, ...]:
    """What the reporter may be asked for: required, found by nobody, and not to be expected in what else they sent."""
    required = {section.name for section in policy.sections if section.required}
    lacking = tuple(each.section for each in sections if each.section in required and not each.present)
    if not lacking or sent_as_a_document(message, prose):
        return ()
    return tuple(name for name in lacking if _may_be_asked(name, prose, policy) or _only_supposed(name, prose))


def _may_be_asked(name: SectionName, prose: Prose, policy: Policy) -> bool:
    """Only of a short text: a longer one says it somehow, and to be asked for what one wrote is what puts people off."""
    languages = policy.reading.languages.get(name)
    least_told = 0 if prose.language == "en" else _LESS_READ
    short = prose.length < policy.reading.short.get(name, _SHORT) - least_told
    return short and (
        languages is None
        or prose.language in languages
        or prose.length < (_HARDLY_ANY if prose.language else _NEXT_TO_NOTHING)
    )


def _only_supposed(name: SectionName, prose: Prose) -> bool:
    """True if a list of what may be wrong stands where steps should: however long it is, nothing was tried."""
    return name == "steps" and prose.language == "en" and supposes([line.text for line in prose.every_line])


def sent_as_a_document(message: Message, prose: Prose) -> bool:
    """True if the report itself may be in an attachment, which is not opened to see."""
    return any(_DOCUMENTS.search(part.filename) for part in message.attachments) and (
        prose.length < _FEW_WORDS or bool(_TOLD_ELSEWHERE.search(prose.text[:20_000]))
    )


def _evidence(section: Section, looked: _Looked, under_heading: str) -> Evidence:
    if shown := under_heading or _SHAPES[section.name](looked, section):
        return Evidence(section.name, visible(shown.strip(), _QUOTE))
    # A picture that is spoken of and not there is none.
    absent = section.name == "media" and not looked.message.attachments
    hinted = "" if absent else _HINTS.get(section.name, _hinted)(looked, section)
    if hinted:
        return Evidence(section.name, visible(hinted.strip(), _QUOTE), weak=True)
    if section.name == "steps" and supposes(looked.lines):
        return Evidence(section.name, "")
    return second_reading(section.name, looked.prose, looked.policy)


def _headed(lines: Sequence[Line], names: Names) -> dict[SectionName, str]:
    """The first line of content under each heading that the policy knows; a heading with nothing under it is none."""
    found: dict[SectionName, str] = {}
    for number, line in enumerate(lines):
        if line.heads is None or line.heads in found:
            continue
        below = (each.text for each in lines[number + 1 : number + 6] if _is_content(each.text))
        content = line.rest or next(below, "")
        if content and as_heading(content, names)[0] is None:
            found[line.heads] = content.strip()
    return found


def _is_content(line: str) -> bool:
    return any(char.isalnum() for char in line)


@lru_cache(maxsize=8)
def _labels(section: Section) -> re.Pattern[str]:
    """A heading in running text: "... Steps: open the page, ..."."""
    names = sorted({re.escape(name) for name in section.headings if len(name) >= _LABEL or ord(name[0]) >= _WIDE_FROM})
    begins = r"(?:^|(?<=[.!?;)…]\s)|(?<=[。！？；]))\s{0,4}"
    return re.compile(
        rf"{begins}(?:{'|'.join(names)})\s?[:：]\s{{0,3}}(\S[^\n]{{8,400}})", re.IGNORECASE | re.MULTILINE
    )


def _labelled(looked: _Looked, section: Section) -> str:
    found = _labels(section).search(looked.prose.text[:20_000])
    return found[1] if found else ""


def _description(looked: _Looked, section: Section) -> str:
    """The first paragraph with the substance of a description: words, but no greeting, question, wish or promise."""
    names = heading_names(looked.policy.sections)
    for paragraph in _paragraphs(looked.lines):
        words = [word for word in paragraph.split() if any(char.isalpha() for char in word)]
        wide = len(_NO_BLANKS_BETWEEN_WORDS.findall(paragraph))
        if len(words) >= _PROSE_WORDS or wide >= 2 * _PROSE_WORDS:
            return paragraph
        few = len(words) >= _ONE_SENTENCE or wide >= 3 * _ONE_SENTENCE
        if few and not _SAYS_NOTHING.search(paragraph) and as_heading(paragraph, names)[0] in {None, section.name}:
            return paragraph
    return ""


def _paragraphs(lines: Sequence[str]) -> Iterator[str]:
    paragraph: list[str] = []
    for line in [*lines, ""]:
        told = [each for each in _CLAUSE.findall(line[:4_000]) if not _SMALL_TALK.search(each.strip()[:300])]
        if line.strip() and told:
            paragraph.append(" ".join(each.strip() for each in told))
        elif not line.strip() and paragraph:
            yield " ".join(paragraph)
            paragraph = []


_CLAUSE = re.compile(r".{1,1000}?(?:[.!?]{1,3}(?=\s|$)|[。！？]|$)")


def _steps(looked: _Looked, section: Section) -> str:
    return looked.prose.once(steps_in) or _labelled(looked, section) or _phrased(looked, section.phrases)


def _impact(looked: _Looked, section: Section) -> str:
    return _labelled(looked, section) or _phrased(looked, section.phrases) or looked.prose.once(impact_in)


def _media(looked: _Looked, section: Section) -> str:
    message = looked.message
    for part in message.attachments:
        # What its bytes say; where they say nothing, what it claims.
        kind = part.claimed_type if part.media_type in {UNKNOWN, "text/plain"} else part.media_type
        if kind.startswith(("image/", "video/")):
            return f"attached: {part.filename}"
    may_link = any(sign in looked.prose.whole for sign in _MEDIA_SIGNS)
    linked = next((line for line in looked.lines if _MEDIA_LINK.search(line[:2000])), "") if may_link else ""
    if linked or not message.attachments:
        return linked
    # A document may hold pictures; it is not opened to see.
    documents = [part for part in message.attachments if part.media_type in {"application/pdf", "application/zip"}]
    return f"attached: {documents[0].filename}" if documents else _phrased(looked, section.phrases)


def _phrased(looked: _Looked, phrases: Sequence[str]) -> str:
    """The line in which one of the section's wordings stands first, or so much of it as shows the words."""
    prose = looked.prose
    found = min(
        (prose.by_phrase[phrase] for phrase in phrases if phrase in prose.by_phrase),
        key=lambda it: it.start,
        default=None,
    )
    if found is None:
        return ""
    start = max(prose.whole.rfind("\n", 0, found.start) + 1, found.start - _QUOTE // 2)
    return prose.whole[start : start + _QUOTE].partition("\n")[0]


def _hinted(looked: _Looked, section: Section) -> str:
    hinted = _phrased(looked, section.weak_phrases)
    return "" if section.name == "steps" and promises(hinted) else hinted


def _hinted_impact(looked: _Looked, section: Section) -> str:
    return _hinted(looked, section) or hinted_impact(looked.prose)


_SHAPES: dict[SectionName, Callable[[_Looked, Section], str]] = {
    "description": _description,
    "steps": _steps,
    "impact": _impact,
    "media": _media,
}
_HINTS: dict[SectionName, Callable[[_Looked, Section], str]] = {"impact": _hinted_impact}
