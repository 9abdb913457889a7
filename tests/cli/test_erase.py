"""`triaged erase`: what can be found afterwards, what stays, and what is said."""

import base64
import errno
import json
import re
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta

import pytest
from freezegun import freeze_time

from tests.cli.conftest import COMPLETE, SILENT, mail
from tests.support.fakes import FakeClock, FakeSubmission
from tests.support.rooms import changed
from tests.support.traces import traces
from triaged.adapters.disk.erasures import ErasureBox
from triaged.adapters.store import journal
from triaged.adapters.store.store import open_store
from triaged.adapters.store.verify import verify
from triaged.composition import open_round
from triaged.config.loading import load
from triaged.core.case.events import Submitted, Submitting
from triaged.ports import TryLater
from triaged.service.delivery import deliver

ANN = ("ann@example.org",)
ELI = ("eli.moreau@quarry.example", "Eliane Moreau", "quarry.example", "moreau")
POEM = "Eliane Moreau wrote this. Ask eli.moreau@quarry.example, or see https://quarry.example/poc?from=eli.moreau%40quarry.example"
REPORT = (
    "The export endpoint of the dashboard lets any signed-in user read the invoices of other tenants.\r\n\r\n"
    "1. Sign in.\r\n2. GET /v1/invoices/7 of another tenant.\r\n\r\nImpact: an attacker reads every invoice.\r\n\r\n"
    "My proof is at https://quarry.example/poc and I can be reached at eli.moreau@quarry.example.\r\n\r\nEliane Moreau\r\n"
)
TOMORROW = datetime.now(UTC) + timedelta(days=1)


def eli(subject="IDOR in the invoices, by Eliane Moreau", message_id="eli-1@quarry.example", text=REPORT):
    head = "From: Eliane Moreau <eli.moreau@quarry.example>\r\nTo: security@smallest.ai\r\n"
    return f"{head}Subject: {subject}\r\nMessage-ID: <{message_id}>\r\nMIME-Version: 1.0\r\n\r\n{text}".encode()


def attaching(text):
    """A mail of somebody else that holds the person only inside a file in base64."""
    inside = base64.encodebytes(text.encode()).decode().replace("\n", "\r\n")
    head = "From: Bo <bo@other.example>\r\nTo: security@smallest.ai\r\nSubject: a file\r\nMessage-ID: <file@other.example>\r\n"
    parts = (
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
        'The SSRF is in the webhook endpoint, see the file.\r\n--b\r\nContent-Type: text/plain; name="n.txt"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{inside}--b--\r\n"
    )
    return (head + parts).encode()


@pytest.fixture
def state(config):
    return config.parent / "state"


def digest_sent(config):
    """The next day's digest, owed and delivered: what it says stays in the store."""
    with open_round(load(config)) as rooms:
        noon = datetime.now(UTC).replace(hour=12) + timedelta(days=1)
        on_fakes = changed(rooms, submission=FakeSubmission(), clock=FakeClock(noon))
        on_fakes.owe_at_once()
        return deliver(on_fakes.outgoing)


def figures(triaged):
    with freeze_time(TOMORROW):
        return triaged("metrics", "--json")


def findings(triaged, case):
    shape = json.loads(triaged("show", case, "--json"))
    return {key: shape[key] for key in ("scope", "band", "missing", "kind", "severity", "state")}


def test_nothing_of_an_erased_reporter_can_be_found_and_every_figure_stays(fill, triaged, state, config):
    theirs, other, *_ = fill(eli(), COMPLETE, attaching(POEM))
    triaged("case", theirs, "triage", "--severity", "high")
    triaged("case", theirs, "note", "asked Eliane Moreau <eli.moreau@quarry.example> for the logs")
    triaged("case", theirs, "credit", "--name", "Eliane Moreau", "--where", "https://quarry.example/me")
    triaged("case", other, "note", "same as what eli.moreau@quarry.example found")
    assert digest_sent(config)
    before, found = figures(triaged), findings(triaged, theirs)
    assert traces(state, *ELI)
    said = triaged("erase", "Eli.Moreau@Quarry.example")
    assert traces(state, *ELI) == []
    assert figures(triaged) == before
    assert findings(triaged, theirs) == found
    assert verify(state).faults == ()
    assert "UID 1 (UIDVALIDITY" in said
    assert theirs in said


