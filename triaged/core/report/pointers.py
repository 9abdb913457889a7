"""What a report points at: addresses, ids, versions, packages, endpoints, functions, files. Patterns alone, each linear.

Each finder gives values in one spelling, with where they stand. Every repetition has a bound, and no pattern may begin inside
what it has just refused, so that a line of a megabyte costs what a megabyte of lines costs.
"""

import re
from collections.abc import Callable, Iterator
from itertools import chain
from urllib.parse import unquote

from triaged.core.report.cvss import VECTOR, scored
from triaged.core.report.glance import DECIMAL, DOTTED, FIGURE, holds
from triaged.core.report.report import FactKind

Place = tuple[str, int, int]
"""A value, and where in the text it stands."""

_URL = re.compile(r"\b(?:https?|hxxps?|wss?)://[^\s<>\"'`|\\^{}]{3,1000}", re.IGNORECASE)
_BEHIND_URL = ".,;:!?*_)]}>。，、）"
_HOST = re.compile(r"^[ \t]{0,12}(?:Host|Origin):[ \t]{0,3}(?:https?://)?([\w.-]{3,253})", re.MULTILINE | re.IGNORECASE)
_ID = re.compile(r"\b(?:CVE[-‐-― _](\d{4})[-‐-― _](\d{4,7})|(GHSA)((?:-[0-9a-z]{4}){3}))\b", re.IGNORECASE)
_WEAKNESS = re.compile(r"\bCWE[-‐-― _:]{1,2}(\d{1,4})\b", re.IGNORECASE)
_NUMBER = (
    r"v?(\d{1,5}(?:\.\d{1,6}){1,3}(?:[-.+]?(?:alpha|beta|rc|dev|post|preview|a|b)[-.]?\d{0,6})?)(?![A-Za-z\d_]|\.\d)"
)
_NO_DATE = r"(?!(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?:19|20)\d\d(?!\d))"
_VERSION = re.compile(
    r"(?:(?:\b(?:versions?|release|client|sdk|library|package|plugin|cli|fixed in|version:|バージョン|版本|"
    r"版|버전|верси[яию]|versión|versão|versione|wersj[aiąę])|(?<![\w.])v(?=\d)|[<>]=?|[≤≥])[ \t:=]{0,3}|"
    rf"\b(?:before|through|prior to|up to|until|since)[ \t:=]{{0,3}}{_NO_DATE})"
    rf"{_NUMBER}",
    re.IGNORECASE,
)
# "parlo-sdk 0.6.2": three figures behind a name are a version without the word, unless they are a day, a month and a year.
_NAMED_VERSION = re.compile(
    r"(?<![\w./@-])(?:@[\w-]{1,40}/)?[A-Za-z][\w-]{1,40}[ \t]{1,3}"
    rf"{_NO_DATE}"
    r"v?(\d{1,4}\.\d{1,4}\.(?:\d{1,5}|x))(?![A-Za-z\d_-]|\.\d)"
)
_BARE_HOST = re.compile(
    r"(?<![\w@/.:-])((?:[a-z0-9][a-z0-9-]{0,62}\.){1,5}(?:com|net|org|io|ai|dev|app|cloud|co|info|tech|xyz|"
    r"example|test|internal|local|eu|de|fr|es|it|nl|pl|uk|ru|"
    r"ua|cn|jp|kr|in|br|us|ch|at|se))(?![\w@.-]*@)(?!\w|\.\w|\()",
    re.IGNORECASE,
)
_IP = re.compile(r"(?<![\w.])((?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3})(?![\w]|\.\d)")
_HASH = re.compile(r"(?<![\w/+=-])([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![\w/+=-])", re.IGNORECASE)
_INSTALL = re.compile(
    r"\b(?:pip3?|npm|yarn|pnpm|gem|go|cargo|composer|uv)[ \t]{1,3}(?:install|add|get|require|i)[ \t]{1,3}"
    r"(?:-{1,2}[\w-]{1,30}[ \t]{1,3}){0,4}"
    r"(@?[A-Za-z][\w./-]{1,100})(?:(?:==|@|[ \t]-v[ \t]{1,3}|:)v?(\d[\w.+-]{0,30}))?"
)
_PINNED = re.compile(r"(?<![\w./@-])(@?[A-Za-z][\w.-]{1,60}(?:/[\w.-]{1,60}){0,4})(?:==|@)v?(\d{1,5}\.\d[\w.+-]{0,30})")
_REQUEST = re.compile(
    r"\b(GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD)[ \t`*]{1,4}(?:https?://[^\s/]{1,253})?(/[^\s\"'<>`?#]{0,300})"
)
_URL_PATH = re.compile(r"\b(?:https?|hxxps?)://[^\s/<>\"'`]{1,253}(/[^\s\"'<>`?#|\\^]{1,300})", re.IGNORECASE)
_PATH = re.compile(
    r"(?<![\w/.:~-])(/(?:api|v[1-9]|graphql|rest|rpc|admin|internal|auth|oauth2?|account|accounts|users?|"
    r"webhooks?|hooks|waves-api|chat|atoms)"
    r"(?:/[\w.{}:~$-]{1,60}){1,8})"
)
_FUNCTION = re.compile(
    r"(?<![\w.:#>-])(?:((?:[A-Za-z_]\w{0,40}(?:\.|::|#|->)){1,4}[A-Za-z_]\w{1,60})[!?]?\(|"
    r"((?:[a-z]{1,30}_[a-z_\d]{2,60}|[a-z]{2,20}[A-Z]\w{1,40}))\(|"
    r"`([A-Za-z_]\w{2,60})\(\)`)"
)
_NAMED_FUNCTION = re.compile(
    r"\b(?:function|method|func|fonction|funktion|función)[ \t]{1,3}`?([A-Za-z_][\w.:]{2,80})[`(]", re.IGNORECASE
)
_SOURCE = r"(?:py|js|ts|tsx|jsx|mjs|cjs|rb|go|rs|c|h|cc|cpp|hpp|java|php|cs|swift|kt|scala|ex|erl|vue|sol|proto|sh)"
_FILE = re.compile(
    rf"(?<![\w/.@:<-])(?:\./)?((?:[\w.-]{{1,60}}/){{0,9}}[\w-][\w.-]{{0,79}}\.{_SOURCE})(?![\w(]|[./-]\w)"
)
_ENDING = re.compile(rf"\.{_SOURCE}(?!\w)")
_FORGE_FILE = re.compile(rf"/blob/[\w.-]{{1,80}}/((?:[\w.-]{{1,60}}/){{0,9}}[\w.-]{{1,80}}\.{_SOURCE})(?!\w)")
_MODEL = re.compile(
    r"(?<![\w./-])((?:gpt-?[2-9]|chatgpt-?[3-9]|claude[- ](?:\d|instant|opus|sonnet|haiku)|"
    r"gemini[- ]?(?:\d|pro|flash|nano)|llama[- ]?\d|mi[sx]tral[- ](?:\d|large|small|medium|nemo|7b)|mixtral[- ]8|"
    r"qwen[- ]?\d|deepseek[- ][vr]\d|gemma[- ]?\d|phi-\d|grok-?\d|command-r|"
    r"lightning[- ]v?\d|electron[- ]v?\d|pulse[- ]v?\d|whisper-\w)[\w.+-]{0,30})",
    re.IGNORECASE,
)
_DIGITS_OR_ID = re.compile(
    r"\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24,64}|\{[^}]*\}|:\w+|<[^>]*>|\$\w+", re.IGNORECASE
)


