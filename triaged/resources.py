"""The paths of shipped files: beside the package in a checkout, inside it once installed."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """The path of a shipped file or folder: `templates`, `config/policy.yaml`, `triaged.service`."""
    installed = _PACKAGE / name
    return installed if installed.exists() else _PACKAGE.parent / name
