"""A receiver of webhooks for tests: keeps what is posted, answers as it is told, and verifies what it got."""

import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = f"whsec_{base64.b64encode(bytes(range(32))).decode()}"


@dataclass(frozen=True)
class Post:
    line: str
    """The request line."""
    headers: Message
    body: bytes

    def verified(self, secret: str = SECRET) -> bool:
        """True if one of its signatures is right, as Standard Webhooks 1.0.0 says."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = b".".join([self.headers["webhook-id"].encode(), self.headers["webhook-timestamp"].encode(), self.body])
        right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return f"v1,{right}" in self.headers["webhook-signature"].split(" ")


Conduct = Callable[[socket.socket, threading.Event], None]
"""What is done with the connection of a post in place of an answer."""


class Receiver(ThreadingHTTPServer):
    """Answers posts with a status, with bytes as they are, or by a `Conduct`; one by one, the last one for ever."""

    daemon_threads = False

    def __init__(self, *answers: int | bytes | Conduct, tls: ssl.SSLContext | None = None) -> None:
        self.answers = list(answers) or [204]
        self.posts: list[Post] = []
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", 0), _Asked)
        self.scheme, self.host = "http", "127.0.0.1"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
            self.scheme, self.host = "https", "localhost"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.server_address[1]}"

    def handle_error(self, request, client_address) -> None: ...


class _Asked(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        receiver.posts.append(Post(self.requestline, self.headers, body))
        answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
        if isinstance(answer, int):
            self.send_response(answer)
            self.send_header("Location", f"{receiver.url}/elsewhere")
            self.end_headers()
        elif isinstance(answer, bytes):
            self.connection.sendall(answer)
        else:
            answer(self.connection, receiver.ended)

    def log_message(self, *_: object) -> None: ...


def silence(_connection: socket.socket, ended: threading.Event) -> None:
    ended.wait(20)


def hang_up(_connection: socket.socket, _ended: threading.Event) -> None: ...


def reset(connection: socket.socket, _ended: threading.Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())


def drip(said: bytes) -> Conduct:
    """A byte at a time, and the last one for ever."""

    def dripping(connection: socket.socket, ended: threading.Event) -> None:
        position = 0
        while not ended.wait(0.02):
            connection.sendall(said[position : position + 1])
            position = min(position + 1, len(said) - 1)

    return dripping


@contextmanager
def receiver(*answers: int | bytes | Conduct, tls: ssl.SSLContext | None = None):
    with Receiver(*answers, tls=tls) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()
            thread.join(10)
