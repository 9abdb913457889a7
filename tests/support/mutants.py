"""Mutants of the golden mails: the same seed and index give the same bytes, as long as tests/mails is the same."""

import base64
import binascii
import quopri
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.support.values import BORDER

MAILS = Path(__file__).parents[1] / "mails"
LARGEST = 192 * 1024

NAMES = (
    "From To Cc Bcc Reply-To Sender Return-Path Subject Date Message-ID In-Reply-To References Received MIME-Version "
    "Content-Type Content-Transfer-Encoding Content-Disposition Content-ID List-Id List-Post Auto-Submitted Precedence "
    "X-Original-From Authentication-Results X-Auto-Response-Suppress X-Mailer Delivered-To Resent-From DKIM-Signature"
).split()
ENCODINGS = "7bit 8bit binary base64 quoted-printable x-uuencode uuencode BASE64 base64; no none".split()
CHARSETS = (
    "utf-8 us-ascii iso-8859-1 windows-1252 utf-16 utf-16le utf-32 utf-7 utf-8-sig gb18030 gb2312 big5 shift_jis euc-jp "
    "iso-2022-jp iso-2022-kr hz koi8-r cp037 cp65001 idna punycode unicode_escape raw_unicode_escape undefined rot13 "
    "base64 hex zlib bz2 uu mbcs unknown-8bit x-none utf8mb4 ks_c_5601-1987"
).split()
TYPES = (
    "text/plain text/html text/calendar text/rfc822-headers multipart/mixed multipart/alternative multipart/related "
    "multipart/digest multipart/signed multipart/encrypted multipart/report message/rfc822 message/partial "
    "message/external-body message/delivery-status application/octet-stream application/pkcs7-mime application/ms-tnef "
    "application/pgp-encrypted image/png text multipart/ / ;"
).split()
_WORDS = (
    *("\0", "\r", "\n", "\r\n", "\r\n\r\n", "\x1b[2J", "\x1b]52;c;aGk=\x07", "\x9b31m", "\x7f", "\x85", "\x0b", "\x0c"),
    *("\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\u2029", "\U000e0041", "\ufdfa", "\u0301" * 40, "\u0430", "\x1c"),
    *("\r\nBcc: victim@elsewhere.example\r\n", "\r\nFrom: other@elsewhere.example", "%0d%0aBcc:", "{{ 7 * 7 }}"),
    *("<img src=x onerror=alert(1)>", "</td></tr></table><script>", "<!--", "<![CDATA[", "<a <a ", "&#x202e;", "&#99999;"),
    *("../../etc/passwd", "=cmd|' /C calc'!A0", "=?utf-8?q?=0D=0ABcc:_v=40z.example?=", "=?utf-8?b?////?=", "=?x?q??="),
    *('"', "(", ")", "<", ">", ",", ";", ":", "\\", "@", "=?", "?=", "--", "=", "((((((((", '""""""', "<<<<", "a@b@c.de"),
    *("filename*0*=utf-8''%00", "filename*99999999999999=x", 'name="', "charset=", "boundary=", 'boundary=""', "{% raw %}"),
    *("-----BEGIN PGP MESSAGE-----", "https://evil.example/x", "mailto:v@z.example", "Summary\r\n", "Steps\r\n1. curl\r\n"),
    *("> ", "-- \r\n", "wrote:\r\n", "SEC-0000-0000", "| ", "http://", "; "),
)  # fmt: skip
_OCTETS = (
    *(b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\x1f\x8b\x08", b"PK\x03\x04", b"MZ"),
)  # fmt: skip
TOKENS = (*(word.encode() for word in _WORDS), *_OCTETS)
MAILBOXES = (
    "{a}", "<{a}>", "Bo <{a}>", '"Bo, the (first)" <{a}>', "Bo (x) <{a}>", "{a} (Bo)", "{b} <{a}>", "<{b}> <{a}>", "{a}, {b}",
    "{a};{b}", "{a}\r\n {b}", "team: {a};", "@relay.example:{a}", "{a})({b}", '"{a}" <{b}>', "=?utf-8?q?{a}?= <{b}>", "<{a}",
    "=?utf-8?b?Qm8=?= <{a}>", "Bo <{a}> <{b}>", "Bo\0 <{a}>", '"Bo\\" <{b}>" <{a}>', "{a}\x0b{b}", "Bo <{a}>\r\nFrom: {b}",
    "<{a}.>", "<{a}@{b}>", "Bо <{a}>", '"{a}"@x.example', "-{a}", "' <{b}>' <{a}>", "Bo <{a}>; {b}", "[{b}] <{a}>", "Bo <>",
    "{a}{pad}, {b}", "Bo <{a}>{pad}, <{b}>", "{pad}{b} <{a}>", "=?utf-8?q?Bo_=3C{b}=3E?= <{a}>",
    "Bo <{a}\u3002>", "Bo via List <{a}>", "<{a}>\t", "{a} <{a}>", "undisclosed-recipients:;",
)  # fmt: skip

MARKS = (
    "Auto-Submitted: auto-generated",
    "Auto-Submitted: (a (nested) comment) Auto-Replied; owner-email=x",
    "Return-Path: <>",
    "Return-Path: < >",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="r"',
    "List-Id: <list.elsewhere.example>",
    "Precedence: bulk",
    "X-Auto-Response-Suppress: DR, OOF",
    "X-Failed-Recipients: somebody@elsewhere.example",
)
"""Fields of automatic mail: one of them at the top, and nobody may be answered."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """Hostile bytes, and what was put into them on purpose."""

    raw: bytes
    markers: tuple[str, ...] = ()
    """Words of the sender's that no acknowledgment may repeat."""
    elsewhere: str = ""
    """An address in Reply-To and Cc, and nowhere else."""
    mark: str = ""
    """The field of automatic mail at the top."""
    vouched: bool = False
    """True if our border's word for the sender stands at the top."""


def corpus() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(MAILS.glob("*.eml")))


