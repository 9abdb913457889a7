import base64
import gc
import re
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.conftest import open_files
from tests.support import servers
from tests.support.receiver import SECRET, drip, hang_up, receiver, reset, silence
from tests.support.servers import until
from tests.support.values import NOON
from triaged.adapters.paging.webhook import WebhookPager, signature, signing_key
from triaged.config.settings import WebhookSettings
from triaged.config.yaml_source import SettingsError
from triaged.core.case.owner import ToTeam
from triaged.ports import Page, TryLater

BODY = '{"version": 1, "id": "7q4k2m8d@smallest.ai", "state": "1 missed: \u00fc"}'
PAGE = Page(ToTeam("alert", "000001"), NOON, BODY, "7q4k2m8d@smallest.ai")
PATH = "/w4y/p4th?key=qu3ry"


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch):
    """A secret to sign with; afterwards no thread and no socket is left."""
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    gc.collect()  # what earlier tests have let go is gone
    threads, files = threading.active_count(), open_files()
    yield
    # Theirs may still end meanwhile.
    until(lambda: threading.active_count() <= threads and open_files() <= files, what="something was left behind")


def pager_to(receiver, *, within=10.0, clock=lambda: NOON, **settings):
    settings = {"url": receiver + PATH, "secret_env": "WEBHOOK_SECRET", **settings}
    return WebhookPager(WebhookSettings(**settings), clock, within=within)


def failure(pager, page=PAGE):
    """What is said where it fails: one line, with nothing of the URL but its host."""
    with pytest.raises(TryLater) as error:
        pager.page(page)
    said = str(error.value)
    assert said.isprintable()
    assert not any(word in said for word in ("w4y", "p4th", "qu3ry", "whsec", "body"))
    return said


def failing(*answers, within=10.0, tls=None, **settings):
    with receiver(*answers, tls=tls) as server:
        return failure(pager_to(server.url, within=within, **settings))


# What is sent.


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_an_alert_is_posted_as_it_is_and_signed(status):
    with receiver(status) as server:
        pager_to(server.url).page(PAGE)
        (post,) = server.posts
    assert post.line == f"POST {PATH} HTTP/1.1"
    assert post.body == BODY.encode()
    assert post.headers["Content-Type"] == "application/json"
    assert post.headers["Host"] == server.url.removeprefix("http://")
    assert (post.headers["webhook-id"], post.headers["webhook-timestamp"]) == ("7q4k2m8d", str(int(NOON.timestamp())))
    assert post.verified()
    assert not post.verified(f"whsec_{base64.b64encode(bytes(32)).decode()}")


def test_the_signature_is_that_of_the_specification():
    # The example that the libraries of the Standard Webhooks project are tested with.
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_the_documents_say_verifies_it_and_nothing_that_was_changed():
    text = (Path(__file__).resolve().parents[2] / "docs/operations.md").read_text()
    (code,) = re.findall(r"^```python\n((?:(?!```).)*?def verified.+?)^```", text, re.MULTILINE | re.DOTALL)
    names = {}
    exec(code, names)  # noqa: S102 - our own
    with receiver() as server:
        clock = iter(datetime.now(UTC) - timedelta(minutes=minutes) for minutes in (0, 6))
        pager = pager_to(server.url, clock=lambda: next(clock))
        pager.page(PAGE)
        pager.page(PAGE)
    fresh, old = server.posts
    assert names["verified"](SECRET, fresh.headers, fresh.body)
    assert not names["verified"](SECRET, fresh.headers, fresh.body + b" ")
    assert not names["verified"](f"{SECRET[:-8]}AAAAAAA=", fresh.headers, fresh.body)
    assert not names["verified"](SECRET, old.headers, old.body)


def test_it_is_sent_again_under_the_same_id_with_the_time_of_that_sending():
    clock = iter((NOON, NOON + timedelta(minutes=1)))
    with receiver(500, 200) as server:
        pager = pager_to(server.url, clock=lambda: next(clock))
        assert failure(pager) == "127.0.0.1 answered 500"
        pager.page(PAGE)
        first, second = server.posts
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 60
    assert first.verified()
    assert second.verified()


def test_a_large_alert_goes_over_whole():
    page = Page(ToTeam("alert", "000001"), NOON, "\u00fc" * 3_000_000, "7q4k2m8d@smallest.ai")
    with receiver() as server:
        pager_to(server.url).page(page)
        (post,) = server.posts
    assert post.body == page.body.encode()
    assert post.verified()