def _urls(text: str) -> Iterator[Place]:
    for match in _URL.finditer(text):
        url = match[0].rstrip(_BEHIND_URL)
        yield url, match.start(), match.start() + len(url)


def _hosts(text: str) -> Iterator[Place]:
    """The hosts of URLs, and those that a request names; lower case, without port and user."""
    for url, start, end in _urls(text):
        host = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0].rpartition("@")[2].partition(":")[0].lower()
        host = host.replace("[.]", ".").strip("[].")
        if "." in host:
            yield host, start, end
    yield from _first_groups(_HOST, text, lambda match: match[1].lower().strip("."))
    yield from _first_groups(_BARE_HOST, text, lambda match: match[1].lower())
    if holds(text, DOTTED):
        yield from _first_groups(_IP, text, lambda match: match[1])


def _first_groups(pattern: re.Pattern[str], text: str, value: Callable[[re.Match[str]], str]) -> Iterator[Place]:
    for match in pattern.finditer(text):
        if found := value(match):
            yield found, *match.span()


def _id(match: re.Match[str]) -> str:
    return f"GHSA{match[4].lower()}" if match[3] else f"CVE-{match[1]}-{match[2]}"


def _package(match: re.Match[str]) -> str:
    name = match[1].rstrip(".-/")
    return f"{name}@{match[2].rstrip('.-')}" if match[2] else name