def mutant(seed: int, index: int, mails: Sequence[bytes]) -> Mutant:
    """The one mutant with this number."""
    dice = random.Random(f"{seed} {index}")
    raw = dice.choice(mails)
    markers = tuple(word(dice) for _ in range(4)) if dice.random() < 0.5 else ()
    for marker, place in zip(markers, (_in_subject, _in_name, _in_body, _in_file_name), strict=False):
        raw = place(marker, raw)
    for _ in range(min(1 + int(dice.expovariate(0.5)), 8)):
        raw = dice.choice(MUTATIONS)(dice, raw, mails)[:LARGEST]
    return _planted(dice, raw, markers)


def word(dice: random.Random) -> str:
    return "mk" + "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=12))


def _planted(dice: random.Random, raw: bytes, markers: tuple[str, ...]) -> Mutant:
    """What the oracle must be sure of stands at the top, after all mutation; the pad takes what would be folded onto it."""
    lines: list[str] = []
    elsewhere = f"{word(dice)}@elsewhere.example" if dice.random() < 0.3 else ""
    if elsewhere:
        lines += [f"Reply-To: Bo <{elsewhere}>", f"Cc: {elsewhere}"]
    mark = dice.choice(MARKS) if dice.random() < 0.15 else ""
    vouched = dice.random() < 0.2
    if vouched:
        lines.append(f"Authentication-Results: {BORDER}; dmarc=pass")
    if mark:
        lines.append(mark)
    if not lines:
        return Mutant(raw, markers)
    # What is far down counts as well.
    above = dice.choice((*[""] * 18, "X-Pad: 1\r\n" * 1100, f"X-Pad: {'y' * 300_000}\r\n"))
    top = (above + "".join(f"{line}\r\n" for line in (*lines, "X-Pad: 1"))).encode()
    start = raw.find(b"\n") + 1 if raw.startswith((b"From ", b">From ")) else 0
    return Mutant(raw[:start] + top + raw[start:], markers, elsewhere, mark, vouched)


