"""How the time to read a mail grows with its size: `python bench/reading.py [BYTES]` (default 25,000,000).

Every shape is read at that size and at a tenth of it, in this process; a linear reader has the ratio 10. A mail over a limit
is read from its headers alone, and its line says so.
"""

import base64
import binascii
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from triaged.core.mail.parsing.reading import read_message

HEAD = (
    b"From: Ann <ann@example.org>\r\nTo: security@smallest.ai\r\nSubject: a report\r\nMessage-ID: <1@example.org>\r\n"
)
WORDS = "The endpoint /v1/keys returns the keys of other tenants – 鍵が返る.\r\n".encode()
PARTED = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'


def leaf(kind: bytes, encoding: bytes, body: bytes) -> bytes:
    return b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body


def attached(encoding: bytes, body: bytes) -> bytes:
    part = leaf(b'application/zip; name="a.zip"', encoding, body)
    return HEAD + PARTED + b"--b\r\n\r\nwords\r\n--b\r\n" + part + b"\r\n--b--\r\n"


def uuencoded(octets: bytes) -> bytes:
    lines = (binascii.b2a_uu(octets[at : at + 45]) for at in range(0, len(octets), 45))
    return b"begin 644 a\n" + b"".join(lines) + b"`\nend\n"


def nested(octets: bytes) -> bytes:
    """A mail in a mail in a mail, each in base64."""
    for _ in range(6):
        octets = leaf(b"message/rfc822", b"base64", base64.encodebytes(octets))
    return HEAD + octets


SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "plain text": lambda words: HEAD + leaf(b"text/plain; charset=utf-8", b"8bit", words),
    "flowed": lambda words: (
        HEAD + leaf(b"text/plain; format=flowed; delsp=yes", b"8bit", words.replace(b".\r", b" \r"))
    ),
    "html": lambda words: HEAD + leaf(b"text/html", b"8bit", b"<p>" + words.replace(b"\r\n", b"<br>\r\n<p>")),
    "quoted-printable": lambda words: (
        HEAD + leaf(b"text/plain", b"quoted-printable", binascii.b2a_qp(words[: len(words) // 2]))
    ),
    "iso-2022-jp": lambda words: (
        HEAD + leaf(b"text/plain; charset=iso-2022-jp", b"7bit", b"\x1b$B8;8;8;\x1b(B\r\n" * (len(words) // 14))
    ),
    "attached in base64": lambda words: attached(b"base64", base64.encodebytes(words[: len(words) * 3 // 4])),
    "attached in uuencode": lambda words: attached(b"x-uuencode", uuencoded(words[: len(words) * 2 // 3])),
    "mails in mails in base64": lambda words: nested(words[: len(words) // 6]),
    "900 parts": lambda words: (
        HEAD + PARTED + (b"--b\r\n\r\n" + words[: len(words) // 900] + b"\r\n") * 900 + b"--b--\r\n"
    ),
    "900 parts of bad octets": lambda words: (
        HEAD
        + PARTED
        + (b"--b\r\nContent-Type: text/plain; charset=euc-jp\r\n\r\n" + b"\xff" * (len(words) // 950) + b"\r\n") * 900
    ),
    "delimiters that are none": lambda words: (
        HEAD + PARTED + b"--b\r\n\r\n" + b"--x\r\n" * min(len(words) // 5, 900_000)
    ),
}


def seconds(raw: bytes) -> tuple[float, bool]:
    begun = time.process_time()
    degraded = read_message(raw).degraded
    return time.process_time() - begun, degraded


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 25_000_000
    worst = 0.0
    for name, make in SHAPES.items():
        words = WORDS * (size // len(WORDS))
        large, small = make(words), make(words[: len(words) // 10])
        (slow, degraded), (fast, _) = seconds(large), seconds(small)
        worst = max(worst, slow)
        ratio = slow / max(fast, 1e-4)
        note = "  (over a limit: its headers alone)" if degraded else ""
        print(f"{name:<26} {len(large) / 1e6:6.1f} MB in {slow:5.2f} s, ratio to a tenth of it {ratio:5.1f}{note}")
    print(f"at worst {worst:.2f} s of processor time")


main()
