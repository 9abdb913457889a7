"""AI flaw reports: the JSON-LD that ai-reports.org (FLARE-AI) exports, its form as it was filled in, and their forerunners.

The fields are looked for by their names alone, whatever they stand in, for each release has moved them. Names are compared
without prefix, case and hyphens: `flare:stepsToReproduce`, `steps_to_reproduce` and `Steps to Reproduce` are one.
"""

import re
from collections.abc import Iterable, Iterator

from triaged.core.report.documents.bounded import Json, at, items_at, named, text_at, texts_at
from triaged.core.report.documents.told import Told, joined

_DESCRIPTION = ("flawdescription", "issuedescription", "expectedbehavior", "actualbehavior", "discoverynarrative")
_STEPS = ("stepstoreproduce", "proofofconcept", "reproductionsteps", "proofofconceptexploit")
_IMPACT = (
    "impact", "impacts", "impactdescription", "specificharmtypes", "harmtypes", "harmtype", "harmnarrative",
    "attackerobjectives", "impactedstakeholders", "affectedstakeholders", "affectedassets"
)  # fmt: skip
_SYSTEMS = ("aisystem", "aisystems", "systems", "system", "systemversion", "systemversions")
_OF_ITS_OWN = frozenset(
    "flawdescription issuedescription incidentdescription impactassessment reporterdetails aisystem aisystems systemversion "
    "policyviolation".split()
)
_WHEN = ("flawtimestampstart", "flawtimestamp", "timestamp", "incidentdate", "dateobserved")
_SESSION = ("sessionid", "conversationid", "submissionid")
_PLAN = ("disclosuretimeline", "timeline", "embargo", "publicdisclosuredate")


def flare(document: Json) -> Told | None:
    """An AI flaw report; None of anything else."""
    kind = " ".join(texts_at(document, "@type"))
    fields = _fields(document)
    if "AIFlawReport" not in kind and len(_OF_ITS_OWN & fields.keys()) < _OWN_FIELDS:
        return None
    described = text_at(document, "description")
    told = {name: joined(*_texts(fields, names)) for name, names in _PARTS.items()}
    plan = " ".join(_texts(fields, _PLAN))
    return Told(
        "an AI flaw report",
        text_at(document, "name"),
        (
            ("description", joined(described, told["description"])),
            ("steps", told["steps"]),
            ("impact", told["impact"].replace("\n\n", "; ")),
        ),
        (
            *(("model", system) for system in _systems(fields)),
            *(("tested", when) for when in _texts(fields, _WHEN)),
            *(("conversation", session) for session in _texts(fields, _SESSION)),
            *((("publish", plan),) if plan else ()),
        ),
    )


_OWN_FIELDS = 2
_PARTS = {"description": _DESCRIPTION, "steps": _STEPS, "impact": _IMPACT}
_PREFIX = re.compile(r"^[a-z]{2,12}:")


def _fields(document: Json) -> dict[str, Json]:
    """Each field by its bare name; of two of a name the outer one, unless it is empty."""
    found: dict[str, Json] = {}
    for name, value in named(document):
        bare = "".join(filter(str.isalnum, _PREFIX.sub("", name[:80].lower())))
        if bare and not found.get(bare):
            found[bare] = value
    return found


def _texts(fields: dict[str, Json], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        found = texts_at(fields, name)
        if found:
            yield ", ".join(found)


def _systems(fields: dict[str, Json]) -> Iterator[str]:
    """Name and version of each system, in one piece."""
    for name in _SYSTEMS:
        yield from texts_at(fields, name)
        value = fields.get(name)
        for each in items_at(fields, name) or ([value] if isinstance(value, dict) else []):
            model = text_at(each, "model") or text_at(each, "name") or text_at(each, "platform")
            version = text_at(each, "version") or text_at(each, "versionNumber")
            if isinstance(at(each), dict) and (model or version):
                yield model if version in model else f"{model} {version}".strip()
