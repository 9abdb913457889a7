"""What a page holds and does not show: comments, and elements hidden by their own style or attribute. One pass, linear.

Style sheets are not looked at. What a page hides is told apart so that words for machines alone do not count as the report.
"""

import re

_LIMIT = 512 * 1024
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_OPENED = re.compile(r"<(?:!--|(?:script|style)\b|/?[a-zA-Z])", re.IGNORECASE)
# What stands in a script is no element.
_ENDS = {"<!--": "-->", "<script": "</script", "<style": "</style"}
_HOLDS_NO_ELEMENT = frozenset("area base br col embed hr img input link meta script source style track wbr".split())
_STYLE = re.compile(r"""\sstyle\s{0,9}=\s{0,9}(?:"([^"]{0,3000})"|'([^']{0,3000})')""", re.IGNORECASE)
_QUOTED = re.compile(r""""[^"]{0,3000}"|'[^']{0,3000}'""")
_ATTRIBUTE = re.compile(r"\shidden(?=[\s=/>]|$)", re.IGNORECASE)
_NO_SIZE = r"0(?:\.0+)?(?:px|pt|em|rem|%)?(?=;|!|$)"
_NOT_SHOWN = re.compile(
    rf"(?:^|;)(?:display:none|visibility:hidden|mso-hide:all|opacity:{_NO_SIZE}|font-size:{_NO_SIZE}|text-indent:-\d{{3}}|left:-\d{{4}})"
)
_WHITE = r"(?:#fff(?:fff)?|white|rgb\(255,255,255\))(?=;|!|$)"
_WHITE_TEXT = re.compile(rf"(?:^|;)color:{_WHITE}")
# On a dark ground somewhere in the page, white text may well be seen.
_DARK_GROUND = re.compile(
    rf"background(?:-color)?\s{{0,9}}:\s{{0,9}}(?!{_WHITE}|transparent|none|inherit|initial|unset)[\w#]|\sbgcolor\s{{0,9}}=\s{{0,9}}[\"']?(?!#?fff|white)",
    re.IGNORECASE,
)
_LEAST_SHOWN = 40


def hidden_apart(source: str) -> tuple[str, str]:
    """The page without what it hides, and that; of what is over the limit, the beginning.

    A page that shows next to nothing is left as it is: better to read what nobody sees than to lose a report.
    """
    source = source[:_LIMIT]
    white_is_seen = bool(_DARK_GROUND.search(source))
    shown: list[str] = []
    hidden: list[str] = []
    at, name, depth, letters = 0, "", 0, 0
    while opened := _OPENED.search(source, at):
        before = source[at : opened.start()]
        (hidden if depth else shown).append(before)
        letters += 0 if depth else sum(map(str.isalnum, before))
        at = _behind(source, _ENDS.get(opened[0].lower(), ">"), opened.end())
        text = source[opened.start() : at]
        tag = _TAG.match(text)
        if tag is None:
            # A comment; what begins with a bracket is for Outlook, and seen there.
            hidden.append("" if text.startswith("<!--[") else f" {text[4:].removesuffix('-->')} ")
            continue
        if not depth and _hides(tag, text[:4000], white_is_seen=white_is_seen):
            name, depth = tag[2].lower(), 1
        elif depth and tag[2].lower() == name:
            depth += -1 if tag[1] else 1
        (hidden if depth else shown).append(text)
    (hidden if depth else shown).append(source[at:])
    letters += 0 if depth else sum(map(str.isalnum, source[at:]))
    if letters < _LEAST_SHOWN:
        return source, ""
    return "".join(shown), "".join(hidden)


def _hides(tag: re.Match[str], text: str, *, white_is_seen: bool) -> bool:
    """True if an opening tag hides what stands in its element."""
    if tag[1] or tag[2].lower() in _HOLDS_NO_ELEMENT:
        return False
    style = _STYLE.search(text)
    rules = re.sub(r"\s+", "", (style[1] or style[2] or "").lower()) if style else ""
    if _NOT_SHOWN.search(rules) or (not white_is_seen and _WHITE_TEXT.search(rules)):
        return True
    return bool(_ATTRIBUTE.search(_QUOTED.sub("", text)))


def _behind(source: str, mark: str, start: int) -> int:
    at = source.find(mark, start)
    return len(source) if at < 0 else at + len(mark)
