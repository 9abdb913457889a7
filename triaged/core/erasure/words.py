"""The words by which a person can be found, in every spelling in which they may be kept."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from triaged.core.erasure.views import texts_in
from triaged.core.mail.domains import unicode_form

ERASED = "[erased]"
"""What stands in place of such a word."""
_SHORTEST, _TELLING = 3, 5
"""Letters of a single name, and of all words of a whole one, from which on it is looked for; in other people's cases too."""
_UNPARTED_FROM = "\u0e00"
_ROLES = frozenset(
    "abuse admin bounty bug bugs cert contact csirt disclosure dr hello help hunter info inquiries it lab labs mail mailer "
    "mr mrs ms no noreply not office postmaster product program psirt reply report reports research researcher responsible "
    "sales security soc support team test the user vulnerabilities vulnerability webmaster".split()
)
"""Words that name a desk: in a name or an address they point to nobody, and they stand in every other report."""
_SIGNS = {".": r"\[\.\]", "@": r"\s?\[@\]\s?|\s?[\[(]at[\])]\s?|="}
"""What else may stand in place of a sign: made harmless for the team, spelled out, or as a return path has it."""
_BEGINS = r"(?:(?<![A-Za-z0-9._-])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt])|(?<=\b40))"
"""An address or a domain may follow a sign that is percent-encoded (or was, and lost its percent sign), or a line break as
JSON writes it."""
_ENCODED = re.compile(r"%([3-7][0-9a-f])")
"""An ASCII letter or digit, percent-encoded though it need not be."""
_RUN = re.compile(r"[a-z0-9]+")
_PART = re.compile(r"\w+")
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class Words:
    """What points to a person. `everywhere` it is theirs beyond doubt; `at_home`, in their own cases, so are single names."""

    addresses: frozenset[str]
    names: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    """Those of the names that others use too, as names or as words: they are taken for the person's at home only."""
    domains: frozenset[str] = frozenset()
    """Domains that nobody else here has."""

    def scrubbed(self, text: str, *, at_home: bool) -> str:
        """The text with `[erased]` in place of each of these words."""
        return (self.at_home if at_home else self.everywhere).sub(ERASED, text)

    def untold(self, terms: tuple[str, ...]) -> tuple[str, ...]:
        """Single words without those that together make one of these."""
        known = frozenset(terms)
        parts = (
            frozenset(_PART.findall(each.lower()))
            for each in (*self.addresses, *(self.names - self.common), *self.domains)
        )
        told = frozenset[str]().union(*(each for each in parts if each and each <= known))
        return tuple(term for term in terms if term not in told)

    def are_in(self, raw: bytes, *, at_home: bool = False) -> bool:
        """True if a mail holds one of them, in any transfer encoding."""
        pattern = self.at_home if at_home else self.everywhere
        return any((at_home or self._may_be_in(text)) and pattern.search(text) for text in texts_in(raw))

    def _may_be_in(self, text: str) -> bool:
        """False where no part is there that each of them has: most texts need no slower look."""
        low = text.lower()
        if _ENCODED.search(low):
            low = f"{low}\n{_ENCODED.sub(lambda octet: chr(int(octet[1], 16)), low)}"
        return any(core in low for core in self._cores)

    @cached_property
    def _cores(self) -> frozenset[str]:
        """Of each that is looked for everywhere, its longest run of letters that have but one spelling."""
        locals_ = (address.rpartition("@")[0] for address in self.addresses)
        labels = (form.rpartition(".")[0] for domain in self.domains for form in (domain, unicode_form(domain)) if form)
        names = (name for name in self.names - self.common if _is_telling(name))
        runs = (_RUN.findall(unicodedata.normalize("NFC", word).lower()) for word in (*locals_, *labels, *names))
        return frozenset(max(found, key=len, default="") for found in runs)

    @cached_property
    def everywhere(self) -> re.Pattern[str]:
        """Addresses, whole names of several words, domains."""
        return _any(self._certain())

    @cached_property
    def at_home(self) -> re.Pattern[str]:
        """These, every other name, single or whole, and the local part of each address."""
        single = sorted(self._single(), key=len, reverse=True)
        return _any((*self._certain(), *map(_name, sorted(self.names)), *map(_whole, single)))

    def _certain(self) -> Iterator[str]:
        for address in sorted(self.addresses):
            yield rf"{_BEGINS}{_spelled(address)}(?![A-Za-z0-9-])"
            if shown := unicode_form(address):
                yield _spelled(f"{address.rpartition('@')[0]}@{shown}")
        for name in sorted(self.names - self.common, key=len, reverse=True):
            if _is_telling(name):
                yield _name(name)
        for domain in sorted(self.domains):
            for form in (domain, unicode_form(domain)):
                if form:
                    yield rf"(?:(?<=\.)|{_BEGINS}){_spelled(form)}(?![A-Za-z0-9-])"

    def _single(self) -> set[str]:
        locals_ = {address.rpartition("@")[0].partition("+")[0] for address in self.addresses}
        words = {*locals_, *(word for name in self.names for word in _parts(name))}
        return {word for word in words if len(word) >= _SHORTEST and word.casefold() not in _ROLES}


def is_a_persons(name: str) -> bool:
    """True if it may be a person's name: not a desk's, and no address."""
    words = _parts(name)
    return "@" not in name and any(len(word) > 1 and word.casefold() not in _ROLES for word in words)


def pattern_of(name: str) -> re.Pattern[str]:
    """A whole name, in any spelling; it may be found in what others wrote."""
    return _any([_name(name)])


def _is_telling(name: str) -> bool:
    """True if it is more than one ordinary word: of several words, or in a script that parts no words."""
    words = _parts(name)
    return (len(words) > 1 and sum(map(len, words)) >= _TELLING) or _is_unparted("".join(words))


def _is_unparted(word: str) -> bool:
    """True of scripts in which no space need stand beside a name: Chinese, Japanese, Korean, Thai."""
    return len(word) > 1 and any(char >= _UNPARTED_FROM and unicodedata.category(char) == "Lo" for char in word)


def _parts(name: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['\u2019-][^\W_]+)*", unicodedata.normalize("NFC", name))


def _name(name: str) -> str:
    """In either order of its words."""
    words = _parts(name)
    return "|".join(dict.fromkeys((_whole(*words), _whole(*words[-1:], *words[:-1])))) if words else _NEVER.pattern


def _whole(*words: str) -> str:
    """These words in that order, however they are joined; no part of a longer word."""
    least = 0 if sum(map(len, words)) > _TELLING else 1
    joined = rf"(?:%20|%2c|[\W_]){{{least},3}}".join(map(_spelled, words))
    return joined if _is_unparted("".join(words)) else rf"(?<![^\W_]){joined}(?![^\W_])"


def _spelled(word: str) -> str:
    """A pattern for the word in each form of Unicode, any of its characters percent-encoded."""
    forms = dict.fromkeys(unicodedata.normalize(form, word) for form in ("NFC", "NFD"))
    return "(?:" + "|".join("".join(map(_sign, form)) for form in forms) + ")"


def _sign(char: str) -> str:
    octets = "".join(f"%{octet:02x}" for octet in char.encode("utf-8", "replace"))
    if char.isalnum() and char.isascii():
        return f"(?:{char}|{octets})"
    return f"(?:{'|'.join(filter(None, (re.escape(char), octets, _SIGNS.get(char, ''))))})"


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    found = "|".join(patterns)
    return re.compile(found, re.IGNORECASE) if found else _NEVER
