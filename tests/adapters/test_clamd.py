import hashlib
import socket
import tempfile
import threading
import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.scripted_clamd import EICAR, scripted_clamd
from tests.support.servers import clamd
from triaged.adapters.clamd import Clamd
from triaged.ports import Refused, TryLater

RAW = b"From: ann@example.org\r\n\r\nIt is broken.\r\n" * 10_000


@pytest.fixture(params=["unix", "tcp"])
def place(request):
    """Keyword arguments of a clamd that listens there. A socket's path has to be short."""
    if request.param == "tcp":
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="tc") as folder:
        yield {"path": Path(folder) / "clamd.ctl"}


@pytest.fixture
def asked(place):
    """Scan with a clamd that answers so; gives it, and what came of it."""

    def scan(*answers, raw=RAW, most=1 << 30, **how):
        with scripted_clamd(*answers, most=most, **place) as clamd:
            scan.clamd = clamd
            return Clamd(clamd.address, **how).scan(raw)

    return scan


def test_a_mail_goes_over_whole_and_clean_is_nothing_found(asked):
    assert asked() == ""
    assert asked.clamd.streams == [RAW]


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 3_000_000])
def test_a_mail_of_any_size_arrives_byte_for_byte(asked, size):
    raw = bytes(number % 251 for number in range(size))
    assert asked(raw=raw) == ""
    assert asked.clamd.streams == [raw]


def test_what_was_found_is_said_by_its_name(asked):
    assert asked(raw=RAW + EICAR) == "Eicar-Signature"


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (
            b"stream: Win.Test(44d88612fea8a8f36de82e1278abb02f:68) FOUND\0",
            "Win.Test(44d88612fea8a8f36de82e1278abb02f:68)",
        ),
        (b"stream: Evil\x1b[2J FOUND\0", "Evil\\x1b[2J"),
        (b"stream:  FOUND\0", "something without a name"),
        (b"stream: " + b"x" * 500 + b" FOUND\0", "x" * 119 + "…"),
    ],
)
def test_its_words_are_shown_short_and_without_tricks(asked, answer, name):
    assert asked(answer) == name


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"stream: OK",
        b"stream: O",
        b"OK\0",
        b"stream: OKAY\0",
        b"stream: NOT OK\0",
        b"stream: Eicar FOUNDATION\0",
        b"stream: Can't allocate memory ERROR\0",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff\xfe\0",
        b"x" * 10_000,
        "reset",
    ],
)
def test_whatever_is_not_an_answer_is_no_verdict(asked, answer):
    with pytest.raises(TryLater, match=r"^clamd at ") as error:
        asked(answer)
    assert str(error.value).isprintable()


def test_a_mail_over_its_size_limit_is_refused_though_it_hangs_up_in_mid_stream(asked):
    with pytest.raises(Refused, match="StreamMaxLength"):
        asked(most=100_000, raw=b"x" * 20_000_000)


def test_one_that_says_nothing_is_not_waited_for_longer_than_allowed(asked):
    begun = time.monotonic()
    with pytest.raises(TryLater, match="no answer in time"):
        asked("silence", within=0.3)
    assert time.monotonic() - begun < 5


def test_one_that_trickles_is_not_waited_for_longer_either():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def trickle():
            connection, _ = listening.accept()
            with connection:
                while not ended.wait(0.05):
                    connection.send(b"x")

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            with pytest.raises(TryLater, match="no answer in time"):
                Clamd(f"127.0.0.1:{listening.getsockname()[1]}", within=0.5).scan(b"x")
        finally:
            ended.set()
            thread.join(5)


def test_one_that_is_not_there_is_named_with_what_to_look_at(tmp_path):
    with pytest.raises(TryLater, match="its socket is not there; does clamd run"):
        Clamd(str(tmp_path / "none")).scan(RAW)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(TryLater, match="the connection was refused; does clamd run"):
        Clamd(f"127.0.0.1:{port}").scan(RAW)


def test_an_abort_ends_the_scan_under_way_and_every_later_one(place):
    with scripted_clamd("silence", **place) as clamd:
        scanner, caught = Clamd(clamd.address, within=60), []

        def scan():
            with pytest.raises(TryLater) as error:
                scanner.scan(RAW)
            caught.append(error.value)

        thread = threading.Thread(target=scan)
        thread.start()
        while not clamd.streams:
            time.sleep(0.01)
        scanner.abort()
        thread.join(5)
        assert len(caught) == 1
        with pytest.raises(TryLater, match="hung up"):
            scanner.scan(RAW)


def test_it_says_its_version(place):
    with scripted_clamd(**place) as clamd:
        assert Clamd(clamd.address).probe() == "ClamAV 1.4.1/27400/Mon Nov 23 09:00:00 2026"


def test_another_server_on_that_port_is_no_clamd():
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet():
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"220 mail.example ESMTP\r\n")
                connection.recv(100)

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(TryLater, match="it is no clamd: to PING it answers '220 mail"):
            Clamd(f"127.0.0.1:{listening.getsockname()[1]}").probe()
        thread.join(5)


@pytest.mark.slow
def test_the_real_one_finds_what_it_has_a_signature_of_and_nothing_else():
    signature = f"{hashlib.md5(EICAR, usedforsecurity=False).hexdigest()}:{len(EICAR)}:Eicar-Test"
    with clamd(f"{signature}\n") as place:
        scanner = Clamd(str(place))
        assert scanner.probe().startswith("ClamAV ")
        assert scanner.scan(RAW) == ""
        mail = EmailMessage()
        mail["From"], mail["Subject"] = "ann@example.org", "A report"
        mail.set_content("See what is attached.")
        mail.add_attachment(EICAR, maintype="application", subtype="octet-stream", filename="a.com")
        assert scanner.scan(mail.as_bytes()).startswith("Eicar-Test")
