import json
import os
import random
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import zlib
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from tinydb import TinyDB, where
from tinydb.table import Document

from triaged.adapters.store import journal
from triaged.adapters.store.journal import JOURNAL, SNAPSHOT, JournalStorage
from triaged.adapters.store.lines import StoreBroken
from triaged.adapters.store.table import JournalTable
from triaged.ports import TryLater


class Database(TinyDB):
    table_class = JournalTable


@contextmanager
def opened(folder, **options):
    storage = JournalStorage(folder, **options)
    try:
        yield Database(storage=lambda: storage).table("cases")
    finally:
        storage.close()


def put_both(cases, first, second):
    with cases._storage.together():
        cases.put("a", first)
        cases.put("b", second)


def everything(folder):
    """What a reader finds on disk."""
    return JournalStorage(folder, read_only=True).read()


def lines(folder):
    return (folder / JOURNAL).read_bytes().splitlines(keepends=True)


def generations(folder):
    snapshot = folder / SNAPSHOT
    return (
        json.loads(snapshot.read_bytes())["generation"] if snapshot.exists() else 0,
        json.loads(lines(folder)[0])["generation"],
    )


def test_a_document_that_grows_in_the_write_that_makes_it_is_written_once(tmp_path):
    with opened(tmp_path) as cases:
        storage = cases._storage
        with storage.together():
            cases.put("a", {"events": [1]})
            with suppress(KeyError), storage.together():
                cases.grow("a", "events", [2])
                raise KeyError
            cases.grow("a", "events", [3])
        assert cases.find("a") == {"events": [1, 3]}
    assert everything(tmp_path)["cases"]["a"] == {"events": [1, 3]}


def test_a_change_is_one_line_of_json_behind_its_checksum(tmp_path):
    with opened(tmp_path) as cases:
        cases.put("a", {"n": 1})
        cases.put("b", {"n": "ü\n"})
    header, first, second = lines(tmp_path)
    assert json.loads(header) == {"triaged": "journal", "generation": 0}
    for line, change in ((first, ["cases", "a", {"n": 1}]), (second, ["cases", "b", {"n": "ü\n"}])):
        checksum, body = line.rstrip(b"\n").split(b" ", 1)
        assert int(checksum, 16) == zlib.crc32(body)
        assert json.loads(body) == [change]


def test_what_was_written_is_there_after_opening_again(tmp_path):
    with opened(tmp_path) as cases:
        cases.put("a", {"n": 1})
        cases.put("b", {"n": 2})
        cases.put("a", {"n": 3})
        cases.remove(doc_ids=["b"])
    with opened(tmp_path) as cases:
        assert cases.find("a") == {"n": 3}
        assert cases.find("b") is None
        cases.put("c", {"n": 4})
    assert everything(tmp_path) == {"cases": {"a": {"n": 3}, "c": {"n": 4}}}


def test_both_files_are_for_their_owner_alone(tmp_path):
    before = os.umask(0)
    try:
        with opened(tmp_path) as cases:
            cases.put("a", {"n": 1})
            cases._storage.write({"cases": {"a": {"n": 1}}})
    finally:
        os.umask(before)
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {JOURNAL: 0o600, SNAPSHOT: 0o600}


def test_every_torn_last_line_is_dropped_and_the_next_write_begins_where_it_stood(tmp_path):
    with opened(tmp_path) as cases:
        cases.put("a", {"n": 1})
        cases.put("b", {"n": 2})
    whole = (tmp_path / JOURNAL).read_bytes()
    last = len(lines(tmp_path)[-1])
    for torn in range(1, last + 1):
        (tmp_path / JOURNAL).write_bytes(whole[:-torn])
        with opened(tmp_path) as cases:
            assert cases.find("a") == {"n": 1}
            assert cases.find("b") is None
            cases.put("c", {"n": torn})
        assert everything(tmp_path) == {"cases": {"a": {"n": 1}, "c": {"n": torn}}}


def test_dropping_a_torn_line_is_said_once_with_its_size_and_cases_and_nothing_of_its_content(tmp_path):
    with opened(tmp_path) as cases:
        cases.put("SEC-7Q4K-2M8D", {"text": "the sender's words"})
        cases.put("SEC-9XB2-77AA", {"text": "more of the sender's words"})
    whole = (tmp_path / JOURNAL).read_bytes()
    (tmp_path / JOURNAL).write_bytes(whole[:-5])
    with capture_logs() as said:
        everything(tmp_path)
        with opened(tmp_path):
            pass
        with opened(tmp_path):
            pass
    (line,) = said
    torn = len(whole.split(b"\n")[-2]) + 1 - 5
    assert line == {
        "event": "torn line dropped",
        "log_level": "warning",
        "file": JOURNAL,
        "bytes": torn,
        "cases": ["SEC-9XB2-77AA"],
    }


