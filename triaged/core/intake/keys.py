"""The keys of a case: what it attaches, names and says, each in a form that another case may share."""

import re
from collections.abc import Iterator
from typing import Literal

from triaged.core.case.case import Case
from triaged.core.mail.message import Attachment
from triaged.core.report.places import endpoint_end, opaque_ids, symbol_end
from triaged.core.report.pointers import file_key, function_key, path_key
from triaged.core.report.report import Facts
from triaged.core.report.shingles import bands

KeyKind = Literal[
    "file",
    "id",
    "endpoint",
    "function",
    "source",
    "endpoint-end",
    "function-end",
    "title",
    "band",
    "reporter",
    "opaque",
]
Key = tuple[KeyKind, str]


HELD: dict[KeyKind, int] = {
    "file": 20,
    "id": 20,
    "endpoint": 8,
    "function": 8,
    "source": 8,
    "title": 8,
    "band": 20,
    "reporter": 50,
    "opaque": 8,
    "endpoint-end": 8,
    "function-end": 8,
}
"""So many cases are kept for a key, the first ones."""
_TITLE_WORDS = 4
_FEW_IDS = 3
"""A text that names more ids than this lists or compares them."""
_LEAST_FILE = 1024
_LEAST_PICTURE = 40_000
"""Smaller pictures are the logos of signatures."""
_PREFIX = re.compile(r"^(?:\s{0,5}(?:re|fwd?|aw|wg|sv|tr|rv|\[[^\]]{0,40}\])\s{0,3}:?\s{1,5}){1,5}", re.IGNORECASE)
_WORD = re.compile(r"\w{2,40}")


def keys_of(case: Case) -> Iterator[Key]:
    """What a case may share with another; each key once."""
    yield from {("file", part.sha256): None for mail in case.mails for part in mail.attachments if _is_telling(part)}
    if case.reporter.address:
        yield "reporter", case.reporter.address.lower()
    if title := _title(case.opening.subject):
        yield "title", title
    if case.report is None:
        return
    facts = case.report.facts
    yield from (("id", name) for name in few_ids(facts))
    yield from (("endpoint", key) for key in {path_key(each) for each in facts.values("endpoint", "url")} - {""})
    yield from (("function", key) for key in {function_key(each) for each in facts.values("function")} - {""})
    yield from (
        ("endpoint-end", key) for key in {endpoint_end(each) for each in facts.values("endpoint", "url")} - {""}
    )
    yield from (("function-end", key) for key in {symbol_end(each) for each in facts.values("function")} - {""})
    yield from (("opaque", key) for key in opaque_ids(case.report))
    yield from (("source", key) for key in {file_key(each) for each in facts.values("file")} - {""})
    yield from (("band", band) for band in bands(case.report.signature))


def _is_telling(part: Attachment) -> bool:
    picture = part.media_type.startswith("image/") or part.claimed_type.startswith("image/")
    return part.size >= (_LEAST_PICTURE if picture else _LEAST_FILE)


def few_ids(facts: Facts) -> frozenset[str]:
    """The CVE and GHSA ids; none of a text that lists or compares them."""
    ids = facts.values("id")
    return frozenset(name.upper() for name in ids) if len(ids) <= _FEW_IDS else frozenset()


def _title(subject: str) -> str:
    """The words of a subject in their order in the alphabet; empty where they are too few to tell anything."""
    words = title_words(subject)
    return " ".join(words) if len(words) >= _TITLE_WORDS else ""


def title_words(subject: str) -> list[str]:
    """The different words of a subject without what mail programs put before it, in the order of the alphabet."""
    return sorted(set(_WORD.findall(_PREFIX.sub("", subject[:300]).lower())))
