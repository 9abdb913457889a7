"""Mail in Outlook's own forms: winmail.dat with its bodies and files, rich text, .msg files."""

import base64
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.mail.parsing.test_content import LONG, OTHER, PLAIN, attached, multi, part, read
from triaged.core.mail.parsing.compressed_rtf import decompressed
from triaged.core.mail.parsing.reading import read_message
from triaged.core.mail.parsing.rtf import rtf_text
from triaged.core.mail.parsing.tnef import MAGIC, winmail

REPORT = (
    "Steps to reproduce\r\n1. Open /admin?debug=1 without a session.\r\n2. Read the configuration with all keys.\r\n"
)
STRING, UNICODE, OBJECT, BINARY = 0x1E, 0x1F, 0x0D, 0x0102


def attribute(number, octets, level=1):
    return struct.pack("<BII", level, number, len(octets)) + octets + struct.pack("<H", sum(octets) & 0xFFFF)


def prop(kind, name, octets):
    return struct.pack("<HHII", kind, name, 1, len(octets)) + octets + b"\0" * (-len(octets) % 4)


def properties(*each):
    return struct.pack("<I", len(each)) + b"".join(each)


def packed(*attributes, codepage=1252):
    page = attribute(0x00069007, struct.pack("<II", codepage, 0))
    return MAGIC + b"\1\0" + attribute(0x00089006, b"\0\0\1\0") + page + b"".join(attributes)


def with_properties(*each):
    return packed(attribute(0x00069003, properties(*each)))


def a_file(name, octets, long_name=""):
    return (
        attribute(0x00069002, b"\0" * 14, 2)
        + attribute(0x00018010, name.encode() + b"\0", 2)
        + attribute(0x0006800F, octets, 2)
        + (
            attribute(0x00069005, properties(prop(UNICODE, 0x3707, long_name.encode("utf-16-le"))), 2)
            if long_name
            else b""
        )
    )


def plain_rtf(rtf):
    return struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf


def mail(octets, *beside, name="winmail.dat", kind="application/ms-tnef"):
    return read(multi("mixed", *beside, attached(kind, octets, name)))


# The two examples of [MS-OXRTFCP] section 3.1.
@pytest.mark.parametrize(
    ("data", "rtf"),
    [
        (
            "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0",
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
        ),
        ("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0", b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
    ],
)
def test_compressed_rich_text_is_unpacked_as_its_standard_shows(data, rtf):
    assert decompressed(bytes.fromhex(data), 1000) == rtf
    assert decompressed(bytes.fromhex(data), 5) == rtf[:5]


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2}", "Привет"),
        (rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset128 B;}}\f1\'82\'a0\f0\'e9}", "あé"),
        (rb"{\rtf1\ansi\uc1 caf\u233?\par \u-10179?\u-8704? \{x\}}", "café\n\U0001f600 {x}"),
        (rb"{\rtf1{\*\generator Riched20 1;}{\info{\author Ann}}a{\b b}\tab c\line d}", "ab\tc\nd"),
        (rb"{\rtf1 a\\b\~c\_d", "a\\b\u00a0c-d"),
    ],
)
def test_rich_text_is_read_in_its_charsets_without_what_is_no_text(rtf, text):
    assert rtf_text(rtf) == (text, False)


def test_rich_text_that_encloses_a_page_gives_the_page():
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}{\*\htmltag18 <html>}"
        rb"\htmlrtf {\htmlrtf0 {\*\htmltag64 <p>}one{\*\htmltag84 <b>}\htmlrtf {\b \htmlrtf0  two"
        rb"{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0 {\*\htmltag72 </p>}\htmlrtf \par NOT\htmlrtf0 }"
    )
    assert rtf_text(rtf) == ("<html><p>one<b> two</b></p>", True)


