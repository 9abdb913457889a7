"""What a table knows a text by: its words, pairs of words, and shapes that are the same in every language.

A shape stands as one trait (`:path`), and again (`:path+`) where it stands more than twice: who has tried something writes
paths, counts and versions, whatever the language.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from triaged.core.phrases import Words
from triaged.core.report.glance import DECIMAL, DOTTED, FIGURE, HUMP, Glance

_LOOKED_AT = 6_000
_OFTEN = 2
_WORDS = 250
"""So many words of a text are looked at: what it is stands at its beginning."""
_BEGINNING = 5

SHAPES: dict[str, re.Pattern[str]] = {
    ":url": re.compile(r"https?://"),
    ":path": re.compile(r"(?<![\w/.])/[a-z_][\w.-]{0,40}(?:/[\w.{}:<>-]{1,60}){1,9}"),
    ":request": re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE|OPTIONS)\s{1,3}[/h]"),
    ":status": re.compile(r"\bHTTP[/ ]?\d|(?<![\w.,])[2345]0\d(?![\w%]|[.,]\d)"),
    ":counted": re.compile(
        r"\d(?<!\w\d)\d{0,4}\s?(?:of|out of|/|von|de|sur|su|di|из|з|із|na|van|från|dari|trên|üzerinden|में से|من|中|"
        r"回中|次中|번 중)\s?\d{1,5}"
    ),
    ":numbered": re.compile(r"^\s{0,8}(?:\d{1,2}|[a-h])[.)]\s", re.MULTILINE),
    ":inline-number": re.compile(r"\s\(?[1-9][.)]\s\S"),
    ":code": re.compile(r"`[^`\n]{1,200}`"),
    ":call": re.compile(r"\w\(\)|\w\(['\"]"),
    ":snake": re.compile(r"\b[a-z]{1,30}_[a-z_]{1,60}\b"),
    ":camel": re.compile(r"\b[a-z]{1,30}[A-Z]\w{1,40}\b"),
    ":version": re.compile(r"(?<![\w.])v?\d{1,3}\.\d{1,3}(?:\.\d{1,4})?(?![\w.])"),
    ":json": re.compile(r"[{\[]\s?\"?\w{1,40}\"?\s?:"),
    ":quotation": re.compile(r"[\"“„«»”「『‘][^\n]{8,200}?[\"”“»」』’]"),
    ":question": re.compile(r"[?？؟]"),
    ":money": re.compile(r"[$€£¥]\s?\d|\d\s?(?:€|\$|USD|EUR|zł|₴|руб|円|元)"),
    ":address": re.compile(r"[\w.+-]{1,60}@[\w-]{1,60}\."),
    ":exclamation": re.compile(r"[!！]"),
    ":heading": re.compile(r"^(?:#{1,4} |\*\*)[^\n]{2,40}$|^[A-Z][\w ]{2,25}:?$", re.MULTILINE),
    ":arrow": re.compile(r"->|→|=>"),
    ":parameter": re.compile(r"[?&]\w{1,40}=|\b\w{2,30}=\S"),
    ":ip": re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b"),
    ":weakness": re.compile(r"CWE-|CVE-|CVSS|GHSA-"),
    ":phone": re.compile(r"\+?\d[\d ()-]{8,20}\d"),
    ":article": re.compile(r"§|\bArt(?:icle|igo|ículo|ikel|\.)? ?\d"),
    ":percent": re.compile(r"\d\s?%"),
    ":decibel": re.compile(r"\d\s?(?:dB|Hz|kHz|ms)\b"),
}

# Of these every such shape holds one.
_HOLDS: dict[str, tuple[str, ...]] = {
    ":url": ("://",),
    ":path": ("/",),
    ":request": ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
    ":status": ("HTTP", "20", "30", "40", "50"),
    ":counted": (FIGURE,),
    ":numbered": (".", ")"),
    ":inline-number": (".", ")"),
    ":code": ("`",),
    ":call": ("()", "('", '("'),
    ":snake": ("_",),
    ":camel": (HUMP,),
    ":version": (DECIMAL,),
    ":json": ("{", "["),
    ":question": ("?", "？", "؟"),
    ":money": ("$", "€", "£", "¥", "USD", "EUR", "zł", "₴", "руб", "円", "元"),
    ":address": ("@",),
    ":exclamation": ("!", "！"),
    ":arrow": (">", "→"),
    ":parameter": ("=",),
    ":ip": (DOTTED,),
    ":weakness": ("CWE-", "CVE-", "CVSS", "GHSA-"),
    ":phone": (FIGURE,),
    ":article": ("§", "Art"),
    ":percent": ("%",),
    ":decibel": ("dB", "Hz", "ms"),
}


def traits_of(title: Words, text: Words, spoken: Sequence[str] = ()) -> frozenset[str]:
    """The traits of a mail: of its title again by themselves, and the ids of the rules that spoke, as `=infra.web`."""
    return frozenset(
        (*_shapes(f"{title.text}\n{text.text[:_LOOKED_AT]}"), *(f"={rule}" for rule in spoken), *_words(title, text))
    )


def _words(title: Words, text: Words) -> Iterator[str]:
    for word in title.words:
        yield f"t:{_figure(word)}"
    for words in (title.words, text.words[:_WORDS]):
        before = ""
        for each in words:
            word = _figure(each)
            yield word
            if len(word) > _BEGINNING:
                yield f"{word[:_BEGINNING]}*"
            if before:
                yield f"{before} {word}"
            before = word


def _figure(word: str) -> str:
    return "0" if word.isdecimal() else word


def _shapes(text: str) -> Iterator[str]:
    glance = Glance(text)
    for name, shape in SHAPES.items():
        if not glance.may_hold(_HOLDS.get(name, ())):
            continue
        found = 0
        for _ in shape.finditer(text):
            found += 1
            if found > _OFTEN:
                yield f"{name}+"
                break
        if found:
            yield name


def phrases_of(words: Sequence[str]) -> frozenset[str]:
    """The phrases of one to three words of a sentence."""
    figured = [_figure(word) for word in words]
    pairs = [f"{one} {two}" for one, two in pairwise(figured)]
    return frozenset((*figured, *pairs, *(f"{pair} {third}" for pair, third in zip(pairs, figured[2:], strict=False))))
