"""A search for a person in every file of a folder, in whatever encoding: what an auditor does after an erasure."""

import base64
import quopri
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

_BASE64 = re.compile(rb"[A-Za-z0-9+/]{4,}={0,2}")


def traces(folder: Path, *words: str) -> list[str]:
    """Each file and word that was found, as `name: word`; written apart from what erases, so that it may find its faults."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        views = list(_views(path.read_bytes(), 3))
        found += [
            f"{path.relative_to(folder)}: {word}" for word in words if any(_form(word) in _form(view) for view in views)
        ]
        found += [f"{path.relative_to(folder)}: its name holds {word}" for word in words if word in path.name]
    return found


def _form(text: str | bytes) -> str:
    whole = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return whole.casefold().replace("[.]", ".").replace("[@]", "@")


def _views(raw: bytes, depth: int):
    yield raw
    yield unquote_to_bytes(raw)
    yield raw.decode("ascii", "replace").encode().replace(b"\\r\\n", b"\n").replace(b"\\n", b"\n").replace(b'\\"', b'"')
    yield quopri.decodestring(raw)
    yield raw.replace(b"\0", b"")
    if b"\\u" in raw:
        yield re.sub(rb"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)).encode("utf-8", "surrogatepass"), raw)
    if depth:
        joined = re.sub(rb"(?:\r?\n|\\r\\n|\\n)", b"", raw)
        for text in {raw, joined}:
            for run in _BASE64.findall(text):
                for start in range(4):
                    part = run[start:].rstrip(b"=")
                    yield base64.b64decode(part[: len(part) // 4 * 4])