def _in_subject(marker: str, raw: bytes) -> bytes:
    return re.sub(rb"(?im)^subject:", lambda match: match[0] + f" {marker}".encode(), raw, count=1)


def _in_name(marker: str, raw: bytes) -> bytes:
    return re.sub(
        rb"(?im)^from:[ \t]*(?=[A-Za-z])(?=[^\r\n]*<)", lambda match: match[0] + f"{marker} ".encode(), raw, count=1
    )


def _in_body(marker: str, raw: bytes) -> bytes:
    head, rest = _parted(raw)
    return head + rest + f"\r\nhttps://{marker}.example/ {marker}\r\n".encode()


def _in_file_name(marker: str, raw: bytes) -> bytes:
    return re.sub(rb'(?i)name="?', lambda match: match[0] + marker.encode(), raw)


def _parted(raw: bytes) -> tuple[bytes, bytes]:
    """The header, and the rest from the end of its last line on."""
    blank = re.search(rb"\r?\n\r?\n|\r\r", raw)
    return (raw[: blank.start()], raw[blank.start() :]) if blank else (raw, b"")


def _fields(head: bytes) -> list[bytes]:
    return re.split(rb"\r?\n(?![ \t])", head)


def _on_fields(
    change: Callable[[random.Random, list[bytes]], None], dice: random.Random, raw: bytes, _: Sequence[bytes]
):
    head, rest = _parted(raw)
    fields = _fields(head)
    change(dice, fields)
    return b"\r\n".join(fields) + rest


def _some(dice: random.Random, fields: list[bytes]) -> int:
    """A field that matters more often than one that does not."""
    wanted = [
        at for at, field in enumerate(fields) if re.match(rb"(?i)from|subject|content-|message-id|references", field)
    ]
    return dice.choice(wanted) if wanted and dice.random() < 0.7 else dice.randrange(len(fields))


def _drop_field(dice, fields):
    del fields[_some(dice, fields)]
    if not fields:
        fields.append(b"X-Empty: 1")


def _double_field(dice, fields):
    fields.insert(dice.randrange(len(fields) + 1), fields[_some(dice, fields)])


def _many_fields(dice, fields):
    at = _some(dice, fields)
    fields[at:at] = [fields[at]] * dice.choice((10, 60, 300, 1100))


def _rename_field(dice, fields):
    at = _some(dice, fields)
    _, _, value = fields[at].partition(b":")
    fields[at] = dice.choice(NAMES).encode() + dice.choice((b":", b" :", b": ", b":\t", b"\0:", b"")) + value


def _swap_values(dice, fields):
    first, second = _some(dice, fields), _some(dice, fields)
    (one, _, his), (two, _, hers) = fields[first].partition(b":"), fields[second].partition(b":")
    fields[first], fields[second] = one + b":" + hers, two + b":" + his


def _stain_field(dice, fields):
    at = _some(dice, fields)
    place = dice.randrange(len(fields[at]) + 1)
    fields[at] = fields[at][:place] + dice.choice(TOKENS) * dice.choice((1, 1, 1, 2, 50)) + fields[at][place:]


def _fold_field(dice, fields):
    at = _some(dice, fields)
    for _ in range(dice.choice((1, 3, 30))):
        place = dice.randrange(len(fields[at]) + 1)
        fold = dice.choice((b"\r\n ", b"\n\t", b"\r ", b"\r\n \r\n ", b" \r\n\t\t"))
        fields[at] = fields[at][:place] + fold + fields[at][place:]


