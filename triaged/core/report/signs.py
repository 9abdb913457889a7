"""Shapes in a report's text that speak for a scope, beside words: each a pattern, linear by construction."""

import re

from triaged.core.policy.rules import SignName
from triaged.core.report.glance import DOTTED, FIGURE, Glance

SIGNS: dict[SignName, re.Pattern[str]] = {
    "http-request": re.compile(
        r"^\s{0,12}(?:GET|POST|PUT|PATCH|DELETE|OPTIONS) (?:/|https?://)\S{0,2000}|"
        r"^\s{0,12}(?:Host|Cookie|Authorization|Origin): ?\S",
        re.MULTILINE | re.IGNORECASE,
    ),
    # A host that people visit: no code forge, no package index, no picture host, which are named in reports of any kind.
    "live-url": re.compile(
        r"https?://(?!(?:www\.)?(?:github\.com|gitlab\.com|npmjs\.com|www\.npmjs\.com|pypi\.org|crates\.io|rubygems\.org|packagist\.org|"
        r"huggingface\.co|arxiv\.org|youtube\.com|youtu\.be|imgur\.com|cwe\.mitre\.org|nvd\.nist\.gov|cve\.org|owasp\.org|gist\.github\.com|"
        r"medium\.com|en\.wikipedia\.org|snyk\.io|(?:www\.)?hackerone\.com|"
        r"(?:www\.)?(?:linkedin|twitter|x|bugcrowd|intigriti|keybase|substack|notion|loom|vimeo|pastebin|dropbox|t|wa)\.(?:com|io|me|so|page)|"
        r"(?:drive|docs|sites)\.google\.com|(?:[\w-]{1,60}\.)?(?:github\.io|gitlab\.io|medium\.com|substack\.com|notion\.site)|infosec\.exchange|localhost|127\.0\.0\.1|"
        r"(?:[\w-]{1,60}\.)?example\.(?:com|org|net)|(?:docs?|bugs?|bugzilla|issues?|lists?|discuss|tracker|wiki|forum|blog)\.))[\w-]{1,60}(?:\.[\w-]{1,60}){1,6}",
        re.IGNORECASE,
    ),
    "package-version": re.compile(
        r"(?:^|[\s`\"'(])@?[a-z][\w.-]{1,60}(?:/[\w.-]{1,60})?(?:@|==|\s?[<>]=?\s?v?)\d{1,4}\.\d{1,4}|"
        r"\bversions? (?:before|prior to|up to|through|<=?|[<>]) ?v?\d|"
        r"\b(?:before|prior to|up to|through|<=?) (?:version )?v?\d{1,4}\.\d{1,4}(?:\.\d{1,4})?",
        re.IGNORECASE,
    ),
    "url-path": re.compile(
        r"(?:^|[\s`\"'(])/(?:api|v[1-9]|admin|user|users|account|login|auth|oauth|graphql|wp-[a-z]{2,10}|[a-z_-]{2,20})(?:/[\w.{}:<>-]{1,60}){1,8}(?:\?[\w=&%.-]{1,200})?|"
        r"[?&][a-z_]{2,30}=[^\s&]{1,100}&[a-z_]{2,30}=",
        re.IGNORECASE,
    ),
    "source-path": re.compile(
        r"(?<![\w./:-])[\w.-]{1,60}/[\w./-]{1,120}\.(?:py|js|ts|mjs|cjs|rb|go|rs|c|h|cc|cpp|hpp|java|php|cs|swift|kt|scala|ex|erl)\b(?:[:#]L?\d{1,6})?|"
        r"github\.com/[\w.-]{1,60}/[\w.-]{1,80}/(?:blob|tree|commit|pull|issues|security)/",
    ),
    "function-name": re.compile(
        r"\b(?:[A-Za-z_]\w{1,40}(?:\.|::|#|->)){1,4}[A-Za-z_]\w{2,60}[!?]?\(|\b[a-z]{1,30}_[a-z_]{2,60}\(\)|`[A-Za-z_]\w{2,60}\(\)`|\b[a-z]{2,20}[A-Z]\w{2,40}\(\)"
    ),
    "crash-trace": re.compile(
        r"AddressSanitizer|SUMMARY: \w{4,20}Sanitizer|Traceback \(most recent call last\)|Segmentation fault|SIGSEGV|"
        r"thread '[^'\n]{1,60}' panicked|goroutine \d{1,6} \[|^\s{0,8}#\d{1,3}\s{1,4}0x[0-9a-f]{4,16}|"
        r"^\s{0,8}at [\w.$<>]{3,120}\([\w./:-]{3,120}:\d{1,6}",
        re.MULTILINE,
    ),
    "release": re.compile(r"(?<![\w./])[A-Za-z][\w.-]{1,40}(?: version)? v?\d{1,3}\.\d{1,4}\.\d{1,5}(?![.\d])"),
    "cve": re.compile(r"\bCVE-\d{4}-\d{4,7}\b|\bGHSA(?:-[0-9a-z]{4}){3}\b", re.IGNORECASE),
    # "x is a Python library for ...", "A flaw in x before 1.2", "x 1.0 through 1.4 allows": how advisories begin.
    "advisory-sentence": re.compile(
        r"\b(?:is|are) (?:an?|the) [\w ,/.'-]{0,80}?\b(?:librar(?:y|ies)|framework|toolkit|package|module|parser|sdk|wrapper|"
        r"middleware|orm|connector|driver|implementation|bindings?|client|generator|codec|runtime|crate|gem|plugin|extension|utility|tool)\b|"
        r"\b(?:before|prior to|through|up to|until|<=?) (?:and including )?(?:version )?v?\d{1,4}\.\d{1,5}|"
        r"\bversions? v?\d{1,4}\.\d[\w.]{0,20} (?:through|to|and|up to|before)\b",
        re.IGNORECASE,
    ),
    "import-line": re.compile(
        r"^\s{0,12}(?:import [\w.{} *,]{1,100}(?: from ['\"][\w@/.-]{1,80}['\"])?;?|from [\w.]{1,80} import \S.{0,100}|"
        r"(?:const|let|var) [\w{}, ]{1,80} ?= ?require\(|require ['\"(][\w@/.-]{1,80}|use [\w:]{1,80};|#include <)",
        re.MULTILINE,
    ),
    "chat-transcript": re.compile(
        r"^\s{0,8}[*_#>]{0,3}(?:user|human|prompt|me)[*_]{0,3} ?:[^\n]{0,500}\n(?:[^\n]{0,500}\n){0,6}?\s{0,8}[*_#>]{0,3}"
        r"(?:assistant|model|bot|ai|chatgpt|claude|gemini|response|output)[*_]{0,3} ?:",
        re.MULTILINE | re.IGNORECASE,
    ),
}
# Of these every such shape holds one.
_HOLDS: dict[SignName, tuple[str, ...]] = {
    "http-request": (":", "/"),
    "live-url": ("://",),
    "package-version": (FIGURE,),
    "url-path": ("/", "="),
    "source-path": ("/",),
    "function-name": ("(",),
    "crash-trace": ("Sanitizer", "Traceback", "Segmentation", "SIGSEGV", "panicked", "goroutine", "0x", "("),
    "release": (DOTTED,),
    "cve": ("-",),
    "chat-transcript": (":",),
}


def signs_in(text: str) -> dict[SignName, tuple[int, int]]:
    """Where each shape that is in the text stands first."""
    glance = Glance(text)
    found = ((name, glance.may_hold(_HOLDS.get(name, ())) and shape.search(text)) for name, shape in SIGNS.items())
    return {name: match.span() for name, match in found if match}