def _packages(text: str) -> Iterator[Place]:
    for pattern in (_PINNED, _INSTALL) if "@" in text or "==" in text else (_INSTALL,):
        for place in _first_groups(pattern, text, _package):
            # "-r requirements.txt" installs what it names, and is itself no package.
            if not place[0].endswith((".txt", ".toml", ".json")):
                yield place


def _endpoints(text: str) -> Iterator[Place]:
    """Requests, and paths beside them that no request names."""
    asked: set[str] = set()
    for match in _REQUEST.finditer(text):
        asked.add(path := _tidy_path(match[2]))
        yield f"{match[1]} {path}", *match.span()
    yield from _first_groups(_PATH, text, lambda match: "" if (path := _tidy_path(match[1])) in asked else path)


def _tidy_path(path: str) -> str:
    return path.rstrip(_BEHIND_URL.replace("}", "")) or "/"


def _functions(text: str) -> Iterator[Place]:
    yield from _first_groups(_FUNCTION, text, lambda match: _no_file(match[1] or match[2] or match[3]))
    yield from _first_groups(_NAMED_FUNCTION, text, lambda match: match[1].rstrip(".:"))


def _no_file(name: str) -> str:
    """The name, or nothing of one that is a file's: `parser.py`, in code marks."""
    return "" if re.search(rf"\.{_SOURCE}$", name) else name


def _files(text: str) -> Iterator[Place]:
    yield from _first_groups(_FORGE_FILE, text, lambda match: match[1])
    if not _ENDING.search(text):
        return
    # "Node.js" and "Vue.js" are names of products.
    yield from _first_groups(
        _FILE, text, lambda match: "" if match[1].lower() in {"node.js", "vue.js", "next.js", "d3.js"} else match[1]
    )


POINTERS: dict[FactKind, Callable[[str], Iterator[Place]]] = {
    "url": _urls,
    "host": _hosts,
    "id": lambda text: _first_groups(_ID, text, _id),
    "weakness": lambda text: _first_groups(_WEAKNESS, text, lambda match: f"CWE-{int(match[1])}"),
    "severity": lambda text: _first_groups(VECTOR, text, lambda match: scored(match[0])),
    "version": lambda text: chain(
        _first_groups(_VERSION, text, lambda match: match[1]),
        _first_groups(_NAMED_VERSION, text, lambda match: match[1]) if holds(text, DOTTED) else (),
    ),
    "hash": lambda text: _first_groups(_HASH, text, lambda match: match[1].lower()),
    "package": _packages,
    "endpoint": _endpoints,
    "function": _functions,
    "file": _files,
    "model": lambda text: _first_groups(_MODEL, text, lambda match: match[1].rstrip(".-+").lower()),
}
"""Kind of fact to what finds it."""
HOLDS: dict[FactKind, tuple[str, ...]] = {
    "url": ("://",),
    "host": (".", ":"),
    "id": (FIGURE, "-"),
    "weakness": (FIGURE,),
    "severity": ("AV:", "CVSS:"),
    "version": (DECIMAL,),
    "endpoint": ("/",),
    "function": ("(", "`"),
    "file": (".",),
}
"""Of these every such fact holds one."""