def test_what_is_left_says_when_it_was_erased(fill, triaged, state):
    (theirs,) = fill(eli())
    triaged("erase", theirs)
    assert re.search(r"erased +its reporter, on \d{4}-\d\d-\d\d", triaged("show", theirs))
    assert re.search(r"\(erased on \d{4}-\d\d-\d\d\)", triaged("show", theirs, "--text"))
    assert "was erased on" in triaged("show", theirs, "--raw", code=66, err=True)
    assert "was erased on" in triaged("attachments", theirs, "--out", state / "out", code=66, err=True)
    assert json.loads(triaged("show", theirs, "--json"))["erased_at"]
    assert "whole" in triaged("store", "verify")
    triaged("replay", state, code=66, err=True)
    assert "its reporter was erased on" in triaged("erase", theirs, code=65, err=True)


def test_a_dry_run_says_what_would_go_and_changes_no_byte(fill, triaged, state):
    (theirs,) = fill(eli())
    files = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
    shape = json.loads(triaged("erase", theirs, "--dry-run", "--json"))
    assert {path: path.read_bytes() for path in state.rglob("*") if path.is_file()} == files
    assert (shape["done"], shape["cases"], len(shape["mails"])) == (False, [theirs], 1)
    assert shape["mails"][0]["places"][0]["uid"] == 1


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("nobody@nowhere.example", "nothing is kept of it"),
        ("security@smallest.ai", "an address of yours"),
        ("team@smallest.ai", "an address of yours"),
        ("SEC-0000-0000", "there is no such case"),
        ("", "there is no such case"),
        ("@", "is no address"),
        ("a@b", "is no address"),
        ("x@", "is no address"),
        ("\x1b[31mann@example.org", "is no address"),
        ("ann@example.org ann@example.org", "is no address"),
    ],
)
def test_what_cannot_be_erased_gets_one_sentence(fill, triaged, target, says):
    fill(COMPLETE)
    said = triaged("erase", target, code=65 if "address" in says else 66, err=True)
    assert says in said
    assert len(said.strip().splitlines()) == 1


def test_a_case_on_hold_stays_as_it_is_until_it_is_released(fill, triaged, state):
    kept, open_one = fill(eli(), eli("SSRF in the webhook", "eli-2@quarry.example"))
    triaged("case", kept, "hold", "a court asked for it")
    before = triaged("show", kept, "--json")
    said = triaged("erase", "eli.moreau@quarry.example")
    assert f"on hold, and left as they are: {kept}" in said
    assert json.loads(triaged("show", kept, "--json"))["history"] == json.loads(before)["history"]
    assert "Eliane" in triaged("show", kept)
    assert "Eliane" not in triaged("show", open_one)
    assert f"{kept}: on hold, so nothing was erased" in triaged("erase", kept, code=65, err=True)
    triaged("case", kept, "release")
    triaged("erase", "eli.moreau@quarry.example")
    assert traces(state, *ELI) == []


def test_a_letter_that_has_not_left_is_cancelled_and_says_why(fill, triaged, state):
    (theirs,) = fill(eli(), outcomes=(TryLater("the server is away"),))
    with closing(open_store(state, read_only=True)) as store:
        assert [letter.state for letter in store.case(theirs).letters] == ["owed"]
    assert "1 letter not sent yet: cancelled" in triaged("erase", theirs)
    with closing(open_store(state, read_only=True)) as store:
        (letter,) = store.case(theirs).letters
        assert store.owed() == []
    assert (letter.state, letter.reason) == ("failed", "cancelled: the person whom it names was erased")
    assert "erased" in triaged("case", theirs, "resend", code=65, err=True)


def test_who_writes_again_is_a_new_reporter(fill, triaged):
    (first,) = fill(eli())
    triaged("erase", "eli.moreau@quarry.example")
    (second,) = fill(eli("One more", "eli-9@quarry.example", "The webhook endpoint has an SSRF too.\r\n"))
    assert second != first
    assert json.loads(triaged("show", second, "--json"))["same_reporter"] == []


def test_the_very_same_mail_fetched_again_is_no_new_case_and_its_bytes_do_not_stay(fill, triaged, state):
    (theirs,) = fill(eli())
    triaged("erase", theirs)
    assert fill(eli()) == [theirs]
    assert traces(state, *ELI) == []
    assert len(json.loads(triaged("cases", "--json"))) == 1


