"""An SMTP server that answers as a test scripts it."""

import socket
import threading
from contextlib import contextmanager, suppress

from tests.support.streams import said_for_ever


class Script:
    """An SMTP server of a few lines that answers as told, counts its sessions and keeps what it was sent.

    `answers` is from a verb (`dot` for the end of the content, `connect`) to answers used up one by one; an empty one hangs
    up, and one of `tests.support.streams` is said until the client has gone.
    """

    def __init__(self, **answers):
        self.answers = {"dot" if verb == "dot" else verb.upper(): list(each) for verb, each in answers.items()}
        self.sessions = 0
        self.commands = []
        self.contents = []
        self.deaf = False
        """True if it reads nothing of a content until the other side has gone."""
        self.gone = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                self.sessions += 1
                self.connection = connection
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with suppress(OSError), connection, connection.makefile("rwb") as stream:
            if not self._say(stream, "CONNECT", "220 ready"):
                return
            for line in iter(stream.readline, b""):
                command = line.decode("utf-8", "replace").strip()
                self.commands.append(command)
                verb = command.split(" ")[0].upper()
                said = self._say(stream, verb, {"DATA": "354 go", "QUIT": "221 bye"}.get(verb, "250 ok"))
                if verb == "DATA" and self.deaf:
                    self.gone.wait(60)
                if not said or self.gone.is_set():
                    return
                if said.startswith("354"):
                    self.contents.append(_content(stream))
                    if not self._say(stream, "dot", "250 taken"):
                        return

    def _say(self, stream, verb, otherwise):
        said = self.answers[verb].pop(0) if self.answers.get(verb) else otherwise
        if callable(said):
            said_for_ever(stream, said)
            return ""
        if said:
            stream.write(said.encode() + b"\r\n")
            stream.flush()
        return said

    def close(self):
        self.gone.set()
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        with suppress(AttributeError, OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def _content(stream):
    lines = []
    while (line := stream.readline()) not in {b".\r\n", b""}:
        lines.append(line)
    return b"".join(lines)


@contextmanager
def scripted(**answers):
    server = Script(**answers)
    try:
        yield server
    finally:
        server.close()
