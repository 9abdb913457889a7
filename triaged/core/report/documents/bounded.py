"""JSON of a stranger's as values: refused before it is parsed where parsing could cost more than its length.

Everything here is linear. The nesting is counted without recursion, long numbers are never computed, and an object that gives
a name twice is refused, for two readers may understand it in two ways (RFC 8259 section 4).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

MOST = 1_000_000
"""Characters of one document."""
_DEEPEST = 60
_DIGITS = 18
_ITEMS = 60
_NODES = 20_000
_STRING = 4_000
# A string is skipped as a whole; one that never ends is skipped to the end of the text, so that none is looked at twice.
_NESTS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|([\[{])|([\]}])', re.DOTALL)

Json = Any
"""What `json.loads` gives."""


class RefusedError(ValueError):
    """It is not read; why, as the end of a sentence that begins with the document's name."""


def loaded(text: str) -> Json:
    """The document's value; `RefusedError` says why there is none."""
    if not text.strip():
        raise RefusedError("it is no text in UTF-8")
    if len(text) > MOST:
        raise RefusedError("it is larger than a megabyte")
    if _too_deep(text):
        raise RefusedError(f"it is nested more than {_DEEPEST} deep")
    try:
        return json.loads(
            text, parse_int=_number, parse_float=_number, parse_constant=_nothing, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        raise RefusedError("it is not valid JSON") from error


def _too_deep(text: str) -> bool:
    depth = 0
    for match in _NESTS.finditer(text):
        if match[1]:
            depth += 1
            if depth > _DEEPEST:
                return True
        elif match[2]:
            depth -= 1
    return False


def _number(digits: str) -> float | None:
    return float(digits) if len(digits) <= _DIGITS else None


def _nothing(_: str) -> None:
    return None


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RefusedError("it gives one name twice in one object")
    return found


def at(value: Json, *path: str) -> Json:
    """What stands at the end of these names; None where there is nothing, or something of another shape."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text_at(value: Json, *path: str) -> str:
    """The text that stands there, cut to some thousand characters; empty where there is none."""
    found = at(value, *path)
    return found[:_STRING].strip() if isinstance(found, str) else ""


def items_at(value: Json, *path: str) -> list[Json]:
    """The first few items of the list that stands there."""
    found = at(value, *path)
    return found[:_ITEMS] if isinstance(found, list) else []


def texts_at(value: Json, *path: str) -> list[str]:
    """The texts in the list that stands there, or the one text."""
    found = at(value, *path)
    return [
        each
        for each in (text_at({"": item}, "") for item in (found if isinstance(found, list) else [found])[:_ITEMS])
        if each
    ]


def texts(value: Json, path: str) -> list[str]:
    """The texts at a path like `affected.*.package.name`: `*` is every item of a list."""
    found = [value]
    for name in path.split("."):
        found = [item for each in found for item in (items_at(each) if name == "*" else [at(each, name)])][:_NODES]
    return [text for each in found for text in texts_at(each)]


def named(value: Json) -> Iterator[tuple[str, Json]]:
    """Every name in it with its value, outer ones first; of a huge document the first some thousand."""
    waiting, seen = [value], 0
    for node in waiting:
        pairs = list(node.items()) if isinstance(node, dict) else [("", each) for each in node]
        for name, child in pairs:
            seen += 1
            if seen > _NODES:
                return
            yield name, child
            if isinstance(child, dict | list):
                waiting.append(child)
