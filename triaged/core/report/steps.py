"""Steps in every form in which people write them: lists, commands, requests, transcripts, "first ... then", chains, stories.

Steps act: a verb, an input, a result. What may, could or will be done is none, and a numbered list of flaws is not either.
"""

import re
from collections.abc import Callable, Sequence

from triaged.core.report.deeds import COUNTED, INPUT, acts, deeds_in, hypothetic
from triaged.core.report.prose import Prose

_ITEM = re.compile(
    r"^[\s|>]{0,12}(?:\*{0,2}|#{0,4} ?)(?:(?:step|schritt|étape|paso|passo|шаг|крок|krok)\s{0,2})?"
    r"\(?(?:\d{1,2}|[a-h]|[ivx]{1,4}|[①-⑳])(?:[.):、．）]|\s?[-–:]\s|(?<=[①-⑳]))\s?\S",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s{0,8}[-*•‣·–]\s{1,4}\S")
_INLINE = re.compile(r"(?<![\w.])\(?1[.)）]\s?\S.{4,400}?(?<![\w.])\(?2[.)）]\s?\S", re.DOTALL)
# Behind a prompt any of these is a command; "go", "make" and other words begin lines of prose too, unless a path, an option or
# a quotation follows.
_COMMAND = re.compile(
    r"^\s{0,12}(?:[$#%>]\s{1,4}|PS\s|C:\\\S{0,80}>\s?)?(?:(?:curl|wget|python3?|npm|pip3?|git|nmap|sqlmap|"
    r"ffuf|nc|ssh|php|bash|sh|"
    r"gcloud|kubectl|openssl|gcc|clang|adb|aws)\s{1,4}\S|\./[\w.-]{1,80}(?:\s|$)|"
    r"(?:node|docker|ruby|go|java|dig|echo|cat|perl|make)\s{1,4}(?:[-./~$'\"@]|\S{1,80}[./]\w))|"
    r"^\s{0,12}[$%]\s{1,4}\w{1,30}\s{1,4}\S|^\s{0,12}for \w{1,20} in .{1,200};? ?do\b|\bcurl\s{1,3}(?:-|'|"
    r"\"|https?:)|"
    r"^\s{0,12}(?:export|set) [A-Z_]{2,40}="
)
_REQUEST = re.compile(
    r"(?:^|[\s(`\"'|])(?:GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD)\s{1,4}`?(?:\.{3})?(?:/|https?://)\S{0,2000}"
)
_CODE = re.compile(
    r"^\s{0,40}(?:```|~~~|import\s\w|from\s[\w.]{1,80}\simport|const\s\w|let\s\w|var\s\w|def\s\w|"
    r"function\s?\w|require\(|<script|<\?php|"
    r"public\s(?:static|class|void)|#include|#!/|fetch\(|console\.log|print\(|SELECT\s.{1,80}FROM|"
    r"\{\s{0,4}\"\w)|In \[\d{1,3}\]:"
)
_PAYLOAD = re.compile(
    r"<(?:script|svg|img|iframe|!--|!ENTITY|!DOCTYPE)\b|onerror\s?=|javascript:|\{\{.{1,60}\}\}|\.\./|"
    r"' or '?1|%0d%0a|%2f%2e|__proto__|"
    r"169\.254\.169\.254|[?&]\w{1,30}=[^\s&]{1,80}|"
    r"ignore (?:all |any )?(?:the |your )?(?:previous|prior|above)",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"^\s{0,8}[*_#>\[]{0,3}(?:\d{1,2}:\d\d\s)?(?:user|me|human|prompt|assistant|model|bot|ai|system|"
    r"response|output|q|a|caller|agent|callee|i|it|"
    r"ich|moi|yo|eu|io|я|я|我|私|나)[*_\]]{0,3}\s?[:：][*_]{0,3}\s?\S",
    re.IGNORECASE,
)
_ARROWS = re.compile(r"\S[^\n→]{1,120}(?:→|->|=>|>)[^\n→>]{2,120}(?:→|->|=>|>)\s{0,2}\S")
# "First ... then ...", in the languages that reports come in.
_ORDER = re.compile(
    r"\b(?:first|firstly)\b.{5,400}?\b(?:then|next|afterwards?|second(?:ly)?|after that|finally)\b|"
    r"\b(?:zuerst|zunächst|erst)\b.{5,400}?\b(?:dann|danach|anschließend)\b|\b(?:d'abord|"
    r"premièrement)\b.{5,400}?\b(?:puis|ensuite|enfin)\b|"
    r"\b(?:primero|primeiro|prima)\b.{5,400}?\b(?:luego|después|depois|então|poi|dopo)\b|"
    r"\b(?:сначала|сперва|спочатку)\b.{5,400}?\b(?:потом|затем|далее|потім|далі)\b|(?:先|首先).{3,200}?(?:然后|"
    r"再|接着)|まず.{3,200}?(?:次に|その後|そして)",
    re.IGNORECASE | re.DOTALL,
)
_QUESTION = re.compile(r"[?？؟]\s{0,3}$")


def steps_in(prose: Prose) -> str:
    """The line or sentence that shows steps best; empty where there are none."""
    return next((shown for find in _FORMS if (shown := find(prose, prose.lines))), "")


def _listed(_prose: Prose, lines: Sequence[str]) -> str:
    items = [line for line in lines if _ITEM.match(line[:200])]
    acting = [line for line in items if _acts_or_tells(line)]
    if len(acting) > 1 and 2 * len(acting) > len(items):
        return acting[0]
    bullets = [line for line in lines if _BULLET.match(line[:200])]
    acting = [line for line in bullets if acts(line) or (INPUT.search(line[:400]) and not hypothetic(line))]
    return acting[0] if len(acting) > 1 else ""


def _acts_or_tells(line: str) -> bool:
    return not _QUESTION.search(line[-20:]) and (acts(line) or not hypothetic(line))


def _shaped(*shapes: re.Pattern[str]) -> Callable[[Prose, Sequence[str]], str]:
    def find(_prose: Prose, lines: Sequence[str]) -> str:
        for shape in shapes:
            for line in lines:
                if shape.search(line[:2000]) and any(char.isalnum() for char in line):
                    return line
        return ""

    return find


_with_arrows = _shaped(_ARROWS)


def _chained(_prose: Prose, lines: Sequence[str]) -> str:
    """A chain of things to do, joined by arrows."""
    return _with_arrows(_prose, [line for line in lines if "→" in line or ">" in line])


def _turns(_prose: Prose, lines: Sequence[str]) -> str:
    turns = [line for line in lines if _TURN.match(line[:200])]
    return turns[0] if len(turns) > 1 else ""


def _ordered(_prose: Prose, lines: Sequence[str]) -> str:
    """Two things in an order, in running text."""
    text = "\n".join(lines)[:20_000]
    for form in (_INLINE, _ORDER):
        found = form.search(text)
        if found and not hypothetic(found[0]) and not _QUESTION.search(found[0]):
            return found[0]
    return ""


def _told(prose: Prose, _lines: Sequence[str]) -> str:
    """A story of what was done: two sentences in which the writer acts, one on something; or tries that were counted."""
    deeds = prose.once(deeds_in)
    if not deeds:
        return ""
    on = [each for each in deeds if INPUT.search(prose.whole, each.start, each.end)]
    counted = [each for each in prose.sentences if COUNTED.search(prose.whole, each.start, each.end)]
    if counted or (len(deeds) > 1 and on):
        first = (on or deeds)[0]
        return prose.whole[first.start : first.end]
    return ""


_FORMS: tuple[Callable[[Prose, Sequence[str]], str], ...] = (
    _listed,
    _shaped(_REQUEST, _COMMAND, _CODE, _PAYLOAD),
    _turns,
    _chained,
    _ordered,
    _told,
)


def supposes(lines: Sequence[str]) -> bool:
    """True if the text is a numbered list of what may or could be wrong."""
    items = [line for line in lines if _ITEM.match(line[:200])]
    return len(items) > 1 and all(hypothetic(line) and not acts(line) for line in items)


def promises(sentence: str) -> bool:
    """True if it speaks of what will come: "I will send the PoC"."""
    return bool(_PROMISE.search(sentence))


_PROMISE = re.compile(
    r"\b(?:will|shall|would|going to|can) (?:\w{1,12} ){0,2}(?:send|share|provide|give|disclose|submit|follow|"
    r"forward)\b|\b(?:once|after|when|if|before) (?:you|i)\b",
    re.IGNORECASE,
)
