"""Links that a mail gateway has put its own in the place of, as they were: a report names hosts, not the gateway's.

Where the gateway keeps the link to itself (Mimecast's /s/ codes) nothing can be undone, and it stays as it is.
"""

import base64
import binascii
import re
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

_LINK = re.compile(
    r"https?://(?:[a-z0-9-]{1,60}\.)?(?:safelinks\.protection\.(?:outlook|office365)\.(?:com|us|de|cn)|"
    r"urldefense(?:\.proofpoint)?\.(?:com|us)|linkprotect\.cudasvc\.com|(?:[a-z0-9-]{1,20}\.)?protection\.sophos\.com|"
    r"secure-web\.cisco\.com|(?:www\.)?google\.com/url)[^\s<>\"\u201c\u201d]{1,4000}",
    re.IGNORECASE,
)
_V3 = re.compile(r"/v3/__(.{1,3500}?)__;([A-Za-z0-9_-]{0,400}=*)!")
_RUN = re.compile(r"\*(?:\*([A-Za-z0-9_-]))?")
_RUNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_MOST = 2000
"""Links that are looked at in one text."""


def unwrapped(text: str) -> str:
    """The text with each link as its author wrote it; linear in it."""
    return _LINK.sub(lambda found: _undone(found[0]) or found[0], text, count=_MOST)


def _undone(link: str) -> str:
    """What a gateway's link stands for; empty where it does not say."""
    trailing = link[len(link.rstrip(".,;)]>")) :]
    bare = link.removesuffix(trailing).replace("&amp;", "&")
    try:
        parts = urlsplit(bare)
        host = (parts.hostname or "").lower()
        way = next((way for name, way in _WAYS.items() if name in f"{host}{parts.path}"), None)
        found = way(bare) if way else ""
    except ValueError:
        return ""
    plain = re.fullmatch(r"https?://[^\s<>\"]{1,3000}", found, re.IGNORECASE)
    return f"{found}{trailing}" if plain else ""


def _parameter(name: str) -> Callable[[str], str]:
    return lambda link: next(iter(parse_qs(urlsplit(link).query).get(name, [])), "")


def _dashed(link: str) -> str:
    """Proofpoint's second form: `-` stands for `%`, `_` for `/`."""
    return unquote(_parameter("u")(link).translate(str.maketrans("-_", "%/")))


def _starred(link: str) -> str:
    """Proofpoint's third form: each `*`, or run of them, stands for characters that follow in base64."""
    found = _V3.search(link)
    if found is None:
        return ""
    kept = base64.urlsafe_b64decode(found[2] + "=" * (-len(found[2]) % 4)).decode("utf-8", "replace")
    at = 0

    def character(star: re.Match[str]) -> str:
        nonlocal at
        length = _RUNS.index(star[1]) + 2 if star[1] else 1
        at += length
        return kept[at - length : at]

    return _RUN.sub(character, found[1])


def _sophos(link: str) -> str:
    said = _parameter("u")(link)
    try:
        return base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def _cisco(link: str) -> str:
    return unquote(urlsplit(link).path.rpartition("/")[2])


_WAYS: dict[str, Callable[[str], str]] = {
    "safelinks.protection": _parameter("url"),
    "/v1/url": _parameter("u"),
    "/v2/url": _dashed,
    "/v3/__": _starred,
    "cudasvc.com": _parameter("a"),
    "protection.sophos.com": _sophos,
    "secure-web.cisco.com": _cisco,
    "google.com/url": _parameter("q"),
}
"""Where the link stands in the gateway's, by what its host and path hold."""