@pytest.mark.parametrize(
    "octets",
    [
        packed(attribute(0x0002800C, REPORT.encode() + b"\0")),
        with_properties(prop(UNICODE, 0x1000, REPORT.encode("utf-16-le") + b"\0\0")),
        with_properties(prop(STRING, 0x1000, REPORT.encode() + b"\0")),
        with_properties(prop(BINARY, 0x1013, f"<p>{REPORT.replace(chr(13), '<br>')}</p>".encode())),
        with_properties(prop(BINARY, 0x1009, plain_rtf(b"{\\rtf1 " + REPORT.replace("\r\n", "\\par ").encode() + b"}"))),
        with_properties(
            struct.pack("<HH", 3, 0x8001) + b"\0" * 16 + struct.pack("<II", 0, 7) + b"\0\0\0\1",
            struct.pack("<HH", UNICODE, 0x8002) + b"\0" * 16 + struct.pack("<II", 1, 4) + b"a\0\0\0"
            + struct.pack("<II", 1, 2) + b"\0\0\0\0",
            struct.pack("<HHII", 0x1003, 0x6001, 2, 5) + b"\0\0\0\1",
            struct.pack("<HH", 0x0B, 0x6002) + b"\1\0\0\0",
            prop(STRING, 0x1000, REPORT.encode()),
        ),
    ],
    ids="attribute unicode string html rtf behind-other-properties".split(),
)  # fmt: skip
def test_a_report_in_a_winmail_dat_is_read_in_every_form_that_outlook_writes(octets):
    found = mail(octets)
    assert "Open /admin?debug=1 without a session." in found.text
    assert (found.encrypted, found.seal) == (False, "")


def test_its_body_is_in_its_code_page():
    octets = packed(attribute(0x0002800C, LONG.encode() + "Привет, уязвимость".encode("cp1251")), codepage=1251)
    assert "Привет, уязвимость" in mail(octets).text


def test_a_body_that_stands_beside_it_is_read_once_and_one_that_differs_beside_it():
    octets = packed(attribute(0x0002800C, LONG.encode()))
    once, both = mail(octets, part(PLAIN, LONG)), mail(octets, part(PLAIN, OTHER))
    assert (once.text.count("every other tenant"), once.alternatives_differ) == (1, False)
    assert LONG in both.text
    assert OTHER in both.text
    assert both.alternatives_differ


def test_its_files_are_attached_and_small_text_among_them_is_evidence():
    files = a_file("STEPS~1.TXT", b"1. Log in as A.", "steps to reproduce.txt") + a_file(
        "shot.png", b"\x89PNG\r\n\x1a\n.."
    )
    found = mail(packed(attribute(0x0002800C, LONG.encode()), files))
    assert [(each.filename, each.media_type) for each in found.attachments] == [
        ("winmail.dat", "application/ms-tnef"),
        ("steps to reproduce.txt", "text/plain"),
        ("shot.png", "image/png"),
    ]
    assert "1. Log in as A." in found.text


def test_a_mail_that_is_attached_in_outlooks_form_is_read_as_a_mail_within():
    inner = packed(attribute(0x0002800C, REPORT.encode()))
    data = properties(prop(OBJECT, 0x3701, b"\0" * 16 + inner))
    octets = packed(attribute(0x00069002, b"", 2), attribute(0x00069005, data, 2))
    assert any("debug=1" in each for each in mail(octets, part(PLAIN, "FYI")).enclosed)


def test_it_is_known_by_its_bytes_under_any_name():
    octets = packed(attribute(0x0002800C, REPORT.encode()))
    assert "debug=1" in mail(octets, name="ATT00001.dat", kind="application/octet-stream").text


@pytest.mark.parametrize("octets", [MAGIC, MAGIC + b"\1\0rubbish", packed(), packed(attribute(0x0002800C, b" \0"))])
def test_one_that_cannot_be_read_is_sealed_as_before(octets):
    assert (mail(octets).seal, mail(octets).encrypted) == ("tnef", True)


def test_a_length_that_leads_out_of_the_data_ends_the_reading_with_what_was_found():
    octets = packed(attribute(0x0002800C, REPORT.encode())) + struct.pack("<BII", 1, 0x00069003, 2**31)
    assert "debug=1" in mail(octets).text


WHOLE = with_properties(
    prop(BINARY, 0x1009, plain_rtf(b"{\\rtf1 a\\par b{\\*\\x y}\\u233?}")), prop(UNICODE, 0x1000, b"a\0")
) + a_file("a.txt", b"words")


@settings(max_examples=300)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_any_octets_in_any_place_raise_nothing_and_read_alike_twice(at, octets):
    torn = WHOLE[:at] + octets + WHOLE[at + len(octets) :]
    assert winmail(torn) == winmail(torn)
    assert winmail(WHOLE[:at]) == winmail(WHOLE[:at])


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [b"{", b"}", rb"\u-10179", rb"\htmltag", rb"\*", rb"\'e9", b"?", rb"\uc9", rb"\f1", b"\\", b"x"]
        )
    )
)
def test_any_rich_text_is_read(tokens):
    text, _ = rtf_text(rb"{\rtf1\fromhtml1 " + b"".join(tokens))
    text.encode("utf-8")


