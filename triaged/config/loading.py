"""triaged.yaml and policy.yaml to frozen, validated values; every fault at once, as `file:line: key: what is wrong`."""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import UnionType
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from triaged.config.login import Login
from triaged.config.settings import Settings
from triaged.config.yaml_source import SettingsError, YamlSource, read_yaml
from triaged.core.policy.policy import Policy
from triaged.core.tables import Table, Tables
from triaged.core.text import visible
from triaged.resources import resource

SYSTEM_CONFIG = Path(os.environ.get("CONFIGURATION_DIRECTORY", "").partition(":")[0] or "/etc/triaged", "triaged.yaml")
"""The config when neither --config nor $TRIAGED_CONFIG names one; a service manager may say where it lies (systemd.exec(5))."""

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Both files, read and checked."""

    settings: Settings
    policy: Policy


def find_config(named: Path | None) -> Path:
    """The config file to use: the named one, $TRIAGED_CONFIG, or the system's; SettingsError when there is none."""
    if named is not None:
        return named
    if os.environ.get("TRIAGED_CONFIG"):
        return Path(os.environ["TRIAGED_CONFIG"])
    if SYSTEM_CONFIG.exists():
        return SYSTEM_CONFIG
    raise SettingsError((f"no config: name it with --config or $TRIAGED_CONFIG, or put it at {SYSTEM_CONFIG}",))


def load(path: Path) -> Loaded:
    """Read triaged.yaml and the policy it names; SettingsError carries the faults of both files."""
    source = read_yaml(path)
    faults: list[str] = []
    settings = _validated(Settings, source, faults)
    policy = None
    try:
        policy = load_policy(_policy_path(source, path.parent))
    except SettingsError as error:
        faults += error.faults
    if settings is None or policy is None or faults:
        raise SettingsError(tuple(faults))
    return Loaded(_anchored(settings, path.parent.absolute()), policy)


def load_policy(path: Path | None = None) -> Policy:
    """Read a policy file, by default the shipped one; SettingsError carries every fault."""
    source = read_yaml(path or resource("config/policy.yaml"))
    faults: list[str] = []
    policy = _validated(Policy, source, faults)
    if policy is None:
        raise SettingsError(tuple(faults))
    return policy.read_with(shipped_tables())


@cache
def shipped_tables() -> Tables:
    """The second reader's tables; a table that is not there is empty, and the rules read alone."""
    folder = resource("config/reading")
    named = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    return Tables(**{name: Table.read(shape) for name, shape in named.items()})


def _policy_path(source: YamlSource, folder: Path) -> Path | None:
    named = source.data.get("policy") if isinstance(source.data, dict) else None
    return folder / named if isinstance(named, str) else None


def _anchored(settings: Settings, folder: Path) -> Settings:
    """The settings with every relative path resolved against the config's folder (an absolute one stays as it is)."""

    def login(server: Login) -> dict[str, Path | None]:
        return {
            key: path and folder / path
            for key, path in (("password_file", server.password_file), ("ca_file", server.ca_file))
        }

    alerts, webhook = settings.alerts, settings.alerts.webhook
    if webhook is not None:
        paths = {"secret_file": webhook.secret_file, "ca_file": webhook.ca_file}
        anchored = webhook.model_copy(update={key: path and folder / path for key, path in paths.items()})
        alerts = alerts.model_copy(update={"webhook": anchored})
    return settings.model_copy(
        update={
            "mailbox": settings.mailbox.model_copy(update=login(settings.mailbox)),
            "smtp": settings.smtp.model_copy(update=login(settings.smtp)),
            "alerts": alerts,
            "state_dir": folder / settings.state_dir,
            "policy": settings.policy and folder / settings.policy,
            "templates": settings.templates and folder / settings.templates,
        }
    )


def _validated(model: type[_Model], source: YamlSource, faults: list[str]) -> _Model | None:
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        faults += [source.fault(_place(each), _plain(each, model)) for each in error.errors(include_url=False)]
        return None


def _place(error: ErrorDetails) -> tuple[str | int, ...]:
    """Where in the file it is; that a mapping's key is meant, and not its value, is said by what is wrong."""
    location = error["loc"]
    return location[:-1] if location[-1:] == ("[key]",) else location


_PLAIN = {
    "missing": "is missing",
    "model_type": "must hold settings of its own, as `key: value`",
    "dict_type": "must hold settings of its own, as `key: value`",
    "tuple_type": "must be a list, like [one, two]",
    "too_short": "must name at least one",
    "string_too_short": "must not be empty",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "path_type": "must be a path",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}


def _plain(error: ErrorDetails, model: type[BaseModel]) -> str:
    """Pydantic's finding in this product's words."""
    match error["type"]:
        case "extra_forbidden":
            allowed = ", ".join(_keys_at(model, error["loc"][:-1]))
            return f"is no setting; allowed here: {allowed}" if allowed else "is no setting"
        case "string_pattern_mismatch":
            return f"{visible(str(error['input']), 60)!r} is not of the form that is allowed here"
        case "string_type" if isinstance(error["input"], int | float):
            return f'must be text; put it in quotes: "{visible(str(error["input"]), 60)}"'
        case kind if kind.startswith("date_"):
            return f'{visible(str(error["input"]), 60)!r} is no date; write it like "2026-12-25"'
        case kind if kind in _PLAIN:
            return _PLAIN[kind]
        case _:
            return error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")


def _keys_at(model: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """The keys that the model takes at that place, as far as its annotations say."""
    here: object = model
    for part in location:
        if isinstance(part, str) and isinstance(here, type) and issubclass(here, BaseModel) and part in _keys(here):
            here = _keys(here)[part].annotation
            if isinstance(here, UnionType):
                here = get_args(here)[0]
        elif isinstance(part, int):
            here = next(iter(get_args(here)), None)
    if not (isinstance(here, type) and issubclass(here, BaseModel)):
        return []
    return list(_keys(here))


def _keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The model's fields by their keys; what is read from another field's key has none of its own."""
    fields = model.model_fields.items()
    return {field.alias or name: field for name, field in fields if field.alias or field.validation_alias is None}


def example() -> Loaded:
    """The shipped policy under an example identity: what `explain` uses where there is no config."""
    server = {"host": "localhost", "username": "security", "password_env": "TRIAGED_PASSWORD"}
    settings = Settings.model_validate(
        {
            "identity": {
                "organization": "Smallest.AI",
                "name": "Smallest.AI Security",
                "address": "security@smallest.ai",
            },
            "mailbox": server,
            "smtp": server,
            "digest": {"to": ["team@smallest.ai"], "at": "09:00", "timezone": "UTC"},
            "state_dir": "/var/lib/triaged",
        }
    )
    return Loaded(settings, load_policy())