@pytest.mark.parametrize("where", [slice(0, 40), slice(12, 60), slice(-20, None)])
def test_a_last_line_whose_pages_did_not_all_reach_the_disk_is_torn_and_not_damaged(tmp_path, where):
    """What a power cut leaves unwritten of a file reads as zeros, also in front of what was written."""
    with opened(tmp_path) as cases:
        cases.put("a", {"n": 1})
        before = (tmp_path / JOURNAL).read_bytes()
        cases.put("b", {"text": "x" * 100})
    line = bytearray((tmp_path / JOURNAL).read_bytes()[len(before) :])
    line[where] = bytes(len(line[where]))
    (tmp_path / JOURNAL).write_bytes(before + line)
    with opened(tmp_path) as cases:
        assert (cases.find("a"), cases.find("b")) == ({"n": 1}, None)
    assert (tmp_path / JOURNAL).read_bytes() == before
    # In the middle of the journal the same is damage: the line had been fsynced before the next one was begun.
    (tmp_path / JOURNAL).write_bytes(before + bytes(line).rstrip(b"\0\n") + b"\n" + before.split(b"\n")[1] + b"\n")
    with pytest.raises(StoreBroken, match="this line is damaged"):
        JournalStorage(tmp_path)


@pytest.mark.usefixtures("root")
def test_what_root_writes_belongs_to_the_owner_of_the_folder(tmp_path):
    with opened(tmp_path) as cases:
        cases.put("a", {"n": 1})
    for path in (tmp_path, *tmp_path.iterdir()):
        os.chown(path, 65534, 65534)
    with opened(tmp_path) as cases:
        cases._storage.compact()
    assert {path.stat().st_uid for path in tmp_path.iterdir()} == {65534}


@pytest.mark.parametrize("damage", [b"0", b"\xff", b"x"])
def test_a_damaged_line_is_named_and_nothing_is_guessed(tmp_path, damage):
    with opened(tmp_path) as cases:
        for number in range(3):
            cases.put("a", {"n": number})
    kept = lines(tmp_path)
    kept[2] = kept[2][:-3] + damage + kept[2][-2:]
    (tmp_path / JOURNAL).write_bytes(b"".join(kept))
    for read_only in (False, True):
        with pytest.raises(StoreBroken, match=rf"{JOURNAL}:3: this line is damaged; restore"):
            JournalStorage(tmp_path, read_only=read_only)
    assert (tmp_path / JOURNAL).read_bytes() == b"".join(kept)


@pytest.mark.parametrize(
    ("name", "content"), [(JOURNAL, b"hello\n"), (JOURNAL, b"[]\n"), (SNAPSHOT, b"{"), (SNAPSHOT, b"{}")]
)
def test_a_file_that_is_not_ours_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StoreBroken, match=name):
        JournalStorage(tmp_path)
    assert (tmp_path / name).read_bytes() == content


def test_a_batch_is_one_line(tmp_path):
    with opened(tmp_path) as cases:
        before = len(lines(tmp_path))
        with cases._storage.together():
            cases.put("a", {"n": 1})
            cases.put("b", {"n": 2})
            cases.put("a", {"n": 3})
        assert len(lines(tmp_path)) == before + 1
        # A batch in which nothing happens writes nothing.
        with cases._storage.together():
            pass
        assert len(lines(tmp_path)) == before + 1
    assert everything(tmp_path) == {"cases": {"a": {"n": 3}, "b": {"n": 2}}}


def test_a_batch_that_fails_has_not_happened(tmp_path):
    with opened(tmp_path) as cases:
        cases.put("a", {"n": 1})
        before = lines(tmp_path)

        def fail_halfway():
            with cases._storage.together():
                cases.put("a", {"n": 2})
                cases.put("b", {"n": 2})
                raise KeyError

        with pytest.raises(KeyError):
            fail_halfway()
        assert cases._storage.read() == {"cases": {"a": {"n": 1}}}
        assert lines(tmp_path) == before
        cases.put("c", {"n": 3})
    assert everything(tmp_path) == {"cases": {"a": {"n": 1}, "c": {"n": 3}}}