def test_a_case_alone_leaves_the_persons_other_cases(fill, triaged):
    one, two = fill(eli(), eli("SSRF in the webhook", "eli-2@quarry.example"))
    said = triaged("erase", one)
    assert f"(erase the address to reach them): {two}" in said
    assert "Eliane" not in triaged("show", one)
    assert "Eliane" in triaged("show", two)


def test_a_name_chosen_to_cut_other_peoples_words_cuts_none(fill, triaged):
    text = "The webhook endpoint has an SSRF.\r\n\r\n1. GET /v1/hooks.\r\n\r\nImpact: an attacker reads all.\r\n"
    others = [mail(f"P{n} <p{n}@o{n}.example>", f"webhook endpoint {n}", f"{n} {text}", f"o{n}") for n in range(5)]
    cases = fill(*others, mail("webhook endpoint <troll@troll.example>", "SSRF", text, "troll"))
    before = [json.loads(triaged("show", case, "--json"))["history"] for case in cases[:-1]]
    triaged("erase", "troll@troll.example")
    assert [json.loads(triaged("show", case, "--json"))["history"] for case in cases[:-1]] == before


def test_a_case_whose_from_names_no_single_mailbox_is_erased_too(fill, triaged, state):
    two = mail(
        "Eliane Moreau <eli.moreau@quarry.example>, b@x.example", "SSRF in the webhook", "GET /v1/hooks\r\n", "two"
    )
    (case,) = fill(two)
    triaged("erase", case)
    assert traces(state, *ELI) == []
    assert json.loads(triaged("show", case, "--json"))["erased_at"]


def test_a_domain_that_another_case_has_stays_with_that_case(fill, triaged, state):
    _, other = fill(eli(), mail("Zoe <zoe@quarry.example>", "XSS", "GET /login?next=<script>\r\n", "zoe"))
    triaged("erase", "eli.moreau@quarry.example")
    assert traces(state, "eli.moreau@quarry.example", "Eliane Moreau") == []
    assert json.loads(triaged("show", other, "--json"))["reporter"]["address"] == "zoe@quarry.example"


def test_who_only_wrote_what_was_set_aside_is_erased_too(fill, triaged, state):
    fill(b"Auto-Submitted: auto-replied\r\n" + eli("Away", "away@quarry.example", "I am away.\r\n"))
    assert "Away" in triaged("set-aside")
    triaged("erase", "eli.moreau@quarry.example")
    assert traces(state, *ELI) == []
    assert "eli.moreau" not in triaged("set-aside")


def test_an_address_in_five_hundred_cases(fill, triaged, state):
    fill(*(eli(f"Finding {n}", f"n{n}@quarry.example", f"{REPORT}\r\n{n}\r\n") for n in range(500)), SILENT)
    before = figures(triaged)
    shape = json.loads(triaged("erase", "eli.moreau@quarry.example", "--json"))
    assert len(shape["cases"]) == len(shape["mails"]) == 500
    assert traces(state, "eli.moreau@quarry.example", "Eliane Moreau") == []
    assert figures(triaged) == before


def owed_digest(config, stack):
    """Rooms in which the next day's digest, which names the reporter, is owed and not sent."""
    rooms = stack.enter_context(open_round(load(config)))
    noon = datetime.now(UTC).replace(hour=12) + timedelta(days=1)
    on_fakes = changed(rooms, submission=FakeSubmission(), clock=FakeClock(noon))
    on_fakes.owe_at_once()
    assert [letter.purpose for _, letter in rooms.under_way.store.owed()] == ["digest"]
    return rooms, on_fakes


def test_a_digest_that_waits_is_written_anew_without_the_person(fill, triaged, state, config):
    fill(eli(), COMPLETE)
    with ExitStack() as stack:
        rooms, on_fakes = owed_digest(config, stack)
        ErasureBox(state / "decisions").hand_in("eli.moreau@quarry.example", "bo", datetime.now(UTC))
        rooms.erase()
        assert rooms.under_way.store.owed() == []
        on_fakes.owe_at_once()
        ((_, letter),) = rooms.under_way.store.owed()
        assert letter.purpose == "digest"
        assert deliver(on_fakes.outgoing) == 1
    assert traces(state, *ELI) == []


