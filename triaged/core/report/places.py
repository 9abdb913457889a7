"""Where reports say that a flaw is, in a form that two writers share even if only one names the module or the prefix."""

import re
from collections.abc import Iterator

from triaged.core.report.pointers import file_key, function_key, path_key
from triaged.core.report.report import Facts, Report

_PLAIN_ENDS = frozenset(
    "login logout signin signup register users user me admin auth account accounts search upload uploads status health "
    "settings profile home docs test token tokens callback".split()
)
_PREFIXES = frozenset("* api rest rpc graphql backend gateway internal public external".split())
_VERSION = re.compile(r"v\d{1,2}(?:\.\d{1,2})?")
_SHORT_END, _SHORT_NAME, _SHORT_ID = 5, 7, 8
_LEAST_FIGURES = 2


def endpoint_end(endpoint: str) -> str:
    """The end of an endpoint or URL from its last segment but one that tells something; empty where it says little.

    `/api/v1/billing/invoices/17/pdf` and `/invoices/{id}/pdf` both end in `/invoices/*/pdf`.
    """
    segments = ["*" if _figures(each) >= _LEAST_FIGURES else each for each in path_key(endpoint, plain=True).split("/")]
    segments = [each for each in segments if each]
    telling = [place for place, each in enumerate(segments) if each not in _PREFIXES and not _VERSION.fullmatch(each)]
    if not telling:
        return ""
    if len(telling) == 1:
        only = segments[telling[0]]
        return f"/{only}" if len(only) >= _SHORT_END and only not in _PLAIN_ENDS and "." not in only else ""
    return f"/{'/'.join(segments[telling[-2] :])}"


def symbol_end(function: str) -> str:
    """The last segment of a symbol; empty for short names and those of languages and well-known libraries."""
    if not function_key(function):
        return ""
    last = function_key(function, plain=True).rpartition(".")[2]
    return last if len(last) >= _SHORT_NAME and function_key(last) else ""


def opaque_ids(report: Report) -> frozenset[str]:
    """What no two people write by chance: hashes, ids of conversations and requests, names of buckets with figures."""
    facts = report.facts.values("hash", "conversation", "reference")
    return frozenset(each.lower() for each in facts) | frozenset(filter(_is_opaque, report.terms))


def _is_opaque(term: str) -> bool:
    return len(term) >= _SHORT_ID and _figures(term) >= _LEAST_FIGURES and term.isascii() and not term.isdigit()


def _figures(word: str) -> int:
    return sum(char.isdigit() for char in word)


def place_names(facts: Facts) -> frozenset[str]:
    """Every place that is named, in its shortest telling form: ends of endpoints and symbols, files, hosts, packages."""
    return frozenset(name for name in _names(facts) if name)


def _names(facts: Facts) -> Iterator[str]:
    yield from map(endpoint_end, facts.values("endpoint", "url"))
    yield from map(symbol_end, facts.values("function"))
    yield from (each.lower().rpartition("/")[2] for each in facts.values("file"))
    yield from facts.values("host")
    yield from (each.lower().rpartition("@")[0] or each.lower() for each in facts.values("package"))


def names_a_place(facts: Facts) -> bool:
    """True if it names an endpoint, a function or a file by which places can be compared."""
    keys = (
        *(path_key(each) for each in facts.values("endpoint", "url")),
        *(function_key(each) for each in facts.values("function")),
        *(file_key(each) for each in facts.values("file")),
    )
    return any(keys)
