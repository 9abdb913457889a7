"""A token server that knows which tokens count, and a dovecot that asks it about each (RFC 7662)."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from tests.support.servers import Dovecot, need


class TokenServer:
    """Tells dovecot whose a token is, as long as it counts."""

    def __init__(self) -> None:
        self.users: dict[str, str] = {}
        """Each token that counts, and its user."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        users = self.users

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                (token,) = parse_qs(urlparse(self.path).query).get("token", [""])
                user = users.get(token)
                body = json.dumps({"active": user is not None, "username": user or ""}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        return Handler


class TokenDovecot(Dovecot):
    """Takes no password, and of tokens only those that the token server knows."""

    def __init__(self, folder: Path, tokens: TokenServer) -> None:
        self.tokens = tokens
        super().__init__(folder)

    def _config(self) -> str:
        asking = self.folder / "oauth2.conf"
        asking.write_text(
            f"introspection_url = http://127.0.0.1:{self.tokens.port}/introspect?token=\n"
            "introspection_mode = get\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n"
        )
        config = super()._config()
        start, end = config.index("passdb {"), config.index("userdb {")
        both = "mechanisms = xoauth2 oauthbearer\n"
        passdb = f"auth_{both}passdb {{\ndriver = oauth2\n{both}args = {asking}\n}}\n"
        return config[:start] + passdb + config[end:]


@contextmanager
def token_dovecot(folder: Path) -> Iterator[TokenDovecot]:
    need("dovecot", "openssl")
    tokens = TokenServer()
    server = TokenDovecot(folder, tokens)
    try:
        yield server
    finally:
        server.stop()
        tokens.close()