@pytest.fixture
def small_disk():
    """A file system of 256 KiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs needs root")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], check=False, capture_output=True, text=True
        )
        if mounted.returncode:
            pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
        stack.callback(subprocess.run, ["umount", folder], check=True)
        yield folder


def fill_up(folder):
    """Leave one page free, so that a long write is a short one first."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    os.truncate(ballast, ballast.stat().st_size - 4096)


def test_on_a_full_disk_a_write_has_not_happened_and_the_next_one_with_room_does(small_disk):
    with opened(small_disk) as cases:
        cases.put("a", {"n": 1})
        whole = (small_disk / JOURNAL).read_bytes()
        fill_up(small_disk)
        for _ in range(3):
            with pytest.raises(TryLater, match="the disk is full; nothing is acknowledged until it has room"):
                cases.put("b", {"text": "x" * 50_000})
            assert cases._storage.read() == {"cases": {"a": {"n": 1}}}
            assert (small_disk / JOURNAL).read_bytes() == whole
        with pytest.raises(TryLater):
            put_both(cases, {"n": 2}, {"text": "x" * 50_000})
        assert cases._storage.read() == {"cases": {"a": {"n": 1}}}
        cases.put("c", {"n": 3})
        (small_disk / "ballast").unlink()
        cases.put("b", {"text": "x" * 50_000})
    assert everything(small_disk) == {"cases": {"a": {"n": 1}, "c": {"n": 3}, "b": {"text": "x" * 50_000}}}


def test_a_snapshot_for_which_there_is_no_room_leaves_it_to_the_journal(small_disk, monkeypatch):
    monkeypatch.setattr(journal, "_COMPACT_FLOOR", 60_000)
    with opened(small_disk) as cases:
        cases.put("a", {"text": "x" * 50_000})
        (small_disk / "ballast").write_bytes(b"x" * 150_000)
        # The journal is over its limit now, and the snapshot does not fit beside it.
        for number in range(5):
            cases.put("b", {"n": number, "text": "x" * 2_000})
        assert not (small_disk / SNAPSHOT).exists()
        assert not list(small_disk.glob("*.draft"))
        (small_disk / "ballast").unlink()
        cases.put("b", {"n": 9})
        assert (small_disk / SNAPSHOT).exists()
    assert everything(small_disk) == {"cases": {"a": {"text": "x" * 50_000}, "b": {"n": 9}}}


def test_after_a_write_error_that_is_no_full_disk_nothing_is_written_any_more(tmp_path):
    child = textwrap.dedent("""
        import os, resource, signal, sys
        from pathlib import Path
        from triaged.adapters.store.journal import JournalStorage
        from triaged.adapters.store.lines import StoreBroken
        from triaged.adapters.store.table import JournalTable
        storage = JournalStorage(Path(sys.argv[1]))
        cases = JournalTable(storage, "cases")
        cases.put("a", {"n": 1})
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
        for document in ({"text": "x" * 500}, {"n": 2}):
            try:
                cases.put("b", document)
            except StoreBroken as error:
                print(error)
        print(storage.read())
    """)
    said = _python(child, str(tmp_path)).splitlines()
    assert said[0].endswith(f"{JOURNAL}: cannot be written: File too large")
    assert said[1].endswith("the store accepts no writes after a failed one; restart the daemon")
    assert said[2] == "{'cases': {'a': {'n': 1}}}"
    assert everything(tmp_path) == {"cases": {"a": {"n": 1}}}


def _python(code, *arguments):
    return subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def compacting(monkeypatch):
    """A snapshot every few writes."""
    monkeypatch.setattr(journal, "_COMPACT_FLOOR", 500)


@pytest.mark.usefixtures("compacting")
def test_a_long_journal_becomes_a_snapshot_and_begins_again(tmp_path):
    with opened(tmp_path) as cases:
        for number in range(500):
            cases.put(f"case-{number % 7}", {"n": number})
        cases.remove(doc_ids=["case-0"])
    snapshot, own = generations(tmp_path)
    assert snapshot == own > 10
    assert (tmp_path / JOURNAL).stat().st_size < 2000
    expected = {"cases": {f"case-{number % 7}": {"n": number} for number in range(493, 500)}}
    del expected["cases"]["case-0"]
    assert everything(tmp_path) == expected
    with opened(tmp_path) as cases:
        assert cases._storage.read() == expected