def path_key(endpoint: str, *, plain: bool = False) -> str:
    """An endpoint or URL as a key that equal ones share: its path in lower case, its ids taken out; empty where it says little.

    A path of one segment (`/login`) is in reports of every kind, so it is a key only where `plain` ones are wanted. What is
    known of the whole world (a forge, an index of advisories) is named by many as a source.
    """
    url = "://" in endpoint
    if url and _WIDELY_NAMED.match(endpoint):
        return ""
    path = endpoint.partition("://")[2].partition("/")[2] if url else endpoint.rpartition(" ")[2]
    path = unquote(re.split(r"[?#]", path, maxsplit=1)[0]).lower()
    segments = ["*" if _DIGITS_OR_ID.fullmatch(segment) else segment for segment in path.split("/") if segment]
    telling = [segment for segment in segments if segment not in _PLAIN_SEGMENTS]
    enough = bool(segments) if plain else len(segments) > 1 and bool(telling)
    return f"/{'/'.join(segments)}" if enough else ""


_PLAIN_SEGMENTS = frozenset("* api v1 v2 v3 v4 rest graphql index.php index.html".split())
_WIDELY_NAMED = re.compile(
    r"[a-z]{2,6}://(?:[\w-]{1,60}\.){0,3}(?:github|gitlab|githubusercontent|hackerone|bugcrowd|owasp|mitre|"
    r"nist|cve|wikipedia|youtube|youtu|imgur|"
    r"google|medium|npmjs|pypi|rubygems|crates|stackoverflow|portswigger|mozilla|w3|ietf|rfc-editor|snyk|"
    r"twitter|x|linkedin|arxiv|huggingface|"
    r"openai|anthropic|docs|example)\.[a-z]{2,6}(?:[/:?#]|$)",
    re.IGNORECASE,
)


def file_key(path: str) -> str:
    """A source file as a key: its last two segments in lower case; empty for a bare name, which many projects have."""
    segments = [segment for segment in path.lower().split("/") if segment not in {"", ".", ".."}]
    return "/".join(segments[-2:]) if len(segments) > 1 else ""


def function_key(name: str, *, plain: bool = False) -> str:
    """A function as a key; empty for those of languages and well-known libraries, unless `plain` ones are wanted."""
    parts = [part for part in re.split(r"\.|::|#|->|:", name.partition("(")[0]) if part]
    key = ".".join(parts[-2:])
    if plain or not parts:
        return key
    common = parts[-1].lower() in _COMMON_FUNCTIONS or (len(parts) > 1 and parts[-2].lower() in _COMMON_OWNERS)
    return "" if common or (len(parts) == 1 and len(key) < _SHORT_NAME) else key


_SHORT_NAME = 7
_COMMON_OWNERS = frozenset(
    "os sys subprocess pickle yaml json re math object array string console document window location math promise "
    "process fs path self this super requests http https urllib request response req res app client session logging "
    "log db cursor jquery $ std system torch numpy np java javax org com net github www buffer number date url xhr "
    "localstorage sessionstorage navigator history event intent objects new".split()
)
_COMMON_FUNCTIONS = frozenset(
    "eval exec system popen print printf main alert prompt confirm fetch open close read write load loads dump "
    "dumps parse stringify get set post put send call apply bind init __init__ constructor tostring valueof "
    "hasownproperty getattribute setattribute queryselector getelementbyid addeventlistener appendchild innerhtml "
    "settimeout setinterval postmessage malloc free calloc realloc memcpy memmove memset strcpy strncpy strlen "
    "strcat sprintf snprintf sleep user_input phpinfo shell_exec base64_decode file_get_contents encodeuricomponent "
    "decodeuricomponent encodeuri startactivity isinstance hasattr getattr setattr randombytes createelement getenv "
    "setuid test_client run_command __import__ fromcharcode".split()
)
