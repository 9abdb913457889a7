"""What a sender calls a file never becomes a file: the whole way in, nothing is written but the raw mail and the store."""

from base64 import b64encode
from contextlib import ExitStack, closing

import pytest

from tests.support.fakes import FakeMailbox
from tests.support.rooms import changed
from tests.support.values import fetched, mail
from tests.support.workshop import Workshop
from triaged.adapters.reader.reader import ChildReader
from triaged.service.delivery import deliver
from triaged.service.intake import take_in

pytestmark = pytest.mark.slow

NAMES = (
    "../../planted",
    "..\\..\\planted",
    "{outside}/planted",
    "spool/../../planted",
    "\u200b.htaccess",
    ".htaccess",
    "planted\0.txt",
    "planted\r\n.txt",
    "%2e%2e%2fplanted",
    "~/planted",
    "CON",
    "a" * 5000,
    "",
    "{inside}/key",
    "{inside}/spool/planted",
    "-rf",
    "$(touch planted)",
    "`touch planted`",
    "|touch planted",
    "planted.svg\u202e",
)


def with_file(number: int, name: str) -> bytes:
    """A report with a file of that name, in the ways in which mail can say it: raw, as RFC 2231, as an encoded word."""
    raw = name.encode()
    percent = "".join(f"%{byte:02X}" for byte in raw)
    quoted = raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    word = f"=?utf-8?b?{b64encode(raw).decode()}?="
    head = mail(number, more='MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n')
    ways = (
        b'filename="' + quoted + b'"',
        f"filename*=utf-8''{percent}".encode(),
        f'filename="{word}"'.encode(),
    )
    parts = b"".join(
        b"--b\r\nContent-Type: image/svg+xml\r\nContent-Disposition: attachment; "
        + way
        + b"\r\n\r\n<svg onload='x'/>\r\n"
        for way in ways
    )
    return head + b"\r\n\r\n" + parts + b"--b--\r\n"


def tree(folder) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_hostile_names_create_nothing_outside_the_spool_and_nothing_of_theirs_in_it(tmp_path, monkeypatch):
    inside, here = tmp_path / "var" / "lib" / "state", tmp_path / "home" / "a" / "b"
    inside.parent.mkdir(parents=True)
    here.mkdir(parents=True)
    for name in ("HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(here))
    monkeypatch.chdir(here)
    raws = [
        with_file(number, name.replace("{outside}", str(tmp_path)).replace("{inside}", str(inside)))
        for number, name in enumerate(NAMES)
    ]
    with ExitStack() as stack:
        rooms = changed(
            Workshop(inside).open(stack),
            mailbox=FakeMailbox(*(fetched(raw, uid) for uid, raw in enumerate(raws, 1))),
            reader=stack.enter_context(closing(ChildReader())),
        )
        key, before = (inside / "key").read_bytes(), tree(tmp_path)
        settled = take_in(rooms.mailrooms[0])
        deliver(rooms.outgoing)
        after = tree(tmp_path)
        cases = list(rooms.under_way.store.cases())
        assert (inside / "key").read_bytes() == key
    assert len(cases) == len(settled) == len(NAMES)
    # What was asked for was there to be seen: the names came through as names.
    shown = [part.filename for case in cases for part in case.opening.attachments]
    assert len(shown) >= 2 * len(NAMES)
    assert shown.count("planted") > 5
    assert "\\u200b.htaccess" in shown
    assert all("script in it" in part.warnings for case in cases for part in case.opening.attachments)
    spooled = {f"var/lib/state/spool/{each.arrival.sha256}" for each in settled}
    assert after - before - spooled <= {"var/lib/state/journal.jsonl", "var/lib/state/cases.json"}
    assert before <= after