def test_a_digest_whose_turn_comes_while_it_is_erased_does_not_leave(fill, state, config):
    fill(eli())
    with ExitStack() as stack:
        rooms, on_fakes = owed_digest(config, stack)
        ErasureBox(state / "decisions").hand_in("eli.moreau@quarry.example", "bo", datetime.now(UTC))
        # The pass has read what waits, and asks this before the first letter.
        assert deliver(on_fakes.outgoing, replaced=rooms.erase) == 0
        assert on_fakes.outgoing.submission.letters == []
    assert verify(state).faults == ()
    assert traces(state, *ELI) == []


KEPT = "retention: {raw_mail: 1 month, identities: 3 months after closing}\n"


def passed(config, days):
    """The daily pass, so many days from now."""
    with freeze_time(datetime.now(UTC) + timedelta(days=days)), open_round(load(config)) as rooms:
        rooms.erase()


def test_raw_mail_goes_first_and_then_the_reporter_and_an_open_case_keeps_both(fill, triaged, state, config):
    config.write_text(config.read_text() + KEPT)
    theirs, other = fill(eli(), COMPLETE)
    triaged("case", theirs, "close", "fixed")
    before = figures(triaged)
    passed(config, 2)
    assert verify(state).mails == len(list((state / "spool").iterdir())) == 2
    passed(config, 40)
    assert len(list((state / "spool").iterdir())) == 1
    assert "Eliane Moreau" in triaged("show", theirs)
    assert "raw mail erased on" in triaged("show", theirs)
    passed(config, 100)
    assert traces(state, *ELI) == []
    assert "ann@example.org" in triaged("show", other)
    assert figures(triaged) == before
    assert verify(state).faults == ()


def test_the_command_does_what_the_daily_pass_would_do(fill, triaged, state, config):
    (theirs,) = fill(eli())
    assert "kept for ever" in triaged("retention", code=65, err=True)
    config.write_text(config.read_text() + KEPT)
    triaged("case", theirs, "close", "fixed")
    with freeze_time(datetime.now(UTC) + timedelta(days=100)):
        assert "1 reporter and 1 raw mail would be erased" in triaged("retention", "--dry-run")
        assert traces(state, *ELI)
        assert "1 reporter and 1 raw mail erased" in triaged("retention")
    assert traces(state, *ELI) == []


def test_a_case_on_hold_outlives_every_period(fill, triaged, state, config):
    config.write_text(config.read_text() + KEPT)
    (theirs,) = fill(eli())
    triaged("case", theirs, "close", "fixed")
    triaged("case", theirs, "hold", "a court asked for it")
    passed(config, 1000)
    assert "Eliane Moreau" in triaged("show", theirs)
    assert len(list((state / "spool").iterdir())) == 1


def test_an_erasure_waits_for_a_letter_that_is_just_being_handed_in(fill, triaged, state, config):
    (theirs,) = fill(eli(), outcomes=(TryLater("the server is away"),))
    with closing(open_store(state)) as store:
        (letter,) = store.case(theirs).letters
        store.letter_event(theirs, Submitting(at=datetime.now(UTC), message_id=letter.message_id))
    box = ErasureBox(state / "decisions")
    name = box.hand_in("eli.moreau@quarry.example", "bo", datetime.now(UTC))
    with open_round(load(config)) as rooms:
        rooms.erase()
        assert box.waits(name)
        rooms.under_way.store.letter_event(
            theirs,
            Submitted(at=datetime.now(UTC), message_id=letter.message_id, answer="250 eli.moreau@quarry.example"),
        )
        rooms.erase()
        assert not box.waits(name)
    assert traces(state, *ELI) == []


def test_an_order_that_cannot_be_read_is_put_aside_and_one_for_nobody_is_dropped(fill, triaged, state, config):
    fill(COMPLETE)
    (state / "decisions").mkdir(exist_ok=True)
    (state / "decisions" / "erase-1.json").write_text("{")
    ErasureBox(state / "decisions").hand_in("nobody@nowhere.example", "bo", datetime.now(UTC))
    with open_round(load(config)) as rooms:
        rooms.erase()
    assert [path.name for path in (state / "decisions").iterdir()] == ["erase-1.unreadable"]


def test_a_full_disk_leaves_everything_as_it_was_and_the_order_waiting(fill, triaged, state, config, monkeypatch):
    (theirs,) = fill(eli())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(journal, "write_draft", full)
        assert "the disk is full" in triaged("erase", theirs, code=66, err=True)
    assert "Eliane Moreau" in triaged("show", theirs)
    with open_round(load(config)) as rooms:
        rooms.erase()
    assert traces(state, *ELI) == []
