"""Private servers for tests: Debian's dovecot and postfix, and a scripted SMTP sink, all on loopback with free ports."""

import imaplib
import os
import pwd
import random
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

PASSWORD = "correct horse"
DOMAIN = "smallest.ai"


def need(*programs: str) -> None:
    """Skip with the reason where a server is not installed; in CI that is a failure."""
    search = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    missing = [program for program in programs if not shutil.which(program, path=search)]
    if os.geteuid() != 0:
        missing.append("root, which dovecot and postfix start as")
    if missing and os.environ.get("CI"):
        pytest.fail(f"missing in CI: {', '.join(missing)}")
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (apt-get install dovecot-imapd dovecot-lmtpd postfix clamav-daemon)")


@contextmanager
def clamd(signatures: str):
    """Debian's clamd with these signatures (lines of a .hdb file) and no others; gives the path of its socket, a short one."""
    need("clamd")
    with tempfile.TemporaryDirectory(prefix="tc") as folder:
        place, database = Path(folder) / "clamd.ctl", Path(folder) / "database"
        database.mkdir()
        (database / "test.hdb").write_text(signatures)
        config = Path(folder) / "clamd.conf"
        config.write_text(f"LocalSocket {place}\nDatabaseDirectory {database}\nForeground yes\nUser root\n")
        process = subprocess.Popen(["clamd", "-c", config], stdout=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 30
            while not place.exists() and time.monotonic() < until:
                time.sleep(0.05)
            yield place
        finally:
            process.terminate()
            process.wait(20)


_PORTS = list(range(10_000, 32_000))
_PICKING = threading.Lock()


def free_port() -> int:
    """A port that nobody listens on, below those that connections are made from: none of them can take it meanwhile."""
    while True:
        with _PICKING, suppress(OSError), socket.socket() as probe:
            port = random.choice(_PORTS)
            probe.bind(("127.0.0.1", port))
            _PORTS.remove(port)
            return port


def wait_for(port: int, what: str, within: float = 15) -> None:
    until = time.monotonic() + within
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{what} does not answer on port {port}")


class Dovecot:
    """IMAP and LMTP. Every user name is a mailbox of its own with the one password."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.tls_port, self.lmtp_port = free_port(), free_port(), free_port()
        self.ca_file = folder / "cert.pem"
        (folder / "mail").mkdir(parents=True)
        shutil.chown(folder / "mail", "nobody")
        _reachable(folder)
        _self_signed(folder / "key.pem", self.ca_file)
        (folder / "dovecot.conf").write_text(self._config())
        self.start()

    def _config(self) -> str:
        nobody = pwd.getpwnam("nobody")
        return f"""
            base_dir = {self.folder}/run
            log_path = {self.folder}/log
            protocols = imap lmtp
            listen = 127.0.0.1
            ssl = yes
            ssl_cert = <{self.ca_file}
            ssl_key = <{self.folder}/key.pem
            disable_plaintext_auth = no
            auth_failure_delay = 0
            first_valid_uid = 1
            mail_location = maildir:~/Maildir
            mail_max_userip_connections = 100
            passdb {{
              driver = static
              args = password={PASSWORD.replace(" ", "_")}
            }}
            userdb {{
              driver = static
              args = uid={nobody.pw_uid} gid={nobody.pw_gid} home={self.folder}/mail/%n
            }}
            service imap-login {{
              inet_listener imap {{
                port = {self.port}
              }}
              inet_listener imaps {{
                port = {self.tls_port}
                ssl = yes
              }}
            }}
            service lmtp {{
              inet_listener lmtp {{
                address = 127.0.0.1
                port = {self.lmtp_port}
              }}
            }}
            protocol lmtp {{
              postmaster_address = postmaster@{DOMAIN}
            }}
        """

    @property
    def password(self) -> str:
        return PASSWORD.replace(" ", "_")

    def start(self) -> None:
        command = ["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")]
        # Its children would hold a pipe of ours open for ever: they write to their log.
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        wait_for(self.port, "dovecot")

    def stop(self) -> None:
        """Stop the whole process group: sessions end with their server, as in a crash."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)
            os.killpg(self.process.pid, signal.SIGKILL)

    @contextmanager
    def session(self, user: str):
        client = imaplib.IMAP4("127.0.0.1", self.port)
        try:
            client.login(user, self.password)
            yield client
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                client.logout()

    def append(self, user: str, raw: bytes, when: datetime | None = None, folder: str = "INBOX") -> None:
        stamp = imaplib.Time2Internaldate(when or datetime.now(UTC))
        with self.session(user) as client:
            answer = client.append(folder, "", stamp, raw)
            assert answer[0] == "OK", answer

    def create(self, user: str, folder: str) -> None:
        with self.session(user) as client:
            assert client.create(folder)[0] == "OK"

    def delete(self, user: str, folder: str) -> None:
        with self.session(user) as client:
            assert client.delete(folder)[0] == "OK"

    def flags(self, user: str, folder: str = "INBOX") -> list[str]:
        """What `FETCH FLAGS` says of each message, but for \\Recent, which any session may take."""
        with self.session(user) as client:
            client.select(folder, readonly=True)
            _, lines = client.fetch("1:*", "(UID FLAGS)")
        return [line.decode().replace("\\Recent", "").replace("( ", "(").replace(" )", ")") for line in lines if line]

    def count(self, user: str, folder: str = "INBOX") -> int:
        with self.session(user) as client:
            return int(client.select(folder, readonly=True)[1][0])


def _reachable(folder: Path) -> None:
    """Let the servers' own users walk in: a fresh temporary folder is root's alone."""
    for parent in (folder, *folder.parents):
        if parent.owner() == "root" and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o711)


