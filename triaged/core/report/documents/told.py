"""What a document of data tells, in the terms in which mail is read."""

from collections.abc import Iterator
from dataclasses import dataclass

from triaged.core.policy.rules import SectionName
from triaged.core.report.documents.bounded import Json, texts
from triaged.core.report.report import FactKind


@dataclass(frozen=True, slots=True)
class Told:
    """The fields of one document that say something of a report."""

    form: str
    """What sort of document it is, for a person: `a FLARE-AI report`."""
    title: str = ""
    sections: tuple[tuple[SectionName, str], ...] = ()
    """Texts that its form gives to a section. They may be Markdown with headings of their own."""
    facts: tuple[tuple[FactKind, str], ...] = ()
    """Texts in which facts of these kinds stand, or the facts themselves."""

    @property
    def as_text(self) -> str:
        """Its words as a person would have written them in a mail, each part under its heading."""
        return "\n\n".join((self.title, *(f"{name.capitalize()}\n{text}" for name, text in self.sections if text)))


def joined(*texts: str) -> str:
    """The texts that say something, each in a paragraph of its own."""
    return "\n\n".join(dict.fromkeys(text for text in texts if text))


Paths = tuple[tuple[FactKind, str], ...]
"""Kinds of fact, each with the path of a field that holds some (`bounded.texts`)."""


def facts_at(document: Json, paths: Paths) -> Iterator[tuple[FactKind, str]]:
    """What stands at each of the paths, under its kind."""
    for kind, path in paths:
        yield from ((kind, text) for text in texts(document, path))
