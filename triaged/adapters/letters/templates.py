"""The templates of our mails: the team's own first, then the shipped ones, all run in jinja2's sandbox.

The team's folder is checked as a whole: a template in it that no mail uses is probably a misspelt name.
"""

import difflib
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import SandboxedEnvironment

from triaged.core.mail.parsing.html import text_of
from triaged.core.text import visible
from triaged.ports import Unwritten
from triaged.resources import resource

SHIPPED = resource("templates")
_SUFFIX = ".j2"
_KEPT_ASIDE = ("~", ".bak", ".orig", ".old", ".save", ".swp", ".rpmnew", ".rpmsave", ".dpkg-dist", ".dpkg-old")
"""The suffixes with which editors and package managers keep a copy beside the real file."""
_ALIKE = 0.75

Facts = Mapping[str, Any]


class Templates:
    """Templates by name, with one set of filters for all."""

    def __init__(self, overrides: Path | None, filters: Mapping[str, Callable[..., str]]) -> None:
        self._overrides = overrides
        self._shipped = _environment((SHIPPED,), filters)
        self._chosen = _environment((overrides, SHIPPED), filters) if overrides else self._shipped

    def text(self, name: str, facts: Facts) -> str:
        """Render the team's template, or the shipped one if the team has none.

        Raises Unwritten for a template that fails or renders to nothing; its sentence names the file and line.
        """
        return self._rendered(self._chosen, name, facts)

    def shipped_text(self, name: str, facts: Facts) -> str:
        """Render the shipped template even if the team has its own; raises Unwritten."""
        return self._rendered(self._shipped, name, facts)

    def _rendered(self, environment: Environment, name: str, facts: Facts) -> str:
        try:
            text = environment.get_template(name).render(facts)
            # An expression can make a lone surrogate, which no mail can carry.
            text.encode()
        except Exception as error:  # a template's expressions can raise anything
            raise Unwritten(self._sentence(error, name)) from error
        if not _says_something(text_of(text) if ".html." in name else text):
            raise Unwritten(f"{self._origin(name)}: it renders to nothing")
        return text

    def _sentence(self, error: Exception, name: str) -> str:
        if isinstance(error, TemplateSyntaxError):
            return f"{error.filename or error.name}:{error.lineno}: {error.message}"
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(_SUFFIX)]
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else str(self._origin(name))
        # Other exceptions may quote the facts, and with them a stranger's words.
        told = f": {visible(str(error), 120)}" if isinstance(error, TemplateError) else ""
        return f"{place}: {type(error).__name__}{told}"

    def _origin(self, name: str) -> Path:
        """The file to look at: the team's own template, else the team's first file that the shipped template includes."""
        if self._overrides is None:
            return SHIPPED / name
        known = (name, *_referenced(self._shipped, (name,)))
        return next((self._overrides / each for each in known if (self._overrides / each).exists()), SHIPPED / name)


def folder_faults(folder: Path) -> Iterator[str]:
    """One sentence for each fault of a template folder that shows before rendering."""
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        yield f"templates: {folder} {what}; make the folder, or remove the setting to use the shipped templates"
        return
    known = {path.name for path in SHIPPED.iterdir()}
    try:
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())
        unreadable = [name for name in files if name.endswith(_SUFFIX) and not _readable(folder / name)]
        environment = _environment((folder, SHIPPED), {})
        used = {*known, *_referenced(environment, [name for name in files if name in known])}
    except OSError as error:
        yield f"{error.filename or folder}: it cannot be read ({error.strerror}); let the daemon's user read it"
        return
    yield from (f"{folder / name}: it cannot be read as UTF-8 text; mend or remove it" for name in unreadable)
    yield from (_overrides_nothing(folder, name, known) for name in files if _is_slip(name, used))


def _environment(folders: tuple[Path, ...], filters: Mapping[str, Callable[..., str]]) -> Environment:
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        # Decided by the template's name: select_autoescape() would not escape "digest.html.j2".
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters
    return environment


def _referenced(environment: Environment, names: tuple[str, ...] | list[str]) -> list[str]:
    """The templates that these extend, include or import by a plain name, directly or through others."""
    found = list(names)
    for name in found:
        found += sorted(other for other in _mentioned(environment, name) if other not in found)
    return found[len(names) :]


def _mentioned(environment: Environment, name: str) -> set[str]:
    if environment.loader is None:
        return set()
    try:
        source, _, _ = environment.loader.get_source(environment, name)
        return {other for other in meta.find_referenced_templates(environment.parse(source)) if other}
    except (TemplateError, UnicodeDecodeError):
        # Rendering reports what is wrong with it.
        return set()


def _readable(path: Path) -> bool:
    try:
        path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return True


def _is_slip(name: str, used: set[str]) -> bool:
    """True if a file looks like a template but no mail uses it. Notes and backup copies do not look like one."""
    base = name.rpartition("/")[2]
    if name in used or base.startswith((".", "#")) or base.endswith(_KEPT_ASIDE):
        return False
    return base.endswith(_SUFFIX) or bool(_alike(base, used))


def _overrides_nothing(folder: Path, name: str, known: set[str]) -> str:
    meant = _alike(name.rpartition("/")[2], known)
    remedy = f"did you mean {meant[0]}?" if meant else f"the templates there are: {', '.join(sorted(known))}"
    return f"{folder / name}: no mail is written from a template of that name; {remedy}"


def _alike(name: str, known: set[str]) -> list[str]:
    by_lower = {each.lower(): each for each in sorted(known)}
    return [by_lower[each] for each in difflib.get_close_matches(name.lower(), by_lower, 1, _ALIKE)]


def _says_something(text: str) -> bool:
    return any(char.isprintable() and not char.isspace() for char in text)
