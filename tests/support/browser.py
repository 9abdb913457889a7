"""Debian's Chromium, told through a pipe what to show (the DevTools protocol): what a page comes to when it is rendered."""

import fcntl
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from select import select

import pytest

_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars --remote-debugging-pipe"
).split()
# The browser reads commands at descriptor 3 and answers at 4.
_PLACED = (
    "import os, sys; r, w = map(int, sys.argv[1:3]); os.dup2(r, 3); os.dup2(w, 4); os.execv(sys.argv[3], sys.argv[3:])"
)
_SECONDS = 60.0
_MEASURE = (Path(__file__).parent / "measure.js").read_text()


@dataclass(frozen=True)
class Text:
    """One run of text as it is shown: `ink` and `paper` as red, green and blue from 0 to 255."""

    words: str
    ink: tuple[float, float, float]
    paper: tuple[float, float, float]


@dataclass(frozen=True)
class Shown:
    """A page at one width, in one colour scheme."""

    texts: tuple[Text, ...]
    too_wide: tuple[str, ...]
    """What sticks out at the right, or is cut off there."""
    links: tuple[tuple[str, str], ...]
    """What each says, and where it leads."""
    requests: tuple[str, ...]
    """What the page asked the network for, or the disk."""


class Browser:
    """One window of one browser, used for page after page."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._numbers = itertools.count(1)
        self._read = b""
        self._requests: list[str] = []
        target = self._ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Network"):
            self._ask(f"{domain}.enable")

    def show(self, page: Path, *, width: int, dark: bool) -> Shown:
        """Load the page into a window of that width, in CSS pixels."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setDeviceMetricsOverride", size)
        self._ask("Emulation.setEmulatedMedia", {"features": [scheme]})
        self._requests.clear()
        loading = next(self._numbers)
        self._send(loading, "Page.navigate", {"url": page.as_uri()})
        self._until(lambda said: said.get("method") == "Page.loadEventFired")
        found = self._ask("Runtime.evaluate", {"expression": _MEASURE, "returnByValue": True})
        assert "exceptionDetails" not in found, found
        measured = found["result"]["value"]
        assert measured["width"] == width
        return Shown(
            tuple(Text(words, tuple(ink), tuple(paper)) for words, ink, paper in measured["texts"]),
            tuple(measured["tooWide"]),
            tuple((words, target) for words, target in measured["links"]),
            tuple(url for url in self._requests if url != page.as_uri()),
        )

    def _ask(self, method: str, parameters: dict | None = None) -> dict:
        number = next(self._numbers)
        self._send(number, method, parameters or {})
        answer = self._until(lambda said: said.get("id") == number)
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def _send(self, number: int, method: str, parameters: dict) -> None:
        said = {"id": number, "method": method, "params": parameters}
        if hasattr(self, "_session"):
            said["sessionId"] = self._session
        os.write(self._commands, json.dumps(said).encode() + b"\0")

    def _until(self, wanted) -> dict:
        while True:
            said = self._next()
            if said.get("method") == "Network.requestWillBeSent":
                self._requests.append(said["params"]["request"]["url"])
            if wanted(said):
                return said

    def _next(self) -> dict:
        while b"\0" not in self._read:
            assert select([self._answers], [], [], _SECONDS)[0], "Chromium says nothing"
            more = os.read(self._answers, 1 << 20)
            assert more, "Chromium has gone"
            self._read += more
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)


def program() -> str:
    """The browser; without one a test is skipped with the reason, and fails in CI."""
    found = shutil.which("chromium")
    if found is None and os.environ.get("CI"):
        pytest.fail("missing in CI: chromium")
    if found is None:
        pytest.skip("needs chromium (apt-get install chromium)")
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """Start one with a profile of its own, and end it."""
    with tempfile.TemporaryDirectory(prefix="tb", ignore_cleanup_errors=True) as profile:
        ours, theirs = _pipe(), _pipe()
        placed = [sys.executable, "-c", _PLACED, str(ours[0]), str(theirs[1])]
        process = subprocess.Popen(
            [*placed, program(), *_FLAGS, f"--user-data-dir={profile}"],
            pass_fds=(ours[0], theirs[1]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            os.close(ours[0])
            os.close(theirs[1])
            yield Browser(ours[1], theirs[0])
        finally:
            # A browser whose pipe ends, ends.
            os.close(ours[1])
            process.wait(30)
            os.close(theirs[0])


def _pipe() -> tuple[int, int]:
    """A pipe whose two ends are neither 3 nor 4, which are to be taken."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return moved