@pytest.mark.parametrize(("path", "target"), [("", "/"), ("/", "/"), ("?a=b", "/?a=b"), ("/a%20b//c;d?e=/?@", None)])
def test_any_path_is_asked_for_as_it_is_written(path, target):
    with receiver() as server:
        pager_to(server.url, url=server.url + path).page(PAGE)
        (post,) = server.posts
    assert post.line == f"POST {target or path} HTTP/1.1"


def test_no_proxy_of_the_environment_is_asked(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with receiver() as server:
        pager_to(server.url).page(PAGE)
        assert len(server.posts) == 1


# The secret.


def test_a_changed_secret_is_used_at_the_next_alert(monkeypatch):
    other = f"whsec_{base64.b64encode(b'x' * 24).decode()}"
    with receiver() as server:
        pager = pager_to(server.url)
        pager.page(PAGE)
        monkeypatch.setenv("WEBHOOK_SECRET", other)
        pager.page(PAGE)
        first, second = server.posts
    assert (first.verified(), second.verified()) == (True, False)
    assert second.verified(other)


def test_without_its_secret_nothing_is_sent(monkeypatch):
    monkeypatch.delenv("WEBHOOK_SECRET")
    with receiver() as server:
        said = failure(pager_to(server.url))
        assert server.posts == []
    assert said == "$WEBHOOK_SECRET is not set, and 127.0.0.1 needs its secret from there"


@pytest.mark.parametrize("octets", [24, 25, 26, 32, 64])
def test_a_secret_may_lack_the_padding_of_its_base64(octets):
    coded = base64.b64encode(bytes(range(octets))).decode()
    assert signing_key(f"whsec_{coded}") == signing_key(f"whsec_{coded.rstrip('=')}") == bytes(range(octets))


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "correct horse battery staple, and some more",
        SECRET.removeprefix("whsec_"),
        f"whsec_{base64.b64encode(bytes(23)).decode()}",
        f"whsec_{base64.b64encode(bytes(65)).decode()}",
        f"{SECRET}=",
        f"{SECRET} ",
        f"{SECRET[:-4]}-_-_",
        f"{SECRET[:-4]}\u00fc\u00fc\u00fc\u00fc",
    ],
)
def test_what_is_no_secret_is_said_with_how_to_make_one(secret):
    with pytest.raises(SettingsError) as error:
        signing_key(secret)
    assert str(error.value) == (
        "the secret of alerts.webhook must be whsec_ and the base64 of 24 to 64 bytes; "
        "make one with: echo whsec_$(openssl rand -base64 32)"
    )


# What is answered.


@pytest.mark.parametrize("status", [400, 401, 404, 410, 413, 429, 500, 502, 503, 504, 999])
def test_any_other_status_is_a_failure_that_names_it(status):
    assert failing(status) == f"127.0.0.1 answered {status}"


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    with receiver(status) as server:
        said = failure(pager_to(server.url))
        assert len(server.posts) == 1
    assert said == f"127.0.0.1 answered {status}, a redirect, and those are not followed"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200\r\n\r\n",
        b"HTTP/1.1 200 \xff\xfe",
        b"HTTP/1.1 200 OK\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 5_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: x\r\n" * 100_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000,
        b"HTTP/1.1 200 OK\r\n\tno field\r\n\x00\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 20 + b"HTTP/1.1 200 OK\r\n\r\n",
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: xxxx"),
    ],
)
def test_the_status_alone_counts_whatever_comes_after_it(answer):
    with receiver(answer) as server:
        assert pager_to(server.url).page(PAGE) is None
        assert server.posts[0].verified()


@pytest.mark.parametrize(
    "answer",
    [
        b"220 mail.example ESMTP body\r\n",
        b"200 OK\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1  200 OK\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"\xff" * 5_000_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000,
        b"HTTP/1.1 100 " + b"x" * 5_000_000,
    ],
)
def test_what_is_not_http_is_called_so(answer):
    assert failing(answer) == "127.0.0.1 does not answer in HTTP; check the port"


