"""How to reach a server and log in to it, as frozen, validated values."""

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from triaged.config.notation import LOOPBACK
from triaged.config.yaml_source import SettingsError


class Frozen(BaseModel):
    """Settings that cannot change, and in which an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def read_secret(what: str, host: str, file: Path | None, env: str | None, credential: str | None) -> str:
    """What lies there, read anew at each use so that a changed one is used; SettingsError when it is not there."""
    if env is not None:
        if env in os.environ:
            return os.environ[env]
        raise SettingsError((f"${env} is not set, and {host} needs its {what} from there",))
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "/run/credentials")
    path = file if file is not None else Path(folder) / (credential or "")
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError((f"{path}: the {what} for {host} cannot be read: {cause}",)) from error


class Auth(Frozen):
    """A login by OAuth2 instead of a password."""

    token_command: tuple[str, ...] = Field(min_length=1)
    """A program that prints an access token; no shell starts it."""


class Login(Frozen):
    """A server, how to reach it, and where its password lies. The password itself is never in the YAML."""

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    security: Literal["tls", "starttls", "none"]
    username: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    password_credential: str | None = None
    """Name of a systemd credential (LoadCredential=)."""
    password_command: tuple[str, ...] = ()
    """A program that prints the password; no shell starts it."""
    auth: Auth | None = None
    ca_file: Path | None = None
    """A CA to trust beside the system's, for a server of one's own."""

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.security == "none" and self.host not in LOOPBACK:
            raise ValueError("security: none is for a server on this machine (localhost); use tls or starttls")
        named = [
            self.password_file,
            self.password_env,
            self.password_credential,
            self.password_command or None,
            self.auth,
        ]
        ways = "password_file, password_env, password_credential, password_command"
        if sum(source is not None for source in named) > 1:
            raise ValueError(f"name one of {ways} and auth, not several")
        if self.username is not None and not any(named):
            raise ValueError(f"a username needs one of {ways} and auth")
        if self.auth is not None and self.username is None:
            raise ValueError("auth needs a username: the address of the mailbox")
        return self

    def password(self) -> str:
        """The password, read anew at each login so that a changed one is used; SettingsError when it is not there."""
        sources = (self.password_file, self.password_env, self.password_credential)
        return read_secret("password", self.host, *sources) if any(sources) else ""
