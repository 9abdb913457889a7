"""Any value of the store with a person's words taken out, whatever fields it has: a new one cannot be forgotten."""

from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from triaged.core.erasure.words import Words

Value = TypeVar("Value")

_OURS = frozenset({"sha256", "signature", "fingerprint", "raw", "rule", "part", "id", "phrases", "envelope_from"})
"""Hashes, names and words of ours, and the bytes of letters, which are replaced whole."""
_TEAMS = frozenset({"by", "owner"})
"""Names of colleagues: a namesake of the reporter stays."""


def scrubbed(value: Value, words: Words, *, at_home: bool) -> Value:
    """The value as `words.scrubbed` leaves each of its texts."""
    cleaned: Value = _scrubbed(value, words, at_home)
    return cleaned


def _scrubbed(value: Any, words: Words, at_home: bool) -> Any:  # noqa: ANN401, FBT001 - any value of the store; private
    if isinstance(value, str):
        return words.scrubbed(value, at_home=at_home)
    if isinstance(value, tuple):
        return tuple(_scrubbed(each, words, at_home) for each in value)
    if isinstance(value, dict):
        return {key: _scrubbed(each, words, at_home) for key, each in value.items()}
    if isinstance(value, list):
        return [_scrubbed(each, words, at_home) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            name: _scrubbed(getattr(value, name), words, at_home and name not in _TEAMS) for name in _open(type(value))
        }
        return replace(value, **changed)
    return value


@cache
def _open(kind: type) -> tuple[str, ...]:
    """The fields that may hold a stranger's words: those that take only words of a closed set cannot."""
    hints = get_type_hints(kind)
    return tuple(each.name for each in fields(kind) if each.name not in _OURS and not _closed(hints[each.name]))


def _closed(hint: Any) -> bool:  # noqa: ANN401 - any annotation
    if get_origin(hint) is Literal:
        return True
    parts = [part for part in get_args(hint) if part is not Ellipsis and part is not type(None)]
    return bool(parts) and all(map(_closed, parts))