@pytest.mark.parametrize("answer", [hang_up, reset, b"HTTP/1.1 20", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_half_an_answer_is_none(answer):
    assert failing(answer) == "127.0.0.1: it hung up without an answer"


def test_an_answer_before_all_was_said_is_heard():
    page = Page(ToTeam("alert", "000001"), NOON, "x" * 50_000_000, "7q4k2m8d@smallest.ai")

    def too_large(connection):
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Content Too Large\r\n\r\n")

    with one_that(too_large) as url:
        assert failure(pager_to(url), page) == "127.0.0.1 answered 413"


class InPieces:
    """A connection that gives what is said in these pieces and then hangs up."""

    def __init__(self, pieces):
        self.pieces = [piece for piece in pieces if piece]

    def settimeout(self, _seconds): ...

    def recv(self, most):
        if not self.pieces:
            return b""
        first = self.pieces.pop(0)
        if first[most:]:
            self.pieces.insert(0, first[most:])
        return first[:most]


def status_of(pieces):
    return pager_to("http://localhost")._status(InPieces(pieces), time.monotonic() + 60)


@given(
    interim=st.lists(st.sampled_from([b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 x\r\nA: HTTP/1.1 200\r\n\r\n"])),
    status=st.integers(200, 999),
    cuts=st.lists(st.integers(0, 400)),
)
def test_an_answer_reads_the_same_however_it_is_cut(interim, status, cuts):
    said = b"".join(interim) + b"HTTP/1.1 %d x\r\n\r\n" % status
    places = [0, *sorted(cuts), len(said)]
    assert status_of([said[begin:end] for begin, end in pairwise(places)]) == status


@given(st.lists(st.one_of(st.binary(), st.sampled_from([b"HTTP/1.1 ", b"200", b"100", b" ", b"\r\n", b"\r\n\r\n"]))))
def test_whatever_is_said_is_a_status_or_one_of_two_failures(pieces):
    try:
        status = status_of(pieces)
    except (TryLater, ConnectionResetError):
        return
    assert b"HTTP/1." in b"".join(pieces)
    assert b" %d" % status in b"".join(pieces)


# Time.


@pytest.mark.parametrize(
    "conduct", [silence, drip(b"HTTP/1.1 100 "), drip(b"HTTP/1.1 200")], ids=["silence", "1xx", "2"]
)
def test_one_that_says_nothing_or_too_little_is_not_waited_for_longer_than_allowed(conduct):
    begun = time.monotonic()
    assert failing(conduct, within=0.3) == "127.0.0.1: no answer in time; check host, port and firewall"
    assert time.monotonic() - begun < 5


@contextmanager
def one_that(conducts):
    """A server of no protocol at all: gives its URL, and does so with its connections."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            with listening.accept()[0] as connection, suppress(OSError):
                connection.settimeout(20)
                conducts(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(20)


def test_one_that_takes_nothing_is_not_waited_for_longer_either():
    ended = threading.Event()
    page = Page(ToTeam("alert", "000001"), NOON, "x" * 50_000_000, "7q4k2m8d@smallest.ai")
    with one_that(lambda _: ended.wait(20)) as url:
        assert "no answer in time" in failure(pager_to(url, within=0.5), page)
        ended.set()


def test_one_that_takes_a_little_now_and_then_is_not_waited_for_longer_either():
    page = Page(ToTeam("alert", "000001"), NOON, "x" * 50_000_000, "7q4k2m8d@smallest.ai")

    def sip(connection):
        while connection.recv(100_000):
            time.sleep(0.02)

    with one_that(sip) as url:
        assert "no answer in time" in failure(pager_to(url, within=0.5), page)


def test_a_handshake_that_trickles_is_not_waited_for_longer_either():
    ended = threading.Event()

    def trickle(connection):
        # The beginning of a record of 16 kB, which never comes to its end.
        connection.sendall(b"\x16\x03\x03\x40\x00")
        while not ended.wait(0.02):
            connection.sendall(b"\x02")

    with one_that(trickle) as url:
        begun = time.monotonic()
        said = failure(pager_to(url.replace("http:", "https:"), within=0.3))
        assert time.monotonic() - begun < 2.5
        ended.set()
    assert said == "127.0.0.1: no answer in time; check host, port and firewall"


def test_a_name_that_is_looked_up_for_ever_is_not_waited_for(monkeypatch):
    found, look = threading.Event(), socket.getaddrinfo

    def looking(*arguments, **options):
        found.wait(20)
        return look(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", looking)
    with receiver() as server:
        threads = threading.active_count()
        assert (
            failure(pager_to(server.url, within=0.3)) == "127.0.0.1: no answer in time; check host, port and firewall"
        )
        # Who is connected when nobody waits any more hangs up at once.
        found.set()
        until(lambda: threading.active_count() == threads, what="it never connected")
        assert server.posts == []


def test_one_that_is_not_there_is_named_with_what_to_look_at():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    said = "127.0.0.1: the connection was refused; check port, and whether the server runs"
    assert failure(pager_to(url)) == said
    assert failure(pager_to("https://nowhere.invalid")) == "nowhere.invalid: the host name is not known; check host"


# An abort.


def aborted(pager, ready):
    """What the call under way says when it is aborted once it is so far."""
    said = []
    thread = threading.Thread(target=lambda: said.append(failure(pager)))
    thread.start()
    until(ready, what="it never came so far")
    pager.abort()
    thread.join(5)
    assert not thread.is_alive()
    return said


def test_an_abort_ends_the_call_under_way_and_every_later_one():
    with receiver(silence) as server:
        pager = pager_to(server.url, within=60.0)
        assert aborted(pager, lambda: server.posts) == ["127.0.0.1: not told: triaged is stopping"]
        assert failure(pager) == "127.0.0.1: not told: triaged is stopping"
        assert len(server.posts) == 1


def test_an_abort_ends_a_call_over_tls(tls):
    with receiver(silence, tls=tls.context) as server:
        pager = pager_to(server.url, within=60.0, ca_file=tls.certificate)
        assert aborted(pager, lambda: server.posts) == ["localhost: not told: triaged is stopping"]


def test_an_abort_ends_a_handshake():
    greeted, ended = threading.Event(), threading.Event()

    def hang(connection):
        connection.recv(1)
        greeted.set()
        ended.wait(20)

    with one_that(hang) as url:
        pager = pager_to(url.replace("http:", "https:"), within=60.0)
        assert aborted(pager, greeted.is_set) == ["127.0.0.1: not told: triaged is stopping"]
        ended.set()


def test_an_abort_ends_the_wait_for_a_name(monkeypatch):
    asked, found = threading.Event(), threading.Event()

    def looking(*_arguments, **_options):
        asked.set()
        found.wait(20)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", looking)
    pager = pager_to("https://hooks.example.com", within=60.0)
    assert aborted(pager, asked.is_set) == ["hooks.example.com: not told: triaged is stopping"]
    found.set()


# TLS.


class Tls:
    def __init__(self, folder):
        self.certificate = folder / "cert.pem"
        servers._self_signed(folder / "key.pem", self.certificate)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, folder / "key.pem")


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    servers.need("openssl")
    return Tls(tmp_path_factory.mktemp("tls"))


def test_an_authority_of_ones_own_is_trusted_where_it_is_named(tls):
    with receiver(200, tls=tls.context) as server:
        pager_to(server.url, ca_file=tls.certificate).page(PAGE)
        (post,) = server.posts
    assert post.verified()
    assert post.headers["Host"].startswith("localhost:")


def test_a_large_alert_goes_over_whole_by_tls(tls):
    page = Page(ToTeam("alert", "000001"), NOON, "x" * 3_000_000, "7q4k2m8d@smallest.ai")
    with receiver(200, tls=tls.context) as server:
        pager_to(server.url, ca_file=tls.certificate).page(page)
        assert server.posts[0].body == page.body.encode()


def test_a_certificate_that_nobody_vouches_for_is_refused(tls):
    with receiver(200, tls=tls.context) as server:
        said = failure(pager_to(server.url))
        assert server.posts == []
    assert said.startswith("localhost: its certificate cannot be trusted (self-signed certificate)")


def test_a_certificate_for_another_host_is_refused(tls):
    with receiver(200, tls=tls.context) as server:
        said = failure(pager_to(server.url.replace("localhost", "127.0.0.1"), ca_file=tls.certificate))
        assert server.posts == []
    assert "use the host name that the certificate is for" in said


def test_a_ca_file_that_is_not_there_says_so(tls, tmp_path):
    assert failing(200, tls=tls.context, ca_file=tmp_path / "none.pem") == "localhost: ca_file is not there"


def test_tls_to_a_receiver_that_speaks_none_says_what_to_check():
    with receiver(200) as server:
        said = failure(pager_to(server.url.replace("http:", "https:")))
    assert re.fullmatch(r"127\.0\.0\.1: TLS failed \(.+\); check port and security", said)


def test_one_that_takes_a_little_now_and_then_by_tls_is_not_waited_for_longer_than_allowed(tls):
    page = Page(ToTeam("alert", "000001"), NOON, "x" * 50_000_000, "7q4k2m8d@smallest.ai")

    def sip(plain):
        with tls.context.wrap_socket(plain, server_side=True) as connection:
            # So much that there is soon room for more: it goes on, and takes too long all the same.
            while all(connection.recv(16_384) for _ in range(20)):
                time.sleep(0.02)

    with one_that(sip) as url:
        begun = time.monotonic()
        pager = pager_to(url.replace("http://127.0.0.1", "https://localhost"), within=0.3, ca_file=tls.certificate)
        assert "no answer in time" in failure(pager, page)
        assert time.monotonic() - begun < 2.5


@pytest.mark.parametrize("conduct", [silence, drip(b"HTTP/1.1 100 ")], ids=["silence", "drip"])
def test_one_that_hangs_behind_tls_is_not_waited_for_longer_than_allowed(tls, conduct):
    assert "no answer in time" in failing(conduct, within=0.5, tls=tls.context, ca_file=tls.certificate)