def test_a_crash_between_the_two_renames_loses_nothing(tmp_path):
    with opened(tmp_path) as cases:
        cases.put("a", {"n": 1})
        cases.put("b", {"n": 2})
        before = (tmp_path / JOURNAL).read_bytes()
        cases._storage.write(cases._storage.read())
    assert generations(tmp_path) == (1, 1)
    (tmp_path / JOURNAL).write_bytes(before)
    assert everything(tmp_path) == {"cases": {"a": {"n": 1}, "b": {"n": 2}}}
    with opened(tmp_path) as cases:
        cases.put("a", {"n": 3})
    assert generations(tmp_path) == (1, 1)
    assert everything(tmp_path) == {"cases": {"a": {"n": 3}, "b": {"n": 2}}}


@pytest.mark.usefixtures("compacting")
def test_drafts_of_a_crash_are_neither_read_nor_in_the_way(tmp_path):
    with opened(tmp_path) as cases:
        cases.put("a", {"n": 1})
    (tmp_path / f"{SNAPSHOT}.draft").write_bytes(b"half a snap")
    (tmp_path / f"{JOURNAL}.draft").write_bytes(b"half a jour")
    with opened(tmp_path) as cases:
        assert cases.find("a") == {"n": 1}
        for number in range(50):
            cases.put("b", {"n": number})
    assert everything(tmp_path) == {"cases": {"a": {"n": 1}, "b": {"n": 49}}}
    assert not list(tmp_path.glob("*.draft"))


def test_a_journal_whose_snapshot_is_missing_is_refused_and_left_as_it_is(tmp_path):
    with opened(tmp_path) as cases:
        cases.put("a", {"n": 1})
        cases._storage.write(cases._storage.read())
        cases.put("b", {"n": 2})
    (tmp_path / SNAPSHOT).unlink()
    before = (tmp_path / JOURNAL).read_bytes()
    for read_only in (False, True):
        with pytest.raises(StoreBroken, match="a snapshot is missing; restore both files from one backup"):
            JournalStorage(tmp_path, read_only=read_only)
    assert (tmp_path / JOURNAL).read_bytes() == before


def test_a_reader_changes_nothing_on_disk_and_cannot_write(tmp_path):
    with opened(tmp_path) as cases:
        cases.put("a", {"n": 1})
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(b"a torn li")
    before = (tmp_path / JOURNAL).read_bytes()
    with opened(tmp_path, read_only=True) as cases:
        assert cases.find("a") == {"n": 1}
        with pytest.raises(StoreBroken):
            cases.put("a", {"n": 2})
        assert cases.find("a") == {"n": 1}
    assert (tmp_path / JOURNAL).read_bytes() == before


@pytest.mark.usefixtures("compacting")
def test_a_reader_beside_a_writer_sees_a_whole_state_at_every_moment(tmp_path):
    stop = threading.Event()

    def write():
        with opened(tmp_path) as cases:
            number = 0
            while not stop.is_set():
                number += 1
                put_both(cases, {"n": number}, {"n": number})

    with opened(tmp_path) as cases:
        cases.put("a", {"n": 0})
        cases.put("b", {"n": 0})
    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = []
        until = time.monotonic() + 30
        while len(set(seen)) < 100 and time.monotonic() < until:
            found = everything(tmp_path)["cases"]
            assert found["a"] == found["b"]
            seen.append(found["a"]["n"])
    finally:
        stop.set()
        writer.join()
    assert seen == sorted(seen)
    assert len(set(seen)) >= 100
    assert generations(tmp_path)[0] > 3


_WRITER = """
import itertools, random, sys
from pathlib import Path
import structlog
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
from triaged.adapters.store import journal
from triaged.adapters.store.table import JournalTable
journal._COMPACT_FLOOR = 20_000
storage = journal.JournalStorage(Path(sys.argv[1]))
cases = JournalTable(storage, "cases")
dice = random.Random(int(sys.argv[2]))
for number in itertools.count():
    name = f"case-{dice.randrange(20)}"
    with storage.together():
        cases.put(name, {"n": number, "text": "x" * dice.randrange(3000)})
        cases.put("last", {"n": number})
    print(name, number, flush=True)
"""


