"""A store that the version before wrote is opened by today's, and no step of that can lose anything.

stores/version-1 is what the demo's daemon left when it was killed in the middle of delivery: twelve cases, some
acknowledgments sent, the others owed. stores/letters-owed was written before letters were drafted in the core: it owes one
letter of each purpose.
"""

import json
import shutil
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest

from tests.support.disk import FAILED, FULL, Disk
from tests.support.fakes import Killed
from tests.support.office import Office
from tests.support.values import BORDER, house
from triaged.adapters.store.documents import VERSION
from triaged.adapters.store.journal import JOURNAL, SNAPSHOT
from triaged.adapters.store.store import open_store
from triaged.core.case.events import Noted
from triaged.core.mail.arrival import Contact, Place
from triaged.core.mail.sender import Trust
from triaged.ports import StateFault, TryLater

OLD = Path(__file__).parents[1] / "stores" / "version-1"
LETTERS_OWED = OLD.parent / "letters-owed"
UIDVALIDITY = 840731978
PURPOSES_THEN = {"acknowledgment", "notice", "update", "digest", "alarm", "alert"}
"""What letters were for when letters-owed was written."""


@pytest.fixture
def folder(tmp_path):
    return copied(tmp_path)


def copied(place):
    return Path(shutil.copytree(OLD, place / "state"))


def rows(folder, table):
    """What the old journal says of a table, the newest of each document."""
    changes = [row for line in (folder / JOURNAL).read_text().splitlines()[1:] for row in json.loads(line[9:])]
    return {doc_id: document for name, doc_id, document in changes if name == table}


def seen_in(folder):
    """What a reader finds, of all that the old store holds."""
    with closing(open_store(folder, read_only=True)) as store:
        return (
            [case.history for case in store.cases()],
            [store.arrival(sha256) for sha256 in rows(OLD, "mails")],
            store.contact("INBOX", UIDVALIDITY),
            store.owed(),
        )


def test_every_case_mail_and_contact_of_the_old_store_is_in_the_new_one(folder):
    cases, mails, contacts = (rows(OLD, table) for table in ("cases", "mails", "contacts"))
    with closing(open_store(folder)) as store:
        assert {case.id: len(case.history) for case in store.cases()} == {
            case_id: len(document["events"]) for case_id, document in cases.items()
        }
        for sha256, document in mails.items():
            (place,) = document["places"]
            assert store.arrival(sha256).places == (Place(**place, mailbox="main"),)
            assert store.knows(Place(**place))
        assert store.contact("INBOX", UIDVALIDITY).first_uid == contacts[f"{UIDVALIDITY} INBOX"]["first_uid"]


def test_after_the_upgrade_every_document_on_disk_is_of_todays_version(folder):
    open_store(folder).close()
    tables = json.loads((folder / SNAPSHOT).read_bytes())["tables"]
    assert {document["version"] for table in tables.values() for document in table.values()} == {VERSION}
    before = (folder / SNAPSHOT).stat().st_mtime_ns
    open_store(folder).close()
    assert (folder / SNAPSHOT).stat().st_mtime_ns == before


def test_a_reader_beside_the_old_daemon_sees_todays_documents_and_writes_nothing(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert seen_in(folder)[2].mailbox == "main"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_letter_owed_by_the_old_version_keeps_its_bytes_and_its_message_id(folder):
    owed = {
        event["message_id"]: event["raw"]
        for document in rows(folder, "cases").values()
        for event in document["events"]
        if event["kind"] == "owed"
    }
    with closing(open_store(folder)) as store:
        waiting = {letter.message_id: letter.raw for _, letter in store.owed()}
    assert 0 < len(waiting) < len(owed)
    assert waiting.items() <= owed.items()


def test_a_letter_of_each_purpose_owed_by_an_older_version_is_sent_with_its_bytes_and_its_message_id(tmp_path):
    folder = Path(shutil.copytree(LETTERS_OWED, tmp_path / "state"))
    written = {each["message_id"]: each for each in owed_events(folder)}
    office = Office(folder)
    office.change(house=house(trust=Trust(BORDER), updates_in_a_row=2))
    with office.stack:
        office.wait(max(letter.owed_at for _, letter in office.store.owed()) - office.desk.clock())
        sent = office.send()
        assert office.store.owed() == []
    assert {letter.purpose for letter in sent} == PURPOSES_THEN
    assert len(sent) == len(PURPOSES_THEN)
    for letter in sent:
        old = written[letter.message_id]
        assert (letter.raw, list(letter.to), letter.envelope_from) == (old["raw"], old["to"], old["envelope_from"])
    with closing(open_store(folder)) as store:
        assert store.owed() == []
        assert store.last_digest(office.desk.clock().date())[1].state == store.last_alert().state == "submitted"


def owed_events(folder):
    """Every `Owed` of a journal, in documents and in what was appended to them."""
    found = []
    for line in (folder / JOURNAL).read_text().splitlines()[1:]:
        json.loads(line[9:], object_hook=lambda each: found.append(each) if each.get("kind") == "owed" else each)
    return found


def test_a_history_goes_on_where_the_old_version_ended_it(folder):
    (case_id, *_) = rows(folder, "cases")
    with closing(open_store(folder)) as store:
        at = store.case(case_id).history[-1].at
        store.record(case_id, (Noted(at=at, by="bo", text="seen"),))
        case = store.case(case_id)
    with closing(open_store(folder)) as store:
        assert store.case(case_id) == case


@pytest.mark.parametrize("error", [Killed(), FULL, FAILED], ids=["killed", "full", "failing"])
def test_whatever_call_of_the_upgrade_goes_wrong_the_next_start_finds_everything(tmp_path, error):
    expected = seen_in(OLD)
    for number in count(1):
        place = tmp_path / str(number)
        place.mkdir()
        folder, disk = copied(place), Disk(place)
        disk.goes_wrong(number, error)
        with disk.watched(), suppress(Killed, TryLater, StateFault, OSError):
            open_store(folder).close()
        assert seen_in(folder) == expected
        with closing(open_store(folder)):
            assert seen_in(folder) == expected
        if len(disk.calls) < number:
            break
    assert number > 10


def test_a_uid_of_another_mailbox_is_not_taken_for_one_that_is_known(folder):
    with closing(open_store(folder)) as store:
        store.remember(Contact("INBOX", UIDVALIDITY, store.last_taken_at(), 9, mailbox="psirt"))
        assert not store.knows(Place("INBOX", UIDVALIDITY, 1, mailbox="psirt"))
        assert store.highest_uid("INBOX", UIDVALIDITY, mailbox="psirt") == 0 < store.highest_uid("INBOX", UIDVALIDITY)
        assert store.contact("INBOX", UIDVALIDITY, mailbox="psirt").first_uid == 9
        assert store.contact("INBOX", UIDVALIDITY).mailbox == "main"
