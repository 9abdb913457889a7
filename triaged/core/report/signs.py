"""Shapes in a report's text that speak for a scope, beside words: each a pattern, linear by construction."""

import re

from triaged.core.policy import SignName

SIGNS: dict[SignName, re.Pattern[str]] = {
    "http-request": re.compile(
        r"^\s{0,12}(?:GET|POST|PUT|PATCH|DELETE|OPTIONS) (?:/|https?://)\S{0,2000}|"
        r"^\s{0,12}(?:Host|Cookie|Authorization|Origin): ?\S|\bcurl\b[^\n]{0,200}https?://",
        re.MULTILINE | re.IGNORECASE,
    ),
    # A host that people visit: no code forge, no package index, no picture host, which are named in reports of any kind.
    "live-url": re.compile(
        r"https?://(?!(?:www\.)?(?:github\.com|gitlab\.com|npmjs\.com|www\.npmjs\.com|pypi\.org|crates\.io|rubygems\.org|packagist\.org|"
        r"huggingface\.co|arxiv\.org|youtube\.com|youtu\.be|imgur\.com|cwe\.mitre\.org|nvd\.nist\.gov|cve\.org|owasp\.org|gist\.github\.com|"
        r"medium\.com|en\.wikipedia\.org|snyk\.io|hackerone\.com|localhost|127\.0\.0\.1))[\w-]{1,60}(?:\.[\w-]{1,60}){1,6}",
        re.IGNORECASE,
    ),
    "package-version": re.compile(
        r"(?:^|[\s`\"'(])@?[a-z][\w.-]{1,60}(?:/[\w.-]{1,60})?(?:@|==|\s?[<>]=?\s?v?)\d{1,4}\.\d{1,4}|"
        r"\bversions? (?:before|prior to|up to|through|<=?|[<>]) ?v?\d|"
        r"\b(?:before|prior to|up to|through|<=?) (?:version )?v?\d{1,4}\.\d{1,4}(?:\.\d{1,4})?",
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
