"""A file of labels: what people said of texts and mails, read row by row, each fault with its line.

JSON lines or CSV (by the file's name), with the columns `label` and either `title` and `text`, or `path` (from the file's own
folder), or `sha256` of a mail that is among the paths or in the spool. Further columns are nobody's business.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from triaged.cli.faults import BAD_INPUT, NO_INPUT, Fault
from triaged.cli.replay.changes import IN_SCOPE
from triaged.core.mail.message import Message
from triaged.core.text import visible

CLASSES = (*IN_SCOPE, "out-of-scope")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_CELL = 64 * 1024 * 1024
_COLUMNS = "title and text, or path, or sha256"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One row: the class that a person gave, and where the words are. Exactly one of the last three says so."""

    name: str
    label: str
    message: Message | None = None
    path: Path | None = None
    sha256: str = ""


def labelled(file: Path) -> Iterator[Labelled]:
    """Each row of a label file; Fault with file and line where it is broken."""
    try:
        for line, row in _csv_rows(file) if file.suffix.lower() == ".csv" else _json_rows(file):
            yield _labelled(file, line, row)
    except OSError as error:
        raise Fault(f"{file}: cannot be read: {error.strerror}", NO_INPUT) from error


def _json_rows(file: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    with file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield number, _json_row(file, number, line)


def _json_row(file: Path, number: int, line: bytes) -> Mapping[str, object]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _broken(file, number, "is not UTF-8 text") from None
    except (ValueError, RecursionError):
        raise _broken(file, number, "is not JSON; a row is one object on one line") from None
    if not isinstance(row, dict):
        raise _broken(file, number, f"is no object with label and {_COLUMNS}")
    return row


def _csv_rows(file: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    csv.field_size_limit(_LONGEST_CELL)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        try:
            for row in reader:
                yield reader.line_num, {key: value for key, value in row.items() if value}
        except UnicodeDecodeError:
            raise _broken(file, reader.line_num + 1, "is not UTF-8 text") from None
        except csv.Error as error:
            raise _broken(file, reader.line_num, f"is not CSV: {error}") from None


def _labelled(file: Path, line: int, row: Mapping[str, object]) -> Labelled:
    label = row.get("label")
    if not isinstance(label, str):
        raise _broken(file, line, "has no label")
    if label not in CLASSES:
        raise _broken(file, line, f"the label '{visible(label, 40)}' is none of {', '.join(CLASSES)}")
    name = row.get("id") if isinstance(row.get("id"), str) else None
    title, text, path, sha256 = (_text(file, line, row, key) for key in ("title", "text", "path", "sha256"))
    if title or text:
        return Labelled(str(name or f"{file}:{line}"), label, message=_message(title, text))
    if sha256:
        if not _SHA256.fullmatch(sha256):
            raise _broken(file, line, "its sha256 is not 64 hexadecimal digits in lower case")
        return Labelled(str(name or sha256[:12]), label, sha256=sha256)
    if path:
        return Labelled(str(name or path), label, path=_mail(file, line, path))
    raise _broken(file, line, f"says no text: it needs {_COLUMNS}")


def _mail(file: Path, line: int, path: str) -> Path:
    place = file.parent / path
    if "\0" in path or not place.is_file():
        raise _broken(file, line, f"there is no file {visible(path, 200)}")
    return place


def _text(file: Path, line: int, row: Mapping[str, object], key: str) -> str:
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise _broken(file, line, f"its {key} is no text")
    # What no encoder takes is in no mail that was read.
    return (value or "").encode("utf-8", "replace").decode()


def _message(title: str, text: str) -> Message:
    """A text without a mail around it."""
    return Message("", 0, (), None, (), title, (), (), "text/plain", text)


def _broken(file: Path, line: int, what: str) -> Fault:
    return Fault(f"{file}:{line}: {what}", BAD_INPUT)
