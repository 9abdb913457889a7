"""Strict YAML with positions: what a key says, and the line it says it on.

PyYAML reads YAML 1.1, where `18:30` is 1110, `012` is 10, `no` is false and a second key silently wins. Here a plain
scalar is text unless it is true, false, null or a decimal number, and a key given twice is a fault.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

Location = tuple[str | int, ...]
"""The keys and list indexes that lead to a value: `("mailbox", "host")`."""


class SettingsError(Exception):
    """What is wrong with the settings, every fault at once, each one a line that says what to do."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class YamlSource:
    """A YAML file as plain values, with the line of each."""

    path: Path
    data: object
    lines: dict[Location, int]

    def fault(self, location: Location, what: str) -> str:
        """One fault as `file:line: key: what`; a location that is not in the file is placed at its nearest parent."""
        known = location
        while known and known not in self.lines:
            known = known[:-1]
        key = _dotted(location if location[:-1] == known else known)
        return f"{self.path}:{self.lines.get(known, 1)}: {key + ': ' if key else ''}{what}"


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader with the resolvers of YAML 1.2's core schema, less octal and hexadecimal."""


class _AliasFoundError(Exception):
    """An alias stands where a value should."""

    def __init__(self, words: str, line: int) -> None:
        super().__init__(words)
        self.line = line


_StrictLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+", "-+0123456789"),
):
    _StrictLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), list(_first))


def _fast() -> type[yaml.SafeLoader] | type[yaml.CSafeLoader]:
    """The same reader on libyaml, ten times as fast, where PyYAML was built with it."""
    if not yaml.__with_libyaml__:
        return _StrictLoader
    return type("_FastLoader", (yaml.CSafeLoader,), {"yaml_implicit_resolvers": _StrictLoader.yaml_implicit_resolvers})


_FastLoader = _fast()

_SCALARS: dict[str, Callable[[str], object]] = {
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:str": str,
}


def read_yaml(path: Path) -> YamlSource:
    """Read one file; SettingsError when it cannot be read, is not YAML, or gives a key twice."""
    try:
        text = path.read_text(encoding="utf-8")
        root = _composed(text)
    except OSError as error:
        raise SettingsError((f"{path}: cannot be read: {error.strerror}",)) from error
    except UnicodeDecodeError as error:
        raise SettingsError((f"{path}: is not UTF-8 text (byte {error.start})",)) from error
    except _AliasFoundError as error:
        raise SettingsError((f"{path}:{error.line}: {error}",)) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError((f"{path}:{line}: is not valid YAML: {error.problem}",)) from error
    except yaml.YAMLError as error:
        raise SettingsError((f"{path}: is not valid YAML: {' '.join(str(error).split())}",)) from error
    walk = _Walk(path)
    data = walk.value(root, ()) if root is not None else {}
    if walk.faults:
        raise SettingsError(tuple(walk.faults))
    return YamlSource(path, data, walk.lines)


def _composed(text: str) -> yaml.Node | None:
    try:
        return _composed_by(_FastLoader, text)
    except yaml.YAMLError:
        # libyaml says less of what is wrong, and may name the line after it.
        return _composed_by(_StrictLoader, text)


def _composed_by(loader: type[yaml.SafeLoader] | type[yaml.CSafeLoader], text: str) -> yaml.Node | None:
    """The tree of nodes; an alias is refused before there is one: nine lines of them can stand for a billion values."""
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.AliasEvent):
            words = f"*{str(event.anchor)[:40]} is an alias, which is not allowed here; write out what it stands for"
            raise _AliasFoundError(words, event.start_mark.line + 1 if event.start_mark else 1)
    return yaml.compose(text, Loader=loader)


class _Walk:
    """One descent through the node tree, which collects positions and faults."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[Location, int] = {}
        self.faults: list[str] = []

    def value(self, node: yaml.Node, at: Location) -> object:
        self.lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, at)
        return self._mapping(node, at) if isinstance(node, yaml.MappingNode) else self._sequence(node, at)

    def _scalar(self, node: yaml.ScalarNode, at: Location) -> object:
        if node.tag not in _SCALARS:
            self._fault(node, at, f"the tag {node.tag} is not allowed here")
            return None
        try:
            return _SCALARS[node.tag](node.value)
        except ValueError:
            self._fault(node, at, "is not of the type that its tag says, or too long a number")
            return None

    def _sequence(self, node: yaml.Node, at: Location) -> list[object]:
        return [self.value(child, (*at, index)) for index, child in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, at: Location) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                self._fault(key_node, at, "a key must be plain text")
                continue
            if key in found:
                first = self.lines[*at, key]
                self._fault(key_node, (*at, key), f"is given twice (first on line {first}); keep one")
                continue
            self.lines[*at, key] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, (*at, key))
        return found

    def _fault(self, node: yaml.Node, at: Location, what: str) -> None:
        key = _dotted(at)
        self.faults.append(f"{self.path}:{node.start_mark.line + 1}: {key + ': ' if key else ''}{what}")


def _dotted(location: Location) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")