@pytest.mark.slow
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path):
    """Twenty-four trials at random moments of a writer that compacts all the time; the seed tells each one again."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    written = 0
    for trial in range(24):
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path), str(dice.randrange(2**32))], stdout=subprocess.PIPE
        ) as child:
            acknowledged = [child.stdout.readline()]
            threading.Timer(dice.uniform(0.001, 0.15), child.kill).start()
            acknowledged += child.stdout.readlines()
        # The last line may be cut off: it was acknowledged only if it came whole.
        promised = {
            name: int(number)
            for name, number in (line.decode().split() for line in acknowledged if line.endswith(b"\n"))
        }
        found = everything(tmp_path)["cases"]
        written += len(promised)
        for name, number in promised.items():
            assert found[name]["n"] >= number, (trial, name)
        last = found["last"]["n"]
        # Both halves of the last batch, or neither.
        assert last in {document["n"] for name, document in found.items() if name != "last"}
        assert last - max(promised.values()) in {0, 1}
    assert written > 24


# The query face of TinyDB.


@pytest.fixture
def table(tmp_path):
    with opened(tmp_path) as cases:
        for name, number in (("a", 1), ("b", 2), ("c", 2)):
            cases.put(name, {"n": number, "tags": ["new"]})
        yield cases


def on_disk(tmp_path):
    return everything(tmp_path).get("cases", {})


def test_documents_are_found_by_what_they_hold(table):
    assert [document.doc_id for document in table.search(where("n") == 2)] == ["b", "c"]
    assert table.get(where("n") == 1) == {"n": 1, "tags": ["new"]}
    assert table.get(doc_id="b") == {"n": 2, "tags": ["new"]}
    assert table.contains(where("n") == 2)
    assert not table.contains(where("n") == 3)
    assert table.count(where("n") == 2) == 2
    assert (len(table), [document.doc_id for document in table]) == (3, ["a", "b", "c"])


def test_a_search_sees_what_was_changed_since(table):
    assert len(table.search(where("n") == 2)) == 2
    table.put("a", {"n": 2})
    assert len(table.search(where("n") == 2)) == 3


def test_an_update_writes_what_it_changes_and_no_more(table, tmp_path):
    assert table.update({"n": 5}, where("n") == 1) == ["a"]
    assert on_disk(tmp_path) == {
        "a": {"n": 5, "tags": ["new"]},
        "b": {"n": 2, "tags": ["new"]},
        "c": {"n": 2, "tags": ["new"]},
    }
    assert json.loads(lines(tmp_path)[-1].split(b" ", 1)[1]) == [["cases", "a", {"n": 5, "tags": ["new"]}]]


def test_an_operation_inside_a_document_is_written(table, tmp_path):
    table.update(lambda document: document["tags"].append("old"), where("n") == 1)
    assert on_disk(tmp_path)["a"] == {"n": 1, "tags": ["new", "old"]}


def test_an_update_that_fails_halfway_has_not_happened(table, tmp_path):
    before = on_disk(tmp_path)

    def broken(document):
        document["tags"].append("old")
        if document["n"] == 2:
            raise KeyError

    with pytest.raises(KeyError):
        table.update(broken)
    assert table._storage.read()["cases"] == on_disk(tmp_path) == before


def test_documents_are_inserted_upserted_removed_and_truncated(table, tmp_path):
    table.insert(Document({"n": 7}, doc_id="d"))
    table.upsert(Document({"n": 8}, doc_id="a"))
    assert table.remove(where("n") == 2) == ["b", "c"]
    assert on_disk(tmp_path) == {"a": {"n": 8, "tags": ["new"]}, "d": {"n": 7}}
    table.truncate()
    assert on_disk(tmp_path) == {}
    table.put("e", {"n": 1})
    assert on_disk(tmp_path) == {"e": {"n": 1}}


def test_one_table_is_dropped_and_the_others_stay(tmp_path):
    storage = JournalStorage(tmp_path)
    db = Database(storage=lambda: storage)
    for name in ("cases", "mails"):
        db.table(name).put("a", {"n": 1})
    db.drop_table("mails")
    assert everything(tmp_path) == {"cases": {"a": {"n": 1}}}
    db.table("mails").put("b", {"n": 2})
    assert everything(tmp_path) == {"cases": {"a": {"n": 1}}, "mails": {"b": {"n": 2}}}
    assert db.tables() == {"cases", "mails"}
    db.drop_tables()
    assert everything(tmp_path) == {}
    db.table("cases").put("c", {"n": 3})
    db.close()
    assert everything(tmp_path) == {"cases": {"c": {"n": 3}}}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_CHANGES = st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.dictionaries(st.text(), _JSON, max_size=3)))


@given(_CHANGES)
def test_any_documents_come_back_as_they_were(changes):
    expected = {}
    with tempfile.TemporaryDirectory() as folder:
        with opened(Path(folder)) as cases:
            for name, document in changes:
                if document is not None:
                    cases.put(name, document)
                    expected[name] = document
                elif expected.pop(name, None) is not None:
                    cases.remove(doc_ids=[name])
        assert everything(Path(folder)).get("cases", {}) == expected
