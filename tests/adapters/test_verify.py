"""What `triaged store verify` finds, and a copy that was taken while the daemon wrote."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.values import NOON
from tests.support.workshop import Workshop
from triaged.adapters.disk.tarred import to_folder
from triaged.adapters.store.copying import copy_of
from triaged.adapters.store.journal import JOURNAL, SNAPSHOT, JournalStorage
from triaged.adapters.store.lines import Put
from triaged.adapters.store.verify import verify


@pytest.fixture
def state(tmp_path):
    """A store that has done some work."""
    workshop = Workshop(tmp_path / "state")
    workshop.works()
    return workshop.folder


def a_case(state) -> str:
    return min(JournalStorage(state, read_only=True).read()["cases"])


def a_mail_of(state, case_id: str) -> str:
    mails = JournalStorage(state, read_only=True).read()["mails"]
    return min(sha256 for sha256, mail in mails.items() if mail["case_id"] == case_id)


def test_a_whole_store_is_found_whole_and_left_as_it_is(state):
    before = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
    found = verify(state)
    assert (found.faults, found.orphans, found.leftovers) == ((), (), ())
    assert (found.cases, found.mails) == (2, 4)
    assert {path: path.read_bytes() for path in state.rglob("*") if path.is_file()} == before


def test_a_mail_that_is_missing_is_named_with_its_case(state):
    case_id = a_case(state)
    sha256 = a_mail_of(state, case_id)
    (state / "spool" / sha256).unlink()
    assert verify(state).faults == (f"{state / 'spool' / sha256}: this mail, of {case_id} is missing",)


def test_a_mail_with_other_bytes_is_named(state):
    sha256 = a_mail_of(state, a_case(state))
    with (state / "spool" / sha256).open("ab") as file:
        file.write(b"!")
    (fault,) = verify(state).faults
    assert sha256 in fault
    assert "has changed since it came in: its bytes now have the SHA-256" in fault


def test_a_mail_that_the_store_does_not_know_is_an_orphan_and_no_fault(state):
    (state / "spool" / ("ab" * 32)).write_bytes(b"nobody's")
    found = verify(state)
    assert (found.faults, found.orphans) == ((), ("ab" * 32,))


def test_what_a_kill_left_unfinished_is_named(state):
    for name in ("cases.json.draft", f"spool/{'ab' * 32}.draft", "decisions/.20261124.json", "decisions/1.unreadable"):
        (state / name).write_bytes(b"half")
    found = verify(state)
    assert found.faults == ()
    assert found.leftovers == (
        "cases.json.draft",
        "decisions/.20261124.json",
        "decisions/1.unreadable",
        f"spool/{'ab' * 32}.draft",
    )


def test_a_damaged_line_is_one_fault_that_names_it(state):
    lines = (state / JOURNAL).read_bytes().split(b"\n")
    lines[2] = lines[2].replace(b'"', b"'", 1)
    (state / JOURNAL).write_bytes(b"\n".join(lines))
    (fault,) = verify(state).faults
    assert f"{JOURNAL}:3: this line is damaged" in fault


def compacted(state) -> None:
    storage = JournalStorage(state)
    storage.compact()
    storage.close()


def test_a_snapshot_in_which_one_letter_is_another_is_found(state):
    compacted(state)
    assert verify(state).faults == ()
    raw = (state / SNAPSHOT).read_bytes()
    assert b"Prompt injection" in raw
    (state / SNAPSHOT).write_bytes(raw.replace(b"Prompt injection", b"Prompt inject1on", 1))
    (fault,) = verify(state).faults
    assert f"{SNAPSHOT}: is damaged" in fault


def test_a_snapshot_of_an_older_triaged_has_no_checksum_and_is_read(state):
    compacted(state)
    content = json.loads((state / SNAPSHOT).read_bytes())
    del content["crc32"]
    (state / SNAPSHOT).write_text(json.dumps(content))
    assert verify(state).faults == ()
    assert verify(state).cases == 2


def test_a_journal_or_key_that_is_gone_is_a_fault(state):
    compacted(state)
    (state / JOURNAL).unlink()
    (state / "key").unlink()
    journal, key = verify(state).faults
    assert f"{JOURNAL}: is missing" in journal
    assert "key: is missing" in key


def test_a_document_that_is_none_of_ours_is_a_fault(state):
    storage = JournalStorage(state)
    storage.changed([Put("cases", "SEC-0000-0000", {"version": 1, "events": [{"kind": "nonsense"}]})])
    storage.close()
    (fault,) = verify(state).faults
    assert "the store holds a document that triaged cannot have written" in fault


def test_a_mail_of_a_case_that_is_not_there_and_a_case_whose_mail_is_not_are_faults(state):
    case_id = a_case(state)
    storage = JournalStorage(state)
    document = storage.read()["cases"][case_id]
    sha256 = a_mail_of(state, case_id)
    storage.changed([Put("cases", "SEC-0000-0000", {**document, "id": "SEC-0000-0000"})])
    mail = storage.read()["mails"][sha256]
    storage.changed([Put("mails", sha256, {**mail, "case_id": "SEC-1111-1111"})])
    storage.close()
    # The disk alone is looked at, and what was given to the journal is there.
    assert any("SEC-1111-1111: there is no such case" in fault for fault in verify(state).faults)
    storage = JournalStorage(state)
    storage.changed([Put("mails", sha256, None)])
    storage.close()
    assert any(f"its mail {sha256} is not in the ledger" in fault for fault in verify(state).faults)


# A copy taken while it runs.

_WRITER = """
import itertools, sys
from pathlib import Path
from tests.support.values import fetched, mail
from tests.support.fakes import FakeMailbox
from tests.support.workshop import Workshop
from contextlib import ExitStack
from tests.support.rooms import changed
from tests.support.values import NOON
from triaged.adapters.disk.tarred import to_folder
from triaged.adapters.store.copying import copy_of
from triaged.adapters.store import journal
import structlog
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
journal._COMPACT_FLOOR = 8_000
workshop = Workshop(Path(sys.argv[1]))
with ExitStack() as stack:
    workshop.open(stack)
    for number in itertools.count(1):
        new = FakeMailbox(fetched(mail(number, author=f"a{number}@b{number}.example"), number))
        workshop.rooms = changed(workshop.rooms, mailbox=new)
        workshop.passes()
        print(number, flush=True)
