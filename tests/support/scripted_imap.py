"""An IMAP server that misbehaves by script: one folder, one thread a connection, and what IMAP4rev1 our client speaks.

`script` maps a verb (`GREETING`, `LOGIN`, `UID FETCH`, `DONE`, ...) to faults, used up one by one:
    "silence"             says nothing more, and hears nothing more
    "hang up", "reset"    ends the connection, or has the kernel reset it
    "BYE why"             says so and hangs up
    "NO why", "BAD why"   that, in place of the answer
    a stream              (tests.support.streams) that, until the client has gone
    anything else         said before the right answer, as it is
`broken` maps a UID to what is wrong with its body for good, and `fail_at` puts one fault at the nth command of all.
"""

import re
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.support.streams import Stream, drip, said_for_ever


@dataclass
class Letter:
    uid: int
    raw: bytes
    at: datetime
    flags: set[str] = field(default_factory=set)
    internaldate: str = ""
    """What the server says of `at`, where it lies."""


class HungUp(Exception):  # noqa: N818 - what happened
    """This connection is over."""


class ScriptedImap:
    def __init__(self, capabilities: str = "IDLE MOVE UIDPLUS", *, keywords: bool = True) -> None:
        self.capabilities, self.keywords = capabilities, keywords
        self.script: dict[str, list[str | Stream]] = {}
        self.broken: dict[int, str] = {}
        self.after: dict[str, Callable[[], None]] = {}
        """What happens once, behind the client's back, when a verb has been answered."""
        self.fail_at: tuple[int, str] | None = None
        self.tls: ssl.SSLContext | None = None
        self.uidvalidity, self.uidnext = 1, 1
        self.letters: list[Letter] = []
        self.folders = [b'"INBOX"']
        self.filed: list[bytes] = []
        self.verbs: list[str] = []
        self.open, self.most_open = 0, 0
        self._lock = threading.Condition()
        self._connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._run(self._accept)

    def deliver(self, raw: bytes, at: datetime | None = None) -> Letter:
        with self._lock:
            letter = Letter(self.uidnext, raw, at or datetime.now(UTC))
            self.letters.append(letter)
            self.uidnext += 1
            return letter

    def expunge(self, uid: int) -> None:
        with self._lock:
            self.letters = [letter for letter in self.letters if letter.uid != uid]

    def renumber(self, uidvalidity: int) -> None:
        """The same mails under other numbers."""
        with self._lock:
            self.uidvalidity, self.uidnext = uidvalidity, len(self.letters) + 1
            for uid, letter in enumerate(self.letters, 1):
                letter.uid = uid

    def count(self, verb: str) -> int:
        return self.verbs.count(verb)

    def quiet(self) -> None:
        with self._lock:
            assert self._lock.wait_for(lambda: self.open == 0, timeout=15), "a connection was left open"

    def stop(self) -> None:
        # accept() on a socket that is only closed would wait on.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def next_fault(self, verb: str) -> str | Stream:
        self.verbs.append(verb)
        if self.fail_at and len(self.verbs) == self.fail_at[0]:
            return self.fail_at[1]
        waiting = self.script.get(verb)
        return waiting.pop(0) if waiting else ""

    def _run(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._run(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # One that the client has closed just now is not held against it.
        with self._lock:
            self._lock.wait_for(lambda: self.open == 0, timeout=2)
            self._connections.add(connection)
            self.open += 1
            self.most_open = max(self.most_open, self.open)
        try:
            with connection, closing(_Talk(self, connection)) as talk, suppress(HungUp, OSError):
                talk.run()
        finally:
            with self._lock:
                self._connections.discard(connection)
                self.open -= 1
                self._lock.notify_all()


class _Talk:
    def __init__(self, server: ScriptedImap, connection: socket.socket) -> None:
        self._server, self._connection = server, connection
        self._unread = b""
        self._exists = 0
        self._tag = ""

    def close(self) -> None:
        """Also the socket that TLS put in place of the first."""
        self._connection.close()

    def run(self) -> None:
        if "STARTTLS" not in self._server.capabilities:
            self._misbehaves("HANDSHAKE")
            self._encrypt()
        if not self._misbehaves("GREETING"):
            self._say("* OK ready")
        while True:
            self._tag, _, command = self._line().partition(" ")
            verb = " ".join(command.upper().split()[: 2 if command.upper().startswith("UID ") else 1])
            if not self._misbehaves(verb):
                self._answer(verb, command)
            if happens := self._server.after.pop(verb, None):
                happens()

    def _misbehaves(self, verb: str) -> bool:
        fault = self._server.next_fault(verb)
        if callable(fault):
            said_for_ever(self._connection, fault)
            raise HungUp
        if fault in {"silence", "reset", "hang up"}:
            self._leave(fault)
        if fault.startswith("BYE"):
            self._say(f"* {fault}")
            raise HungUp
        if fault.startswith(("NO", "BAD")):
            self._say(f"{self._tag} {fault}" if self._tag else f"* {fault}")
            return True
        if fault:
            self._say(fault)
        return False

    def _leave(self, how: str) -> None:
        if how == "silence":
            while self._connection.recv(4096):
                pass
        if how == "reset":
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise HungUp

    def _answer(self, verb: str, command: str) -> None:
        method = getattr(self, f"_{verb.lower().replace(' ', '_')}", None)
        if method:
            method(command)
        else:
            self._say(f"{self._tag} BAD no such command")

    def _done(self, words: str = "done") -> None:
        self._say(f"{self._tag} OK {words}")

    def _capability(self, _command: str) -> None:
        self._say(f"* CAPABILITY IMAP4rev1 {self._server.capabilities}")
        self._done()

    def _starttls(self, _command: str) -> None:
        self._done("begin")
        self._misbehaves("HANDSHAKE")
        self._encrypt()

    def _encrypt(self) -> None:
        if self._server.tls:
            self._connection = self._server.tls.wrap_socket(self._connection, server_side=True)

    def _login(self, _command: str) -> None:
        self._done("logged in")

    def _logout(self, _command: str) -> None:
        self._say("* BYE farewell", f"{self._tag} OK done")
        raise HungUp

    def _list(self, _command: str) -> None:
        for name in self._server.folders:
            self._send(b'* LIST (\\HasNoChildren) "/" ' + name + b"\r\n")
        self._done()

    def _select(self, command: str) -> None:
        server = self._server
        if '"INBOX"' not in command:
            self._say(f"{self._tag} NO no such folder")
            return
        self._exists = len(server.letters)
        self._say("* FLAGS (\\Seen \\Deleted)", f"* {self._exists} EXISTS", "* 0 RECENT")
        anything = " \\*" if server.keywords else ""
        self._say(f"* OK [PERMANENTFLAGS (\\Seen \\Deleted{anything})] kept")
        self._say(f"* OK [UIDVALIDITY {server.uidvalidity}] valid", f"* OK [UIDNEXT {server.uidnext}] next")
        self._done("[READ-ONLY] open" if command.upper().startswith("EXAMINE") else "[READ-WRITE] open")

    _examine = _select

    def _noop(self, _command: str) -> None:
        self._tell()
        self._done()

    def _tell(self) -> None:
        if len(self._server.letters) != self._exists:
            self._exists = len(self._server.letters)
            self._say(f"* {self._exists} EXISTS")

    def _idle(self, _command: str) -> None:
        self._say("+ idling")
        while not select.select([self._connection], [], [], 0.02)[0] and not self._unread:
            self._tell()
        assert self._line() == "DONE"
        if not self._misbehaves("DONE"):
            self._done()

    def _uid_search(self, command: str) -> None:
        letters = self._server.letters
        if above := re.search(r"UID (\d+):\*", command[4:]):
            # The last one matches even when its UID is lower.
            found = [each.uid for each in letters if each.uid >= int(above[1])] or [each.uid for each in letters][-1:]
        else:
            since = datetime.strptime(command.rsplit(maxsplit=1)[-1], "%d-%b-%Y").replace(tzinfo=UTC)
            found = [each.uid for each in letters if each.at >= since]
        self._say(" ".join(["* SEARCH", *map(str, found)]))
        self._done()

    def _uid_fetch(self, command: str) -> None:
        asked = {int(uid) for uid in command.split()[2].split(",")}
        for number, letter in enumerate(list(self._server.letters), 1):
            if letter.uid in asked and "BODY.PEEK" not in command:
                at = letter.at.astimezone(UTC).strftime("%d-%b-%Y %H:%M:%S +0000")
                head = f"* {number} FETCH (UID {letter.uid} RFC822.SIZE {len(letter.raw)} INTERNALDATE"
                self._say(f'{head} "{letter.internaldate or at}")')
            elif (
                letter.uid in asked and "]<0." in command and self._server.broken.get(letter.uid) in {None, "too slow"}
            ):
                begun = letter.raw[: int(re.search(r"<0\.(\d+)>", command)[1])]
                self._send(b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (number, letter.uid, len(begun), begun))
            elif letter.uid in asked and self._body(number, letter, self._server.broken.get(letter.uid, "")):
                return
        self._done()

    def _body(self, number: int, letter: Letter, fault: str) -> bool:
        """True if that was the whole answer."""
        head, raw = f"* {number} FETCH (UID {letter.uid} BODY[] ", letter.raw
        if fault.startswith(("NO", "BAD")):
            self._say(f"{self._tag} {fault}")
            return True
        if fault in {"hang up", "BYE", "cut"}:
            self._send(head.encode() + b"{%d}\r\n" % len(raw) + raw[: len(raw) // 2])
            self._say("* BYE out of memory") if fault == "BYE" else None
            raise HungUp
        if fault == "too slow":
            said_for_ever(self._connection, drip(head.encode() + b"{%d}\r\nx" % len(raw)))
        if fault == "silence":
            self._send(head.encode() + b"{%d}\r\n" % len(raw) + raw[:10])
            while self._connection.recv(4096):
                pass
            raise HungUp
        announced = {"short": len(raw) - 7, "long": len(raw) + 7, "huge": 10**15}.get(fault, len(raw))
        literal = b"{%d}\r\n%s" % (announced, raw)
        self._send(head.encode() + {"NIL": b"NIL", "empty": b"{0}\r\n", "quoted": b'""'}.get(fault, literal) + b")\r\n")
        return False

    def _uid_store(self, command: str) -> None:
        _, _, uid, _, *flags = command.split()
        for letter in self._of(uid):
            letter.flags |= {flag.strip("()") for flag in flags}
        self._done()

    def _uid_copy(self, command: str) -> None:
        self._server.filed += [letter.raw for letter in self._of(command.split()[2])]
        self._done()

    def _uid_move(self, command: str) -> None:
        self._server.filed += [letter.raw for letter in self._of(command.split()[2])]
        self._uid_expunge(command)

    def _uid_expunge(self, command: str) -> None:
        for letter in self._of(command.split()[2]):
            self._server.expunge(letter.uid)
        self._done()

    def _of(self, uid: str) -> list[Letter]:
        return [letter for letter in self._server.letters if letter.uid == int(uid)]

    def _line(self) -> str:
        while b"\r\n" not in self._unread:
            more = self._connection.recv(65536)
            if not more:
                raise HungUp
            self._unread += more
        line, _, self._unread = self._unread.partition(b"\r\n")
        return line.decode()

    def _say(self, *lines: str) -> None:
        self._send("".join(f"{line}\r\n" for line in lines).encode())

    def _send(self, raw: bytes) -> None:
        self._connection.sendall(raw)
