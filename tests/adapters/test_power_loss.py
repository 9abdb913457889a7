"""A power cut at any moment: whatever of the unfsynced is lost, torn or out of order, what was promised is there.

Every call of the adapters is recorded. For each prefix of the record the disk is laid out as a power cut may leave it, with
every choice (or many, drawn by a fixed seed) of what the system had not been made to keep; then the store is opened on it.
"""

import hashlib
import shutil
from contextlib import closing, suppress
from dataclasses import dataclass, field
from random import Random

import pytest

from tests.support.disk import Disk, Platter
from tests.support.fakes import Killed
from tests.support.workshop import NOTE, Workshop
from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.disk.spool import FileSpool
from triaged.adapters.disk.state_dir import secret_key
from triaged.adapters.store import journal
from triaged.adapters.store.store import open_store
from triaged.adapters.store.verify import verify

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("snapshots")]

STARTING = 8
"""Calls from a start to the first mail."""


@pytest.fixture
def snapshots(monkeypatch):
    """A snapshot every few writes, so that there are some."""
    monkeypatch.setattr(journal, "_COMPACT_FLOOR", 9_000)


@dataclass
class Promises:
    """What the outside has been told, by the marks in the record so far."""

    ended: dict = field(default_factory=dict)
    events: list = field(default_factory=list)
    left: list = field(default_factory=list)
    handed_in: list = field(default_factory=list)

    def take(self, mark: tuple) -> None:
        match mark:
            case ("noted", arrival):
                self.ended[arrival.sha256] = arrival
            case ("recorded", owner, event):
                self.events.append((owner, event))
            case ("left", letter):
                self.left.append(letter)
            case ("handed in", case_id):
                self.handed_in.append(case_id)

    def kept_in(self, folder) -> None:
        """True if they are, after the power has come back."""
        with closing(open_store(folder)) as store:
            spool = FileSpool(folder / "spool")
            for sha256, arrival in self.ended.items():
                found = store.arrival(sha256)
                assert found is not None, "a mail taken in is lost"
                assert found.end == arrival.end or arrival.end is None, "its end is lost"
                assert hashlib.sha256(spool.read(sha256)).hexdigest() == sha256
            for owner, event in self.events:
                assert event in store.case(owner).history, "an event is lost"
            states = {letter.message_id: letter.state for case in store.cases() for letter in case.letters}
            for letter in self.left:
                assert states[letter.message_id] in {"submitting", "submitted"}, "it left, and nobody knows"
            for case_id in self.handed_in:
                waiting = [handed.event for handed in DecisionBox(folder / "decisions").handed_in()]
                assert NOTE in (*waiting, *store.case(case_id).history), "a decision is lost"
            if list(store.cases()):
                assert (folder / "key").exists(), "the key is lost"
        if self.ended:
            secret_key(folder)
            assert verify(folder).faults == ()


@dataclass
class Trial:
    """Power cuts in one record, with figures."""

    folder: object
    states: int = 0

    def cut(self, disk: Disk, *, after: int = 0, most: int, every: int = 1) -> None:
        """Cut the power after each call from that one on, in at most so many ways; after every few once it has started."""
        platter, promises = Platter(disk.root), Promises()
        for number, entry in enumerate(disk.log):
            if entry[0] == "mark":
                promises.take(entry[1:])
                continue
            platter.take(entry)
            if number < after or (number > after + STARTING and number % every):
                continue
            for state in platter.states(most, Random(number)):
                self._judge(platter, promises, state, f"after {number} of {disk.log[number][:3]}")

    def _judge(self, platter: Platter, promises: Promises, state: dict, when: str) -> None:
        here = self.folder / "after"
        shutil.rmtree(here, ignore_errors=True)
        here.mkdir()
        platter.lay_out(state, here)
        self.states += 1
        try:
            promises.kept_in(here / "var" / "state")
        except Exception as error:
            raise AssertionError(f"{when}: {error}") from error


def recorded(root, kill_at: int = 0) -> tuple[Disk, int]:
    """One life of the daemon, or one that is killed at that call and another; and where in the record the second begins."""
    root.mkdir()
    disk = Disk(root)
    workshop = Workshop(root / "var" / "state", disk.mark)
    second = 0
    with disk.watched():
        if kill_at:
            disk.goes_wrong(kill_at, Killed())
            with suppress(Killed):
                workshop.works()
            assert disk.dead
            disk.goes_well()
            second = len(disk.log)
        workshop.works()
    return disk, second


def test_a_power_cut_at_any_moment_keeps_what_was_promised(in_memory):
    disk, _ = recorded(in_memory / "disk")
    trial = Trial(in_memory)
    trial.cut(disk, most=60)
    print(f"{trial.states} states after {len(disk.log)} calls")
    assert trial.states > 400
    assert {"rename", "mkdir", "fsync-folder", "add", "write"} <= {entry[0] for entry in disk.log}


@pytest.mark.prove
def test_a_power_cut_after_a_kill_keeps_what_was_promised_before_and_after_it(in_memory):
    """A kill leaves what it wrote in the system's memory: the next start reads it as fact, durable or not."""
    whole, _ = recorded(in_memory / "whole")
    trial = Trial(in_memory)
    calls = len(whole.calls)
    for kill_at in range(1, calls + 1):
        root = in_memory / f"disk-{kill_at}"
        disk, second = recorded(root, kill_at)
        trial.cut(disk, after=second, most=4, every=9)
        shutil.rmtree(root)
    print(f"{trial.states} states after kills at each of {calls} calls")
    assert trial.states > 1000