def _lengthen_field(dice, fields):
    at = _some(dice, fields)
    name, _, value = fields[at].partition(b":")
    fields[at] = name + b":" + (value or b" x") * min(dice.choice((3, 30, 1000)), 20_000 // (len(value) + 1) + 1)


def _encode_field(dice, fields):
    at = _some(dice, fields)
    name, _, value = fields[at].partition(b":")
    said = value.decode("latin-1") + dice.choice(
        ("", "\r\nBcc: victim@elsewhere.example", "\u202eevil", "\0", "a@b.example")
    )
    fields[at] = (
        name + b": " + b" ".join(_encoded_word(dice, said[:300]) for _ in range(dice.choice((1, 1, 2, 5, 120))))
    )


def _encoded_word(dice: random.Random, said: str) -> bytes:
    try:
        payload = said.encode(dice.choice(CHARSETS[:16]), "replace")
    except (UnicodeError, LookupError):
        payload = said.encode("utf-8", "replace")
    charset = dice.choice(CHARSETS)
    if dice.random() < 0.5:
        text = base64.b64encode(payload).decode()[: dice.choice((75, 1000, 13))]
        return f"=?{charset}?{dice.choice('bB')}?{text}?=".encode()
    text = "".join(f"={octet:02X}" for octet in payload)[: dice.choice((75, 3000, 11))]
    return f"=?{charset}?{dice.choice('qQ')}?{text}?=".encode()


def _address_form(dice, fields):
    at = next((at for at, field in enumerate(fields) if field.lower().startswith(b"from:")), 0)
    mine = re.search(rb"[\w.+-]+@[\w.-]+", fields[at])
    form = dice.choice(MAILBOXES).format(
        a=mine[0].decode() if mine else "a@x.example",
        b="victim@elsewhere.example",
        pad=dice.choice((" ", "\0", "\r\n ", "x")) * dice.choice((1, 9000)),
    )
    fields[at] = b"From: " + form.encode()


def _address_soup(dice, fields):
    pieces = (
        "a@x.example",
        "b@elsewhere.example",
        "Bo",
        *'<>",;:()@.\\ ',
        "=?utf-8?q?Bo?=",
        "=?utf-8?b?PGFAYj4=?=",
        "\r\n ",
        "é",
        "\t",
    )
    at = next((at for at, field in enumerate(fields) if field.lower().startswith(b"from:")), 0)
    fields[at] = ("From: " + "".join(dice.choices(pieces, k=dice.randrange(1, 9)))).encode()


def _content_type(dice, fields):
    kind = dice.choice(TYPES)
    parameters = dice.choices(
        (
            f"charset={dice.choice(CHARSETS)}",
            'boundary="b"',
            "boundary=" + "b" * dice.choice((1, 70, 2000)),
            "boundary*0=b; boundary*1=c",
            "name*=utf-8''%E2%80%AE%0A.exe",
            "name*0*=a''%00; name*1=b",
            'name="' + "; " * dice.choice((1, 200)) + '"',
            "report-type=disposition-notification",
            "format=flowed; delsp=yes",
            "=x",
        ),
        k=dice.randrange(4),
    )
    fields[:] = [field for field in fields if dice.random() < 0.5 or not field.lower().startswith(b"content-type")]
    fields.append("; ".join(("Content-Type: " + kind, *parameters)).encode())


def _transfer_encoding(dice, raw, _):
    said = b"Content-Transfer-Encoding: " + dice.choice(ENCODINGS).encode()
    found = list(re.finditer(rb"(?i)content-transfer-encoding:[^\r\n]*", raw))
    if not found:
        return raw.replace(b"\r\n\r\n", b"\r\n" + said + b"\r\n\r\n", dice.choice((1, 3)))
    at = dice.choice(found)
    return raw[: at.start()] + said + raw[at.end() :]


def _charset(dice, raw, _):
    return re.sub(
        rb'(?i)charset="?[\w-]+', b'charset="' + dice.choice(CHARSETS).encode(), raw, count=dice.choice((0, 1))
    )


def _boundary(dice, raw, _):
    found = re.search(rb'(?i)boundary="?([^"\r\n;]{1,100})', raw)
    if not found:
        return raw.replace(b"\r\n\r\n", b"\r\n\r\n--b\r\n\r\n", 1)
    lines = (b"\r\n--" + found[1], b"\r\n--" + found[1] + b"--", b"--" + found[1][:-1], b"--" + found[1] + b" x")
    return raw.replace(dice.choice(lines[:2]), dice.choice((b"", *lines)), dice.choice((1, 2, 50)))


def _nest(dice, raw, _):
    for level in range(dice.choice((1, 2, 5, 40, 120))):
        if dice.random() < 0.5:
            raw = b"From: a@x.example\r\nContent-Type: message/rfc822\r\n\r\n" + raw
        else:
            mark = dice.choice((b"same", b"n%d" % level))
            raw = (
                b"From: a@x.example\r\nContent-Type: multipart/mixed; boundary="
                + mark
                + b"\r\n\r\n--"
                + mark
                + b"\r\n"
                + raw
            )
            raw += b"\r\n--" + mark + dice.choice((b"--", b"", b"--\r\nepilogue"))
    return raw


def _attach(dice, raw, mails):
    head, rest = _parted(raw)
    name = dice.choice(TOKENS).replace(b"\n", b"").replace(b"\r", b"")
    content = base64.encodebytes(
        dice.choice((b"MZ", b"PK\x03\x04", b"%PDF-", b"\x89PNG\r\n\x1a\n", b"")) + dice.randbytes(200)
    )
    lines = (
        b"--b",
        b"Content-Type: " + dice.choice(TYPES).encode() + b'; name="' + name + b'"',
        b"Content-Transfer-Encoding: base64",
        b"Content-Disposition: attachment; filename*=utf-8''" + name,
    )
    part = b"\r\n".join((*lines, b"", content, b""))
    parts = part * dice.choice((1, 3, 40, 210))
    kept = [field for field in _fields(head) if not field.lower().startswith(b"content-t")]
    kept.append(b"Content-Type: multipart/mixed; boundary=b")
    return b"\r\n".join(kept) + b"\r\n\r\n--b\r\n\r\n" + rest.lstrip() + b"\r\n" + parts + b"--b--\r\n"


def _enclose(dice, raw, mails):
    """Another golden mail as its attachment, or it as the other's."""
    outer, inner = dice.sample((raw, dice.choice(mails)), 2)
    head, rest = _parted(outer)
    kept = [field for field in _fields(head) if not field.lower().startswith(b"content-t")]
    kept.append(b"Content-Type: multipart/mixed; boundary=e")
    kind = dice.choice(
        (b"message/rfc822", b"message/global", b"text/rfc822-headers", b"message/delivery-status", b"text/plain")
    )
    parts = b"\r\n\r\n--e\r\n\r\n" + rest.lstrip() + b"\r\n--e\r\nContent-Type: " + kind + b"\r\n\r\n" + inner
    return b"\r\n".join(kept) + parts + b"\r\n--e--\r\n"


def _recoded(dice, raw, _):
    """Its text as one part in another charset and transfer encoding, with what is hidden by them."""
    head, rest = _parted(raw)
    charset, encoding = dice.choice(CHARSETS), dice.choice(("base64", "quoted-printable", "8bit", "x-uuencode"))
    text = dice.choice(("", "<p>", "<style>", "<!-- ")) + rest.decode("utf-8", "replace").strip()[:20_000]
    for _time in range(dice.randrange(4)):
        at = dice.randrange(len(text) + 1)
        text = text[:at] + dice.choice(_WORDS) * dice.choice((1, 1, 30)) + text[at:]
    try:
        octets = text.encode(charset, "replace")
    except (LookupError, ValueError, AttributeError, TypeError):
        octets = text.encode("utf-8", "replace")
    octets = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(encoding, bytes)(octets)
    if encoding == "x-uuencode":
        octets = (
            b"begin 644 a\n"
            + b"".join(binascii.b2a_uu(octets[at : at + 45]) for at in range(0, len(octets), 45))
            + b" \nend\n"
        )
    kept = [field for field in _fields(head) if not field.lower().startswith(b"content-t")]
    kind = dice.choice(("plain", "html", "html", "calendar", "richtext"))
    kept.append(f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}".encode())
    return b"\r\n".join(kept) + b"\r\n\r\n" + octets


def _truncate(dice, raw, _):
    return raw[: dice.randrange(len(raw) + 1)]


def _behead(dice, raw, _):
    return raw[dice.randrange(min(len(raw), 2000) + 1) :]


def _splice(dice, raw, mails):
    other = dice.choice(mails)
    if dice.random() < 0.5:
        return _parted(raw)[0] + _parted(other)[1]
    return raw[: dice.randrange(len(raw) + 1)] + other[dice.randrange(len(other) + 1) :]


def _repeat(dice, raw, _):
    start = dice.randrange(len(raw) + 1)
    block = raw[start : start + dice.choice((1, 8, 60, 500))]
    return raw[:start] + block * min(dice.choice((2, 20, 400, 5000)), 60_000 // (len(block) + 1) + 1) + raw[start:]


def _random_bytes(dice, raw, _):
    changed = bytearray(raw)
    for _time in range(dice.choice((1, 4, 30)) if raw else 0):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _cut_out(dice, raw, _):
    start = dice.randrange(len(raw) + 1)
    return raw[:start] + raw[start + dice.choice((1, 5, 80, 1000)) :]


def _token(dice, raw, _):
    for _time in range(dice.choice((1, 1, 3, 10))):
        place = dice.randrange(len(raw) + 1)
        raw = raw[:place] + dice.choice(TOKENS) * dice.choice((1, 1, 2, 30)) + raw[place:]
    return raw


def _flood(dice, raw, _):
    token = dice.choice((*TOKENS, b"=?utf-8?q?a?= ", "\u0301\u0316".encode()))
    flood = token * (dice.choice((500, 8000, 50_000)) // len(token))
    place = dice.choice((len(_parted(raw)[0]), dice.randrange(len(raw) + 1), len(raw)))
    return raw[:place] + dice.choice((b"", b" ", b"\r\n\r\n")) + flood + raw[place:]


def _line_ends(dice, raw, _):
    plain = raw.replace(b"\r\n", b"\n")
    return plain.replace(b"\n", dice.choice((b"\n", b"\r", b"\r\n", b"\n\r", b"\r\r\n")), dice.choice((-1, 5)))


def _body(dice, raw, _):
    head, rest = _parted(raw)
    said = rest.strip()[:40_000]
    changes = (
        base64.encodebytes,
        quopri.encodestring,
        lambda text: text.decode("latin-1").encode("utf-16"),
        lambda text: text.decode("latin-1").encode("utf-7", "replace"),
        lambda text: (
            b"<html><body><p>" + text.replace(b"\n", b"<br>") + dice.choice((b"</body></html>", b"<!--", b"<a <a "))
        ),
        lambda text: text.translate(bytes.maketrans(b"aeop", b"\xe0\xe5\xee\xf0")),
        lambda text: text.replace(b"a", "а".encode()).replace(b"e", "е\u0301".encode()),
        lambda text: b"> " + text.replace(b"\n", b"\n> "),
        lambda text: text.replace(b"\n", b" "),
        lambda text: ("e" + "\u0301\u0316" * 300).encode() + text,
        lambda _text: b"",
    )
    return head + b"\r\n\r\n" + dice.choice(changes)(said)


# What is named twice comes twice as often.
_OF_FIELDS = (
    _drop_field, _double_field, _many_fields, _rename_field, _swap_values, _stain_field, _stain_field, _fold_field,
    _lengthen_field, _encode_field, _encode_field, _address_form, _address_soup, _content_type,
)  # fmt: skip
MUTATIONS: tuple[Callable[[random.Random, bytes, Sequence[bytes]], bytes], ...] = (
    *(partial(_on_fields, change) for change in _OF_FIELDS),
    *(
        _transfer_encoding,
        _charset,
        _boundary,
        _nest,
        _attach,
        _enclose,
        _recoded,
        _recoded,
        _truncate,
        _behead,
        _splice,
    ),
    *(_repeat, _random_bytes, _cut_out, _token, _token, _flood, _line_ends, _body),
)
