"""Commands that root runs beside a daemon of another user, who puts traps in the state directory, which is that user's."""

import ctypes
import os
import shutil
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cli.conftest import COMPLETE, HOSTILE, SILENT
from tests.support.values import NOON
from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.disk.lock import locked
from triaged.adapters.store.journal import JOURNAL, SNAPSHOT
from triaged.cli import run
from triaged.core.case.events import Noted

pytestmark = pytest.mark.usefixtures("root")

DAEMON = 61_200
"""A number from the range that systemd takes for DynamicUser."""
NOTE = Noted(at=NOON, by="bo", text="seen")
SECRET = "root:$y$j9T$that.nobody.else.may.read"


@pytest.fixture
def state(fill, config):
    """The state directory as systemd lays it out: the name is a link into a folder that only root may enter."""
    fill(COMPLETE, SILENT, HOSTILE)
    private = config.parent / "private"
    private.mkdir(mode=0o700)
    given = (config.parent / "state").rename(private / "state")
    (config.parent / "state").symlink_to("private/state")
    for path in (given, *given.rglob("*")):
        os.chown(path, DAEMON, DAEMON)
    return given


@pytest.fixture
def case(state, triaged):
    return triaged("cases", "--csv").splitlines()[1].split(",")[0].strip('"')


@pytest.fixture
def treasure(tmp_path):
    """A folder of root's, and a file in it."""
    folder = tmp_path / "treasure"
    folder.mkdir(mode=0o700)
    (folder / "secret").write_text(SECRET)
    (folder / "secret").chmod(0o600)
    return folder


def looks(folder):
    """All that an attack could change of a folder."""
    paths = (folder, *sorted(folder.rglob("*")))
    found = [(path, path.stat()) for path in paths]
    return [(path, s.st_uid, s.st_gid, s.st_mode, path.is_file() and path.read_bytes()) for path, s in found]


@contextmanager
def daemon_runs(state, monkeypatch):
    monkeypatch.setattr("triaged.cli.decide._TAKEN_UP_WITHIN", 0.1)
    with locked(state):
        yield


def replace(path, make):
    """Put something else where a file or a folder is."""
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    make(path)


COMMANDS = [
    ("cases",),
    ("show", "CASE"),
    ("case", "CASE", "note", "seen"),
    ("digest",),
    ("calendar",),
    ("metrics",),
    ("status",),
    ("replay",),
    ("replay", "--corrected"),
    ("store", "verify"),
    ("store", "compact"),
    ("check", "--offline"),
    ("run", "--once"),
]
CODES = {"run": 75}
"""Nobody listens where the mailbox of these settings is."""


@pytest.fixture
def anyhow(config, capsys, case):
    """Run a command to whatever end it comes to; return what it printed. No fault of ours is an end."""

    def command(*words):
        code = run(["--config", str(config), *(case if word == "CASE" else word for word in words)])
        said = "".join(capsys.readouterr())
        assert "a fault of ours" not in said
        return code, said

    return command


def test_what_root_does_leaves_nothing_that_the_daemon_cannot_have(state, anyhow):
    for words in COMMANDS:
        code, said = anyhow(*words)
        assert code == CODES.get(words[0], 0), said
        assert {path.stat().st_uid for path in (state, *state.rglob("*"))} == {DAEMON}


def test_a_decision_is_handed_to_the_daemon_as_its_own(state, anyhow, monkeypatch):
    with daemon_runs(state, monkeypatch):
        assert anyhow("case", "CASE", "note", "seen")[0] == 0
    (file,) = (state / "decisions").iterdir()
    assert (file.stat().st_uid, file.parent.stat().st_uid) == (DAEMON, DAEMON)
    assert [each.event.text for each in DecisionBox(state / "decisions").handed_in()] == ["seen"]


@pytest.mark.parametrize("to", ["treasure", "/proc/self/cwd", "/proc/self/root/ROOT"])
def test_no_decision_is_written_through_a_link(state, anyhow, treasure, monkeypatch, to):
    monkeypatch.chdir(treasure)
    target = to.replace("ROOT", str(treasure).lstrip("/")).replace("treasure", str(treasure), to == "treasure")
    (state / "decisions").symlink_to(target)
    before = looks(treasure)
    with daemon_runs(state, monkeypatch):
        code, said = anyhow("case", "CASE", "note", "seen")
    assert looks(treasure) == before
    assert code == 74
    assert f"{state.parent.parent / 'state' / 'decisions'}/." in said
    assert "it is a link" in said


NAMES = [JOURNAL, SNAPSHOT, "lock", "key", "pulse.json", "spool", f"{SNAPSHOT}.draft", "pulse.json.draft"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("trap", [Path.symlink_to, Path.hardlink_to], ids=["link", "second name"])
def test_no_file_of_roots_is_read_or_written_through_a_trap(state, anyhow, treasure, name, trap):
    before = looks(treasure)
    for words in COMMANDS:
        replace(state / name, lambda path: trap(path, treasure / "secret"))
        _, said = anyhow(*words)
        assert looks(treasure) == before
        assert SECRET not in said


def test_no_mail_is_read_through_a_trap(state, anyhow, treasure):
    first, second, *_ = (state / "spool").iterdir()
    replace(first, lambda path: path.symlink_to(treasure / "secret"))
    replace(second, lambda path: path.hardlink_to(treasure / "secret"))
    before = looks(treasure)
    for words in COMMANDS:
        _, said = anyhow(*words)
        assert looks(treasure) == before
        assert SECRET not in said


@pytest.mark.parametrize(
    ("name", "code"), [(JOURNAL, 74), (SNAPSHOT, 74), ("lock", 74), ("key", 74), ("pulse.json", 75)]
)
def test_a_fifo_holds_nobody_up(state, anyhow, name, code):
    """Opened to be read, a fifo waits for its writer: a command that did so would never come to its end here."""
    ends = []
    for words in COMMANDS:
        replace(state / name, os.mkfifo)
        ends.append(anyhow(*words))
    assert ends[-1][0] == code
    # Only the pulse may be missing: what cannot be read of it is made again.
    assert (name in ends[-1][1]) == (code == 74)


def test_a_second_name_of_roots_file_is_not_read_as_the_store(state, anyhow, treasure):
    replace(state / SNAPSHOT, lambda path: path.hardlink_to(treasure / "secret"))
    code, said = anyhow("cases")
    assert (code, SECRET in said) == (74, False)
    assert "the owner of the state directory may not touch it" in said


def test_a_folder_that_becomes_a_link_in_the_middle_leads_nowhere(state, treasure, case):
    """Whoever looks first and acts by the path afterwards is caught within a few rounds of this."""
    decisions, link = state / "decisions", state / "link"
    DecisionBox(decisions).hand_in(case, NOTE)
    link.symlink_to(treasure)
    before, ended = looks(treasure), threading.Event()

    def swap():
        while not ended.is_set():
            exchange(decisions, link)

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        outcomes = {handed(decisions, case) for _ in range(300)}
    finally:
        ended.set()
        swapper.join()
    assert looks(treasure) == before
    assert True in outcomes


def exchange(one, other):
    """Two names change places, and neither is missing for a moment (renameat2(2), RENAME_EXCHANGE)."""
    assert ctypes.CDLL(None).renameat2(-100, bytes(one), -100, bytes(other), 2) == 0


def handed(decisions, case):
    with suppress(OSError):
        DecisionBox(decisions).hand_in(case, NOTE)
        return True
    return False
