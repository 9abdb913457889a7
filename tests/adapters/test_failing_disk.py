"""Every call to the disk fails in turn, until a life of the daemon has no call left to fail."""

import itertools
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.support.disk import FAILED, FULL, Disk
from tests.support.workshop import ENDS, MAILS, NOTE, Workshop
from triaged.adapters.store import journal
from triaged.adapters.store.verify import verify
from triaged.cli.faults import IO_FAILED, TRY_LATER, exit_code, say
from triaged.ports import TryLater

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def snapshots(monkeypatch):
    """A snapshot every few writes, so that there are some."""
    monkeypatch.setattr(journal, "_COMPACT_FLOOR", 9_000)


@pytest.fixture(autouse=True)
def lines():
    with capture_logs() as kept:
        yield kept


@dataclass
class Failure:
    """One life in which the nth call failed."""

    disk: Disk
    workshop: Workshop
    call: tuple[str, Path]
    error: Exception | None
    """What it came to in the end; None when the daemon went on."""

    @property
    def what(self) -> str:
        name, path = self.call
        return f"{name} of {path.relative_to(self.disk.root)}: {self.error!r}"


def failures(folder: Path, error: OSError):
    """Let the nth call fail, n from 1 on, each time in a new house."""
    for number in itertools.count(1):
        root = folder / str(number)
        root.mkdir()
        disk = Disk(root)
        workshop = Workshop(root / "var" / "state")
        disk.goes_wrong(number, error)
        ended = None
        with disk.watched():
            try:
                workshop.works()
            except Exception as fault:  # noqa: BLE001 - whatever it is, it is judged
                ended = fault
        if len(disk.calls) < number:
            assert ended is None
            return
        yield Failure(disk, workshop, disk.calls[number - 1], ended)


def nothing_lost(failure: Failure) -> list:
    """After a restart on a disk that is well again everything is there; the letters that came more than once."""
    failure.workshop.works()
    store = failure.workshop.store
    assert (store.seen(), store.pending(), store.owed()) == (ENDS, [], []), failure.what
    assert verify(failure.workshop.folder).faults == (), failure.what
    assert sum(case.history.count(NOTE) for case in store.cases()) == 1, failure.what
    letters = failure.workshop.server.letters
    assert len({(letter.message_id, letter.raw) for letter in letters}) == 2, failure.what
    return letters


def is_said_plainly(failure: Failure, capsys) -> None:
    say(failure.error)
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert "a fault of ours" not in said, failure.what


@pytest.mark.prove
def test_whichever_call_fails_nothing_is_lost_and_a_failed_fsync_or_rename_ends_the_process(in_memory, capsys):
    tried = doubled = 0
    for failure in failures(in_memory, FAILED):
        tried += 1
        if failure.error is not None:
            assert exit_code(failure.error) == IO_FAILED, failure.what
            is_said_plainly(failure, capsys)
        name, path = failure.call
        if name in {"fsync", "fdatasync", "rename"} and path.is_relative_to(failure.workshop.folder):
            assert failure.error is not None, failure.what
        letters = nothing_lost(failure)
        doubled += len(letters) - 2
        # Where not even the outcome can be written down, whether it went out is uncertain for whoever comes after.
        assert len(letters) == 2 or failure.call == ("write", failure.workshop.folder / journal.JOURNAL), failure.what
    print(f"{tried} calls failed, {doubled} letters went out again")
    assert tried > 100


@pytest.mark.prove
def test_whichever_call_finds_the_disk_full_nothing_is_lost_and_the_same_process_goes_on(in_memory, capsys):
    tried = resumed = 0
    for failure in failures(in_memory, FULL):
        tried += 1
        if failure.error is None:
            continue
        assert exit_code(failure.error) in {TRY_LATER, IO_FAILED}, failure.what
        is_said_plainly(failure, capsys)
        assert len(nothing_lost(failure)) <= 3, failure.what
        resumed += exit_code(failure.error) == TRY_LATER
    print(f"{tried} calls found the disk full, {resumed} of them for a while")
    assert resumed > 20


def passed(workshop: Workshop) -> bool:
    try:
        workshop.passes()
    except TryLater:
        return False
    return True


def test_a_disk_that_is_full_for_a_while_costs_no_letter_and_no_second_one(in_memory):
    """From the nth write on it is full, as a disk is; then there is room, and the same process goes on where it was."""
    waited = 0
    for number in itertools.count(1):
        root = in_memory / str(number)
        root.mkdir()
        disk, workshop = Disk(root), Workshop(root / "var" / "state")
        with disk.watched(), ExitStack() as stack:
            workshop.open(stack)
            disk.is_full_from(number)
            there = [passed(workshop) for _ in range(3)]
            disk.goes_well()
            assert passed(workshop)
            store, letters = workshop.store, workshop.server.letters
            assert (store.seen(), store.pending(), store.owed()) == (ENDS, [], []), number
            assert len(letters) == len({letter.message_id for letter in letters}) == 2, number
        if all(there):
            break
        waited += 1
    assert waited > len(MAILS)
