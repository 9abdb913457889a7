import json
from contextlib import closing

import pytest

from tests.support.stores import ACK, DAY, arrival, assert_the_same_after_opening_again, digest_owed, visible
from tests.support.values import NEW_ID, NOON, owed, received
from triaged.adapters.disk.state_dir import StateUnusable
from triaged.adapters.store.documents import upgraded
from triaged.adapters.store.journal import JOURNAL
from triaged.adapters.store.lines import StoreBroken
from triaged.adapters.store.store import open_store
from triaged.core.case.events import Submitting
from triaged.core.case.owner import ToTeam
from triaged.core.mail.arrival import Contact
from triaged.core.team.alerts import Mark


@pytest.fixture
def store(tmp_path):
    with closing(open_store(tmp_path)) as opened:
        yield opened


def test_a_case_its_letter_and_the_end_of_its_mail_are_one_line_on_disk(store, tmp_path):
    before = len((tmp_path / JOURNAL).read_bytes().splitlines())
    case = store.record(NEW_ID, (received(), owed()), arrival(1, end="opened", case_id=NEW_ID))
    *_, line = after = (tmp_path / JOURNAL).read_bytes().splitlines()
    assert len(after) == before + 1
    assert [(table, name) for table, name, _ in json.loads(line.split(b" ", 1)[1])] == [
        ("cases", NEW_ID),
        ("mails", f"{1:064x}"),
    ]
    assert store.case(NEW_ID) == case
    assert [(owner, letter.message_id) for owner, letter in store.owed()] == [(NEW_ID, ACK)]
    assert store.seen() == {"opened": 1}
    assert_the_same_after_opening_again(tmp_path, store)


def test_a_failed_write_shows_nowhere(store, tmp_path):
    store.record(NEW_ID, (received(), owed()), arrival(1, end="opened"))
    before = visible(store)
    store._storage.close()
    for write in (
        lambda: store.record("SEC-2", (received(message_id="b@example.org"), owed()), arrival(2, end="opened")),
        lambda: store.note(arrival(3)),
        lambda: store.letter_event(NEW_ID, Submitting(at=NOON, message_id=ACK)),
        lambda: store.letter_event(ToTeam.dated("digest", DAY), digest_owed()),
        lambda: store.record_alert(
            store.next_alert(), [Mark(NEW_ID, "triage", NOON, "missed")], digest_owed(purpose="alert")
        ),
        lambda: store.remember(Contact("INBOX", 7, NOON, 1)),
    ):
        with pytest.raises(StoreBroken):
            write()
        assert visible(store) == before
    assert_the_same_after_opening_again(tmp_path, store)


def test_an_old_document_is_brought_up_to_date_step_by_step():
    upgrades = {
        0: lambda table, doc_id, document: (f"{table} {doc_id}", document),
        1: lambda _, doc_id, document: (doc_id, {"title": document["name"]}),
    }
    old = {"version": 0, "name": "a"}
    assert upgraded("cases", "1", old, upgrades, 2) == ("cases 1", {"version": 2, "title": "a"})
    assert old == {"version": 0, "name": "a"}
    assert upgraded("cases", "1", {"version": 2, "title": "b"}, upgrades, 2) == ("1", {"version": 2, "title": "b"})


@pytest.mark.parametrize("table", ["cases", "mails", "digests", "contacts"])
def test_what_a_newer_version_wrote_is_refused_and_left_alone(store, tmp_path, table):
    store.record(NEW_ID, (received(),), arrival(1))
    store.letter_event(ToTeam.dated("digest", DAY), digest_owed())
    store.remember(Contact("INBOX", 7, NOON, 1))
    name = next(iter(store._storage.read()[table]))
    store._db.table(table).update({"version": 99}, doc_ids=[name])
    store.close()
    before = (tmp_path / JOURNAL).read_bytes()
    with pytest.raises(
        StoreBroken, match=rf"table {table}: written by a newer triaged \(version 99; this one knows 2\)"
    ):
        open_store(tmp_path)
    assert (tmp_path / JOURNAL).read_bytes() == before


def test_a_state_directory_that_cannot_be_read_says_so(tmp_path):
    (tmp_path / JOURNAL).mkdir()
    with pytest.raises(StateUnusable, match=rf"{JOURNAL}: cannot be read \(Is a directory\); run as its owner"):
        open_store(tmp_path)