"""

MANUAL = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
(BACKUP,) = re.findall(r"^for name in .*?^done$", MANUAL, re.MULTILINE | re.DOTALL)


def by_hand(state, copy):
    """The commands of the manual."""
    copy.mkdir()
    subprocess.run(["sh", "-c", BACKUP], cwd=state, env={**os.environ, "to": str(copy)}, check=True)


def by_command(state, copy):
    """What `triaged backup` does."""
    to_folder(copy, copy_of(state, NOON))


@pytest.mark.slow
@pytest.mark.parametrize("copied", [by_hand, by_command])
def test_a_copy_taken_while_the_daemon_writes_is_whole(tmp_path, copied):
    state = tmp_path / "state"
    command = [sys.executable, "-c", _WRITER, str(state)]
    copies, generations = 0, set()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        try:
            # On a busy machine the writer may reach its fourth snapshot only after many copies.
            while copies < 25 or len(generations) <= 3:
                done = int(daemon.stdout.readline())
                copy = tmp_path / f"copy-{copies}"
                copies += 1
                copied(state, copy)
                found = verify(copy)
                assert found.faults == ()
                # What was on disk when the copy was begun is in it.
                assert found.mails >= done
                if (copy / SNAPSHOT).exists():
                    generations.add(json.loads((copy / SNAPSHOT).read_bytes())["generation"])
                shutil.rmtree(copy)
        finally:
            daemon.kill()


def test_a_copy_of_a_snapshot_and_a_journal_begun_after_it_is_refused_and_not_misread(state, tmp_path):
    """The one order that does not do: the snapshot first, and a new one is written before the journal is copied."""
    compacted(state)
    older = (state / SNAPSHOT).read_bytes()
    compacted(state)
    (state / SNAPSHOT).write_bytes(older)
    (fault,) = verify(state).faults
    assert "restore both files from one backup" in fault
