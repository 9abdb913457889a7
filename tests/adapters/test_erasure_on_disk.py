"""An erasure and the disk: cut off at any moment, it is undone or goes on at the next start; once done, nothing comes back."""

import shutil
from contextlib import closing
from random import Random

import pytest

from tests.support.disk import Disk, Platter
from tests.support.fakes import FakeClock
from tests.support.stores import arrival
from tests.support.traces import traces
from tests.support.values import NEW_ID, NOON, house, received
from triaged.adapters.disk.erasures import ErasureBox
from triaged.adapters.disk.spool import FileSpool
from triaged.adapters.disk.state_dir import secret_key
from triaged.adapters.store.store import open_store
from triaged.adapters.store.verify import verify
from triaged.core.mail.sender import Sender
from triaged.service.erasing import Archive, erase_asked, sweep

pytestmark = pytest.mark.slow

ADDRESS, NAME = "eli.moreau@quarry.example", "Eliane Moreau"
RAW = f"From: {NAME} <{ADDRESS}>\r\nSubject: a report\r\n\r\nIt is broken.\r\n".encode()


def archive_in(folder, store):
    box = ErasureBox(folder / "decisions")
    return Archive(store, FileSpool(folder / "spool"), box, house(), secret_key(folder), FakeClock(NOON))


def lives(folder, mark):
    """A report comes in, its reporter is to be erased, and is."""
    with closing(open_store(folder)) as store:
        archive = archive_in(folder, store)
        sha256 = archive.spool.keep(RAW)
        event = received(sha256=sha256, sender=Sender(NAME, ADDRESS, "unverified", ""), message_id=f"1.{ADDRESS}")
        store.record(NEW_ID, (event,), arrival(sha256=sha256, end="opened", case_id=NEW_ID))
        mark("kept")
        archive.asked.hand_in(ADDRESS, "bo", NOON)
        mark("asked")
        assert erase_asked(archive) == 1
        mark("erased")


def judge(folder, marks):
    if "erased" in marks:
        assert traces(folder, ADDRESS, NAME) == [], "something came back"
    with closing(open_store(folder)) as store:
        archive = archive_in(folder, store)
        sweep(store, archive.spool)
        erase_asked(archive)
        assert len(list(store.cases())) == 1 or "kept" not in marks, "the case is lost"
    if "asked" in marks:
        assert traces(folder, ADDRESS, NAME) == [], "something is left after the next start"
    if "kept" in marks:
        assert verify(folder).faults == ()


def test_a_power_cut_at_any_moment_of_an_erasure_leaves_nothing_half_erased(in_memory):
    (in_memory / "disk").mkdir()
    disk = Disk(in_memory / "disk")
    with disk.watched():
        lives(in_memory / "disk" / "state", disk.mark)
    platter, marks, states = Platter(disk.root), set(), 0
    for number, entry in enumerate(disk.log):
        if entry[0] == "mark":
            marks.add(entry[1])
            continue
        platter.take(entry)
        for state in platter.states(40, Random(number)):
            here = in_memory / "after"
            shutil.rmtree(here, ignore_errors=True)
            here.mkdir()
            platter.lay_out(state, here)
            states += 1
            try:
                judge(here / "state", marks)
            except Exception as error:
                raise AssertionError(f"after {number} of {entry[:3]}: {error}") from error
    print(f"{states} states after {len(disk.log)} calls")
    assert marks == {"kept", "asked", "erased"}
    assert states > 100
