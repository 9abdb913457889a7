"""Mails made to cost their reader time or memory, each of any size: every slow path that was measured in the parsers.

`SLOW` gives each a size at which some parser took seconds, or more memory than a mail is worth.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from itertools import count, islice

HEAD = b"From: Ann <ann@example.org>\r\nTo: security@smallest.ai\r\nMessage-ID: <1@example.org>\r\n"
SUBJECT = b"Subject: a report\r\n"
MARKS = ("\u0301", "\u0316")
KB, MB = 1000, 1_000_000


def _filled(piece: bytes, size: int) -> bytes:
    return piece * max(size // len(piece), 1)


def _numbered(piece: bytes, size: int) -> bytes:
    """Pieces that differ by their number."""
    every = islice((piece % number for number in count()), max(size // (len(piece) + 3), 1))
    return b"".join(every)


def _body(kind: bytes, body: bytes, encoding: bytes = b"8bit") -> bytes:
    return HEAD + SUBJECT + b"Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n" % (kind, encoding) + body


def _field(name: bytes, value: bytes) -> bytes:
    subject = b"" if name == b"Subject" else SUBJECT
    return HEAD + subject + b"%s: %s\r\n\r\nIt is broken.\r\n" % (name, value)


def _from(value: bytes) -> bytes:
    return b"From: " + value + b"\r\n" + SUBJECT + b"Message-ID: <1@example.org>\r\n\r\nIt is broken.\r\n"


def _marks(size: int) -> bytes:
    """A letter with accents that are to be put in order, those that belong below behind all that belong above."""
    return ("a" + "".join(mark * (size // 4) for mark in MARKS)).encode()


def _marks_in_utf7(size: int) -> bytes:
    return ("a" + "".join(mark * (size // 6) for mark in MARKS)).encode("utf-7")


def _uuencoded(data: bytes) -> bytes:
    lines = (binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return b"begin 644 a\n" + b"".join(lines) + b" \nend\n"


def _multipart(boundary: bytes = b"b") -> bytes:
    return b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n' % boundary


def _nested(depth: int, more: bytes = b"") -> bytes:
    levels = (b"--b%d\r\n" % (level - 1) + more + _multipart(b"b%d" % level) for level in range(1, depth))
    return HEAD + SUBJECT + _multipart(b"b0") + b"".join(levels)


def _nested_in_the_epilogue(size: int) -> bytes:
    """Where a part has no beginning, mail-parser looks for another mail behind the end of the whole."""
    without_beginning = b"--x\r\n" + _multipart(b"y") + b"words\r\n--x--\r\n"
    inner = _nested(300).removeprefix(HEAD + SUBJECT) + _filled(b"w\r\n", size)
    return HEAD + SUBJECT + _multipart(b"x") + without_beginning + b"--x\r\n" + inner + b"--x--\r\n"


def _unnamed_attachments(size: int) -> bytes:
    part = b"--b\r\nContent-Disposition: attachment\r\n\r\n%s\r\n" % _filled(b"a.txt ", size // 200)
    return HEAD + SUBJECT + _multipart() + part * 200 + b"--b--\r\n"


def _distinct_fields() -> Iterator[bytes]:
    yield from (b"X-%d: y\r\n" % number for number in count())


SLOW: dict[str, tuple[Callable[[int], bytes], int]] = {
    "accents": (lambda size: _body(b"text/plain; charset=utf-8", _marks(size)), 200 * KB),
    "accents in base64": (
        lambda size: _body(b"text/plain; charset=utf-8", base64.encodebytes(_marks(size * 3 // 4)), b"base64"),
        400 * KB,
    ),
    "accents in quoted-printable": (
        lambda size: _body(b"text/plain; charset=utf-8", binascii.b2a_qp(_marks(size // 3)), b"quoted-printable"),
        400 * KB,
    ),
    "accents in utf-7": (lambda size: _body(b"text/plain; charset=utf-7", _marks_in_utf7(size)), 200 * KB),
    "accents in uuencode": (
        lambda size: _body(b"text/plain; charset=utf-8", _uuencoded(_marks(size)), b"x-uuencode"),
        MB,
    ),
    "accents in a subject": (
        lambda size: _field(b"Subject", b"=?utf-8?b?" + base64.b64encode(_marks(size * 3 // 4)) + b"?="),
        67 * KB,
    ),
    "accents in another field": (
        lambda size: _field(b"X-Odd", b"=?utf-8?b?" + base64.b64encode(_marks(size * 3 // 4)) + b"?="),
        60 * KB,
    ),
    **{
        f"html {piece.decode()!r}": (lambda size, piece=piece: _body(b"text/html", _filled(piece, size)), MB)
        for piece in (
            b"<a ",
            b"<!--",
            b"</a",
            b"<![CDATA[",
            b"<![",
            b"<?",
            b"<p><b>",
            b"&#1",
            b"&lt;",
            b"<script>",
            b"<",
        )
    },
    "semicolons in quotes": (
        lambda size: _field(b"Content-Disposition", b'attachment; filename="' + _filled(b"; ", size) + b'"'),
        400 * KB,
    ),
    "backslashes in quotes": (
        lambda size: _field(b"Content-Disposition", b'attachment; filename="' + _filled(b'\\"; ', size) + b'"'),
        300 * KB,
    ),
    "a parameter's section of many digits": (
        lambda size: _field(b"Content-Disposition", b"attachment; filename*" + _filled(b"9", size) + b"*=x"),
        5 * KB,
    ),
    "a parameter in many sections": (
        lambda size: _field(b"Content-Disposition", b"attachment" + _numbered(b"; filename*%d*=x", size)),
        200 * KB,
    ),
    "many parameters": (lambda size: _field(b"Content-Type", b"text/plain" + _numbered(b"; p%d=x", size)), 500 * KB),
    "many encoded words": (lambda size: _field(b"Subject", _filled(b"=?utf-8?q?a?= ", size)), 350 * KB),
    "words half encoded": (lambda size: _field(b"Subject", _filled(b"=?a?q?", size)), 450 * KB),
    "words in unknown charsets": (lambda size: _field(b"Subject", _numbered(b"=?x-%d?q?=FF?= ", size)), 600 * KB),
    "words of bad base64": (lambda size: _field(b"Subject", _filled(b"=?utf-8?b?A?= ", size)), 375 * KB),
    "punycode": (lambda size: _body(b"text/plain; charset=punycode", _filled(b"a-b9", size)), MB),
    "text in 300 parts in each other": (lambda size: _nested(300) + _filled(b"w\r\n", size), MB),
    "text in 50 parts in each other": (lambda size: _nested(50) + b"--b49\r\n\r\n" + _filled(b"w\r\n", size), 175 * KB),
    "attachments in each other": (
        lambda size: (
            _nested(150, b"Content-Disposition: attachment\r\n") + b"--b149\r\n\r\n" + _filled(b"words\r\n", size)
        ),
        450 * KB,
    ),
    "parts in each other": (lambda size: _nested(size // 62), 6 * MB),
    "parts in each other of one boundary": (
        lambda size: HEAD + SUBJECT + _multipart() + _filled(b"--b\r\n" + _multipart(), size),
        5 * MB,
    ),
    "parts in each other behind the end": (_nested_in_the_epilogue, MB),
    "mails in each other": (
        lambda size: HEAD + SUBJECT + _filled(b"Content-Type: message/rfc822\r\n\r\n", size),
        3 * MB,
    ),
    "a long subject": (lambda size: _field(b"Subject", _filled(b"word ", size)), MB),
    "a folded subject": (lambda size: _field(b"Subject", _filled(b"\r\n x", size)), 2 * MB),
    "many references": (lambda size: _field(b"References", _numbered(b"<%d@x.example> ", size)), 3 * MB),
    "a long Received": (lambda size: _field(b"Received", b"from a by b; " + _filled(b"words (", size)), MB),
    "many authors": (lambda size: _from(_numbered(b"a%d@x.example, ", size) + b"ann@example.org"), 900 * KB),
    "quotes in From": (lambda size: _from(_filled(b'"', size) + b" <ann@example.org>"), 20 * KB),
    "brackets in From": (lambda size: _from(_filled(b"(", size) + b" <ann@example.org>"), 8 * KB),
    "groups in From": (lambda size: _from(_filled(b"a:", size) + b" <ann@example.org>"), 8 * KB),
    "many parts": (lambda size: HEAD + SUBJECT + _multipart() + _filled(b"--b\r\n\r\n", size), 700 * KB),
    "one field often": (lambda size: HEAD + SUBJECT + _filled(b"X: y\r\n", size) + b"\r\nwords\r\n", 6 * MB),
    "many fields": (
        lambda size: HEAD + SUBJECT + b"".join(islice(_distinct_fields(), size // 13)) + b"\r\nwords\r\n",
        4 * MB,
    ),
    "many Received": (
        lambda size: (
            HEAD + SUBJECT + _filled(b"Received: from a by b; Mon, 23 Nov 2026 12:00:00 +0000\r\n", size) + b"\r\n"
        ),
        3 * MB,
    ),
    "many delivery statuses": (
        lambda size: _body(b"message/delivery-status", _filled(b"Action: failed\r\n\r\n", size)),
        5 * MB,
    ),
    "a header without an end": (lambda size: HEAD + SUBJECT + b"X: " + _filled(b"y", size), 10 * MB),
    "a body without a line end": (lambda size: _body(b"text/plain", _filled(b"x", size)), 25 * MB),
    "nothing but line ends": (lambda size: _body(b"text/plain", _filled(b"\n", size)), 10 * MB),
    "lines that look like delimiters": (
        lambda size: HEAD + SUBJECT + _multipart() + b"--b\r\n\r\n" + _filled(b"--x\r\n", size),
        4 * MB,
    ),
    "attachments without a name": (_unnamed_attachments, 25 * MB),
}


def mail(name: str) -> bytes:
    """The mail of that name at its own size."""
    make, size = SLOW[name]
    return make(size)
