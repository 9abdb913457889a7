"""Details that help with a report of one scope: a policy's sections with a `scope`, asked for but never required."""

from typing import Literal, Self, get_args

from pydantic import model_validator

from triaged.core.policy.fields import Frozen
from triaged.core.policy.rules import Phrase, Section, SectionName

DetailScope = Literal["model", "infrastructure", "sdk"]
DetailName = Literal[
    "model-version", "occasion", "exchange", "frequency", "audio", "package-version", "platform", "endpoint", "account"
]
"""Each has recognisers of its own (`core/report/details`), besides the policy's phrases."""


class Detail(Frozen):
    """A detail that helps with a report of its scope."""

    name: DetailName
    scope: DetailScope
    title: str
    example: str
    phrases: tuple[Phrase, ...] = ()
    """Wordings that show that it is there, or that there is none (`no account`)."""
    short: int = 30
    """It is asked for only in texts with fewer words: longer texts nearly always contain it in some wording."""
    always: bool = False
    """True if it is asked for even when the report has everything that the policy requires."""


class Stated(Frozen):
    """One entry under `sections` as in the file: a section, or a detail if it has a `scope`."""

    name: SectionName | DetailName
    required: bool = False
    title: str
    example: str
    scope: DetailScope | None = None
    headings: tuple[Phrase, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    weak_phrases: tuple[Phrase, ...] = ()
    short: int = 30
    always: bool = False

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        of_a_scope = self.name in get_args(DetailName)
        if of_a_scope != (self.scope is not None):
            known = ", ".join(get_args(DetailName if self.scope else SectionName))
            with_scope = "a `scope`" if self.scope else "no `scope`"
            raise ValueError(f"a section with {with_scope} is one of {known}, not {self.name}")
        if unfit := sorted(self.model_fields_set & (_OF_SECTIONS if of_a_scope else _OF_DETAILS)):
            raise ValueError(f"{unfit[0]} is no setting of the section {self.name!r}")
        if lacking := sorted(({"required", "headings"} - self.model_fields_set) if not of_a_scope else ()):
            raise ValueError(f"the section {self.name!r} needs {' and '.join(lacking)}")
        return self


_OF_SECTIONS = frozenset({"required", "headings", "weak_phrases"})
_OF_DETAILS = frozenset({"short", "always"})


def sections_of(stated: tuple[Stated, ...]) -> tuple[Section, ...]:
    """The sections that every report is asked for."""
    return tuple(
        Section.model_validate(each.model_dump(exclude={"scope", *_OF_DETAILS}))
        for each in stated
        if each.scope is None
    )


def details_of(stated: tuple[Stated, ...]) -> tuple[Detail, ...]:
    """The details that help with reports of one scope."""
    return tuple(
        Detail.model_validate(each.model_dump(exclude=set(_OF_SECTIONS))) for each in stated if each.scope is not None
    )
