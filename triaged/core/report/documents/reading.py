"""The documents of one mail, read: which sections they hold and which facts they give, each under the name of its document.

A document fills what the mail leaves open. It never takes anything away, and one that is refused says nothing: the mail is
then read as if it were not there, and the team is told in a sentence.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from triaged.core.mail.message import Document, Message
from triaged.core.policy.policy import Policy
from triaged.core.report.dates import first_date, first_length
from triaged.core.report.documents.advisories import cve, cyclonedx, ghsa, osv
from triaged.core.report.documents.bounded import MOST, Json, RefusedError, loaded
from triaged.core.report.documents.csaf import csaf
from triaged.core.report.documents.flare import flare
from triaged.core.report.documents.sarif import sarif
from triaged.core.report.documents.told import Told
from triaged.core.report.documents.written import written
from triaged.core.report.headings import heading_names
from triaged.core.report.pointers import POINTERS
from triaged.core.report.prose import prose_of
from triaged.core.report.report import Evidence, Fact, FactKind
from triaged.core.report.sections import read_sections
from triaged.core.text import visible

_FORMS: tuple[Callable[[Json], Told | None], ...] = (flare, csaf, cyclonedx, sarif, cve, ghsa, osv)
"""Tried in this order: what is surest of its form comes first."""
_DATA = re.compile(r"\.(?:json|jsonld|sarif|csaf|osv|vex)$", re.IGNORECASE)
_MOST_DOCUMENTS, _MOST_IN_ONE, _MOST_FACTS = 6, 5, 200
_NAME, _QUOTE, _VALUE = 60, 200, 200
_FEW_WORDS = 5
_INLINE = "the mail"


@dataclass(frozen=True, slots=True)
class Read:
    """One document, under the name that it came with."""

    name: str
    """One visible line."""
    told: Told | None
    refused: str = ""
    """Why it was not read, where its name says that it is data and its octets say otherwise."""
    block: str = ""
    """Of a document that stands in the mail's own text, as it stands there."""


def without_blocks(text: str, documents: Sequence[Read]) -> str:
    """The text without what was read as data: braces and names of fields are nobody's prose."""
    for document in documents:
        if document.block and document.told:
            text = text.replace(document.block, "", 1)
    return text


def read_documents(message: Message, policy: Policy) -> tuple[Read, ...]:
    """What came with a mail, or stands in it, as data. Of documents of no known form nothing is told."""
    if message.encrypted:
        return ()
    found = (each for document in _documents(message) for each in _read(document, policy))
    return (*(each for _, each in zip(range(_MOST_DOCUMENTS), found, strict=False)), *_too_large(message))


def evidence_in(documents: Sequence[Read], message: Message, policy: Policy) -> Iterator[Evidence]:
    """The sections that the documents hold, each under its document's name."""
    for document in documents:
        if document.told:
            yield from (
                replace(each, quote=visible(f"{document.name}: {each.quote}", _QUOTE))
                for each in _sections(document.told, message, policy)
                if each.present
            )


def facts_in(documents: Sequence[Read]) -> Iterator[Fact]:
    """The facts that the documents give, each under its document's name."""
    for document in documents:
        if document.told:
            for _, (kind, value) in zip(range(_MOST_FACTS), _facts(document.told), strict=False):
                shown = visible(value, _VALUE)
                yield Fact(kind, shown, visible(f"{document.name}: {shown}", _QUOTE))


def _documents(message: Message) -> Iterator[tuple[Document, bool]]:
    """Each with whether it is sure to be meant as a document."""
    yield from ((document, True) for document in message.documents)
    yield from ((Document(_INLINE, block), False) for block in _blocks(message.text))


def _blocks(text: str) -> Iterator[str]:
    """Objects of JSON that stand in the text on lines of their own."""
    begun: list[str] = []
    for line in text[:MOST].split("\n"):
        if begun or line.startswith("{"):
            begun.append(line)
        if begun and line.rstrip().endswith("}") and (line[:1] == "}" or len(begun) == 1):
            yield "\n".join(begun)
            begun = []


def _read(source: tuple[Document, bool], policy: Policy) -> Iterator[Read]:
    document, meant = source
    name = visible(document.filename, _NAME)
    if meant and not document.is_data:
        yield Read(name, written(document.text, heading_names(policy.sections)))
        return
    try:
        value = loaded(document.text)
    except RefusedError as refusal:
        if meant:
            yield Read(name, None, str(refusal))
        return
    for each in value[:_MOST_IN_ONE] if isinstance(value, list) else [value]:
        told = next((told for form in _FORMS if (told := form(each))), None)
        yield Read(name, told, block="" if meant else document.text)


def _too_large(message: Message) -> Iterator[Read]:
    read = {document.filename for document in message.documents}
    for part in message.attachments:
        if part.size > MOST and part.filename not in read and _DATA.search(part.filename):
            yield Read(visible(part.filename, _NAME), None, "it is larger than a megabyte")


def _sections(told: Told, message: Message, policy: Policy) -> Iterator[Evidence]:
    """What the form gives to a section, then what its texts hold under headings of their own."""
    for name, text in told.sections:
        if name != "description" and text.strip():
            yield Evidence(name, visible(text, _QUOTE))
    text = "\n\n".join(text for _, text in told.sections)
    if text.strip():
        page = replace(message, subject=told.title, text=text, attachments=(), attached_text="", documents=())
        yield from read_sections(page, prose_of(page, policy), policy)
    described = dict(told.sections).get("description", "")
    if len(described.split()) >= _FEW_WORDS:
        yield Evidence("description", visible(described, _QUOTE))


def _facts(told: Told) -> Iterator[tuple[FactKind, str]]:
    for kind, text in told.facts:
        yield from ((kind, value) for value in _VALUES.get(kind, _pointed(kind))(text))
    text = told.as_text
    for kind, pointed in POINTERS.items():
        yield from ((kind, value) for value, _, _ in pointed(text))


def _pointed(kind: FactKind) -> Callable[[str], Iterator[str]]:
    return lambda text: (value for value, _, _ in POINTERS[kind](text))


def _name(text: str) -> Iterator[str]:
    yield from _NAMED.findall(text[:_VALUE])


def _version(text: str) -> Iterator[str]:
    yield from _VERSION.findall(text[:_VALUE])


def _file(text: str) -> Iterator[str]:
    yield from _FILE.findall(text[:_VALUE])


def _day(text: str) -> Iterator[str]:
    if found := first_date(text[:_VALUE]):
        yield found[0]


def _plan(text: str) -> Iterator[str]:
    if found := first_date(text[:_VALUE]) or first_length(text[:_VALUE]):
        yield found[0]


_NAMED = re.compile(r"^[\w@][\w@./:+() -]{1,99}$")
_VERSION = re.compile(r"(?<![\w.])v?(\d{1,5}(?:\.\d{1,6}){1,3}[\w.+-]{0,20})")
_FILE = re.compile(r"^(?:file:/{2,3})?((?:[\w.@+-]{1,80}/){0,12}[\w.@+-]{1,80})$")
_VALUES: dict[FactKind, Callable[[str], Iterator[str]]] = {
    "version": _version,
    "package": _name,
    "model": _name,
    "function": _name,
    "conversation": _name,
    "file": _file,
    "tested": _day,
    "publish": _plan,
}
"""How the text of a field is read as facts of its kind; those that are not named are read as in a mail."""