def test_files_without_end_and_mails_within_mails_are_bounded():
    many = packed(*(a_file("a", b"x") for _ in range(5000)))
    assert len(winmail(many).files) == 100
    nested = packed(attribute(0x0002800C, REPORT.encode()))
    for _ in range(30):
        nested = packed(attribute(0x00069002, b"", 2), attribute(0x0006800F, nested, 2))
    assert len(mail(nested).attachments) < 10


def test_a_window_full_of_references_grows_no_further_than_is_asked():
    data = struct.pack("<II4sI", 0, 2**31, b"LZFu", 0) + (b"\xff" + b"\x0c\xef" * 8) * 100_000
    assert len(decompressed(data, 50_000)) <= 50_000


def test_an_msg_file_is_named_for_what_it_is_and_alone_makes_the_sections_unknown():
    octets = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "__properties_version1.0".encode("utf-16-le") + b"\0" * 100
    )
    for kind in ("application/octet-stream", "application/vnd.ms-outlook"):
        found = mail(octets, part(PLAIN, "see attached"), name="report.msg", kind=kind)
        (shown,) = found.attachments
        assert (shown.media_type, shown.warnings, found.encrypted) == ("application/vnd.ms-outlook", (), True)
    assert not mail(octets, part(PLAIN, LONG * 3), name="report.msg", kind=kind).encrypted


INNER = f"From: Eve <eve@lab.test>\r\nSubject: keys\r\n\r\n{LONG}\r\n".encode()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("message/rfc822", "keys.eml"),
        ("message/rfc822", ""),
        ("message/global", ""),
        ("application/octet-stream", "keys.eml"),
        ("application/x-eml", "keys.EML"),
        ("text/plain", "keys.eml"),
        ("message/rfc2822", "keys.eml"),
    ],
)
@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
def test_a_mail_that_is_passed_on_is_read_in_any_encoding_and_under_any_type(kind, name, encoding):
    octets = {
        "7bit": INNER,
        "base64": base64.encodebytes(INNER),
        "quoted-printable": INNER.replace(b"=", b"=3D").replace(b"keys of", b"keys=20of"),
    }[encoding]
    named = f'Content-Disposition: attachment; filename="{name}"' if name else "Content-Description: a mail"
    body = multi(
        "mixed", part(PLAIN, "please look"), part(kind, octets, f"Content-Transfer-Encoding: {encoding}", named)
    )
    found = read(body)
    assert LONG in found.text
    forwarded = read_with_subject("Fwd: keys", body)
    assert (forwarded.original.name, forwarded.original.address) == ("Eve", "eve@lab.test")


def test_of_a_forward_in_a_forward_the_innermost_author_counts_whatever_the_encodings():
    middle = b"From: Bob <bob@lab.test>\r\nSubject: FW: keys\r\nMIME-Version: 1.0\r\n" + multi(
        "mixed", part(PLAIN, "see below"), attached("message/rfc822", INNER, "keys.eml"), boundary="c"
    )
    found = read_with_subject(
        "FW: FW: keys", multi("mixed", part(PLAIN, "hi"), attached("message/rfc822", middle, "fw.eml"))
    )
    assert found.original.address == "eve@lab.test"
    assert LONG in found.text


def read_with_subject(subject, body):
    return read_message(f"From: ann@example.org\r\nSubject: {subject}\r\n".encode() + body)


def der(tag, octets):
    length = len(octets).to_bytes(4, "big")
    return bytes([tag, 0x84]) + length + octets


def compressed_cms(octets):
    """RFC 3274: version, algorithm, then the content and its type."""
    content = der(0x30, der(6, bytes.fromhex("2a864886f70d010701")) + der(0xA0, der(4, octets)))
    algorithm = der(0x30, der(6, bytes.fromhex("2a864886f70d0109100308")))
    inside = der(0x30, der(2, b"\0") + algorithm + content)
    return der(0x30, der(6, bytes.fromhex("2a864886f70d0109100109")) + der(0xA0, inside))


def test_compressed_smime_is_read_and_a_broken_or_endless_one_costs_nothing():
    inner = part(PLAIN, REPORT)
    whole = compressed_cms(zlib.compress(inner))
    assert "debug=1" in mail(whole, name="smime.p7m", kind="application/pkcs7-mime").text
    assert mail(compressed_cms(b"rubbish"), name="smime.p7m", kind="application/pkcs7-mime").seal == "smime"
    bomb = compressed_cms(zlib.compress(b"\n" + b"a" * 100_000_000))
    assert len(mail(bomb, name="smime.p7m", kind="application/pkcs7-mime").text) <= 1_000_000