def _self_signed(key: Path, certificate: Path) -> None:
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)


@contextmanager
def dovecot(folder: Path):
    need("dovecot", "openssl")
    server = Dovecot(folder)
    try:
        yield server
    finally:
        server.stop()


class SmtpSink(Controller):
    """Takes mail and keeps it; answers as `script` says: a verb to a list of answers, used up one by one."""

    def __init__(self, script: dict[str, list[str]] | None = None, **options: object) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.script = script or {}
        super().__init__(self, hostname="127.0.0.1", port=free_port(), ready_timeout=30, **options)

    def _scripted(self, verb: str) -> str | None:
        answers = self.script.get(verb)
        return answers.pop(0) if answers else None

    async def handle_MAIL(self, _server, session, envelope, address, _options):  # noqa: N802 - aiosmtpd's name
        if answer := self._scripted("MAIL"):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, _server, session, envelope, address, _options):  # noqa: N802 - aiosmtpd's name
        if answer := self._scripted("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        answer = self._scripted("DATA") or "250 taken"
        if answer.startswith("250") or answer == "taken, then hung up":
            self.mails.append(
                ((envelope.mail_from or "").strip("<>"), list(envelope.rcpt_tos), envelope.original_content)
            )
        if answer.endswith("hung up"):
            server.transport.abort()
        return answer


@contextmanager
def smtp_sink(script: dict[str, list[str]] | None = None, **options: object):
    sink = SmtpSink(script, **options)
    sink.start()
    try:
        yield sink
    finally:
        sink.stop(no_assert=True)


def accept_only(username: str, password: str):
    """An authenticator for `SmtpSink`."""

    def authenticate(_server, _session, _envelope, _mechanism, data):
        good = (data.login, data.password) == (username.encode(), password.encode())
        return AuthResult(success=good, handled=good or False)

    return authenticate


_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Takes mail on loopback: ours goes to dovecot by LMTP, everybody else's to the sink. It asks no DNS."""

    def __init__(self, folder: Path, lmtp_port: int, sink_port: int) -> None:
        self.folder, self.port = folder, free_port()
        for name in ("etc", "queue", "data"):
            (folder / name).mkdir(parents=True)
        _reachable(folder)
        shutil.chown(folder / "data", "postfix")
        (folder / "etc" / "master.cf").write_text(_MASTER.format(port=self.port))
        (folder / "etc" / "main.cf").write_text(
            f"""
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.{DOMAIN}
mydestination =
mynetworks = 127.0.0.0/8
inet_protocols = ipv4
virtual_mailbox_domains = {DOMAIN}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp_port}
default_transport = smtp:[127.0.0.1]:{sink_port}
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
alias_maps =
alias_database =
"""
        )
        self._command("start")
        wait_for(self.port, "postfix")

    def _command(self, verb: str) -> None:
        command = ["/usr/sbin/postfix", "-c", str(self.folder / "etc"), verb]
        with (self.folder / "commands").open("ab") as said:
            code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False).returncode
        if code and verb == "start":
            raise RuntimeError((self.folder / "commands").read_text())

    def stop(self) -> None:
        self._command("stop")

    def send(self, raw: bytes, sender: str, recipient: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as client:
            client.sendmail(sender, [recipient], raw)


@contextmanager
def postfix(folder: Path, lmtp_port: int, sink_port: int):
    need("postfix")
    server = Postfix(folder, lmtp_port, sink_port)
    try:
        yield server
    finally:
        server.stop()


def until(true, within: float = 15, what: str = "it did not come to pass"):
    """Wait for a condition that another process brings about; return what it gave."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if value := true():
            return value
        time.sleep(0.05)
    raise AssertionError(what)
