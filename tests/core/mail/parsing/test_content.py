import base64

import pytest

from triaged.core.mail.parsing.armour import without_signature
from triaged.core.mail.parsing.flowed import unflowed
from triaged.core.mail.parsing.reading import read_message

PLAIN, PAGE = "text/plain; charset=utf-8", "text/html; charset=utf-8"
LONG = "The endpoint returns the keys of every other tenant when one header is changed by anybody who is logged in."
OTHER = "Buy our wonderful search engine promotion now, only nine euro a month, with thousands of visitors guaranteed."


def part(kind, body, *more):
    octets = body if isinstance(body, bytes) else body.encode()
    return "\r\n".join((f"Content-Type: {kind}", *more, "", "")).encode() + octets


def multi(kind, *parts, more="", boundary="b"):
    body = b"".join(f"--{boundary}\r\n".encode() + each + b"\r\n" for each in parts)
    return part(f'multipart/{kind}; boundary="{boundary}"{more}', body + f"--{boundary}--\r\n".encode())


def read(body):
    return read_message(b"From: ann@example.org\r\nSubject: s\r\n" + body)


def attached(kind, octets, name):
    return part(
        kind,
        base64.encodebytes(octets),
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{name}"',
    )


def test_parts_of_mixed_are_read_one_after_the_other_whatever_they_are_in():
    mixed = multi("mixed", part(PAGE, "<p>one"), part(PLAIN, "two"), part(PAGE, "<b>three</b>"))
    assert read(mixed).text.split() == ["one", "two", "three"]
    assert read(mixed.replace(b"mixed", b"x-unheard-of")).text.split() == ["one", "two", "three"]


def test_of_alternatives_that_say_the_same_the_plain_one_is_read():
    read_ = read(multi("alternative", part(PLAIN, f"{LONG}\r\n\r\n- plain"), part(PAGE, f"<p>{LONG}<p>- plain")))
    assert read_.text.endswith("- plain")
    assert not read_.alternatives_differ


def test_of_alternatives_the_one_that_says_more_is_read():
    for placeholder in ("See HTML.", "This mail needs a client that shows HTML.", ""):
        read_ = read(multi("alternative", part(PLAIN, placeholder), part(PAGE, f"<p>{LONG}")))
        assert (read_.text, read_.alternatives_differ) == (LONG, False)
    assert read(multi("alternative", part(PLAIN, LONG), part(PAGE, "<img src=x>"))).text == LONG


@pytest.mark.parametrize(("plain", "page"), [(LONG, OTHER), (OTHER, LONG)])
def test_alternatives_that_are_two_texts_are_both_read_and_it_is_told(plain, page):
    read_ = read(multi("alternative", part(PLAIN, plain), part(PAGE, f"<p>{page}")))
    assert read_.text == f"{page}\n\n{plain}"
    assert read_.alternatives_differ


def test_alternatives_in_a_script_without_blanks_are_compared_by_letter():
    words = "修改请求头后接口会返回其他租户的密钥，任何登录的用户都可以这样做。"
    folded = words[:12] + "\r\n" + words[12:]
    assert not read(multi("alternative", part(PLAIN, folded), part(PAGE, f"<p>{words}"))).alternatives_differ


def test_related_is_read_by_its_root_and_the_rest_is_attached():
    picture = part("image/png", b"\x89PNG\r\n\x1a\n", "Content-ID: <logo@x>")
    read_ = read(multi("related", part(PAGE, f"<p>{LONG}"), picture))
    assert (read_.text, [each.filename for each in read_.attachments]) == (LONG, ["logo@x"])
    root = part(PAGE, f"<p>{LONG}", "Content-ID: <root@x>")
    frame = part(PAGE, "<p>a frame", "Content-ID: <frame@x>")
    assert read(multi("related", frame, root, more='; start="<root@x>"')).text == LONG
    assert read(multi("related", frame, root)).text == "a frame"


@pytest.mark.parametrize("kind", [PLAIN, PAGE, "application/octet-stream", "text/markdown", "text", ""])
def test_the_root_is_the_message_whatever_it_says_of_itself(kind):
    named = "" if kind == "application/octet-stream" else '; filename="mail.txt"'
    assert read(part(kind, LONG, f"Content-Disposition: attachment{named}")).text == LONG


def test_a_text_is_of_the_message_unless_it_says_that_it_is_attached():
    named = part(f'{PLAIN}; name="a.py"', LONG)
    read_ = read(multi("mixed", part(PLAIN, "before"), named))
    assert (read_.text, [each.filename for each in read_.attachments]) == (f"before\n\n{LONG}", ["a.py"])
    said = part(PLAIN, "x = 1", 'Content-Disposition: attachment; filename="a.py"')
    assert read(multi("mixed", part(PLAIN, LONG), said)).text == LONG


@pytest.mark.parametrize("name", ["report.txt", "report.md", "REPORT.HTML", "steps.rst"])
def test_a_small_file_in_which_people_write_is_evidence_and_the_report_where_there_is_no_other(name):
    file = attached("application/octet-stream", LONG.encode(), name)
    beside = read(multi("mixed", part(PLAIN, f"{OTHER} {OTHER}"), file))
    assert (beside.text, beside.attached_text) == (f"{OTHER} {OTHER}", LONG)
    alone = read(multi("mixed", part(PLAIN, "See attached."), file))
    assert (alone.text, alone.attached_text) == (f"See attached.\n\n{LONG}", "")


@pytest.mark.parametrize(
    ("name", "octets"), [("a.csv", b"a,b"), ("a.txt", b"\x89PNG\r\n\x1a\n\0"), ("a.md", b"a " * 40_000)]
)
def test_data_and_large_files_are_no_evidence(name, octets):
    read_ = read(multi("mixed", part(PLAIN, "See attached."), attached("application/octet-stream", octets, name)))
    assert (read_.text, read_.attached_text) == ("See attached.", "")


@pytest.mark.parametrize("encoding", ["8bit", "base64"])
def test_a_mail_in_a_mail_is_read_after_it(encoding):
    inner = b"From: bo@example.org\r\nSubject: inner\r\n\r\n" + LONG.encode()
    body = base64.encodebytes(inner) if encoding == "base64" else inner
    enclosed = part("message/rfc822", body, f"Content-Transfer-Encoding: {encoding}")
    read_ = read(multi("mixed", part(PLAIN, "For you."), enclosed))
    assert read_.text == f"For you.\n\n{LONG}"
    assert [each.claimed_type for each in read_.attachments] == ["message/rfc822"]
    assert read(multi("digest", b"\r\n" + inner, b"\r\n" + inner)).text == f"{LONG}\n\n{LONG}"
    eml = attached("application/octet-stream", inner, "a.eml")
    assert read(multi("mixed", part(PLAIN, "For you."), eml)).text == f"For you.\n\n{LONG}"


def test_what_a_report_returns_is_not_its_text():
    returned = part("message/rfc822", b"From: ann@x.example\r\n\r\n" + LONG.encode())
    status = part("message/delivery-status", "Action: failed\r\n")
    assert read(multi("report", part(PLAIN, "It failed."), status, returned)).text == "It failed."


def test_both_forks_of_a_macintosh_file_are_attached_and_neither_is_the_text():
    fork = attached("application/applefile", b"\0\5\x16\7" + bytes(20), "%a.png")
    data = attached("image/png", b"\x89PNG\r\n\x1a\n", "a.png")
    read_ = read(multi("mixed", part(PLAIN, LONG), multi("appledouble", fork, data, boundary="c")))
    assert (read_.text, [each.filename for each in read_.attachments]) == (LONG, ["%a.png", "a.png"])


def test_one_boundary_used_twice_loses_no_part():
    inner = multi("alternative", part(PLAIN, LONG), part(PAGE, f"<p>{LONG}"))
    read_ = read(multi("mixed", inner, attached("application/zip", b"PK\3\4", "a.zip")))
    assert (read_.text, [each.filename for each in read_.attachments]) == (LONG, ["a.zip"])


DER = "3082010006092a864886f70d010703a08200f0"


@pytest.mark.parametrize(
    ("octets", "seal"),
    [
        (bytes.fromhex(DER) + bytes(60), "smime"),
        (bytes.fromhex("3080060b2a864886f70d0109100117a080") + bytes(60), "smime"),
        (b"-----BEGIN PKCS7-----\nMIIB\n", "smime"),
        (b"-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n", "openpgp"),
        (b"\xef\xbb\xbf\r\n-----BEGIN PGP MESSAGE-----\n", "openpgp"),
        (bytes.fromhex("85010c03aabbccddeeff001101") + bytes(60), "openpgp"),
        (bytes.fromhex("c1c04c03aabbccddeeff001101") + bytes(60), "openpgp"),
        (bytes.fromhex("8c0d0409030285") + bytes(60), "openpgp"),
        (bytes.fromhex("789f3e22") + bytes(60), "tnef"),
        (bytes.fromhex("76e80460c411e386") + bytes(60), "rights"),
        (b"age-encryption.org/v1\n-> X25519 abc\n", "age"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "age"),
    ],
)
@pytest.mark.parametrize(
    ("kind", "name"), [("application/octet-stream", "a.bin"), ("image/png", "a.png"), ("text/plain", "a.txt")]
)
def test_what_is_sealed_is_known_by_its_bytes_whatever_it_is_called(octets, seal, kind, name):
    read_ = read(multi("mixed", part(PLAIN, "Hello, my report. Ann"), attached(kind, octets, name)))
    assert (read_.encrypted, read_.seal) == (True, seal)
    in_clear = read(
        multi("mixed", part(PLAIN, f"{LONG} " * (30 if seal == "rights" else 2)), attached(kind, octets, name))
    )
    assert (in_clear.encrypted, in_clear.seal) == (False, "")


@pytest.mark.parametrize(
    "octets",
    [
        b"\x89PNG\r\n\x1a\n",
        b"PK\3\4" + bytes(40),
        b"%PDF-1.7",
        b"0\x82\1\0\6\3U\4\3",
        b"",
        b"\x84",
        b"-----BEGIN PGP SIGNATURE-----",
    ],
)
def test_other_files_seal_nothing(octets):
    read_ = read(multi("mixed", part(PLAIN, "Hello. Ann"), attached("application/octet-stream", octets, "a.bin")))
    assert not read_.encrypted


def signed(content, *, pieces=False):
    """A CMS signature around a text, of which only the way to the text is true."""
    if pieces:
        octets = (
            b"\x24\x80" + b"".join(b"\4" + bytes((len(each),)) + each for each in (content[:9], content[9:])) + b"\0\0"
        )
        ends = b"\0\0" * 4
    else:
        octets, ends = b"\4" + bytes((len(content),)) + content, b"\0\0" * 4
    inner = b"\x30\x80\6\x09\x2a\x86\x48\x86\xf7\x0d\1\7\1\xa0\x80" + octets
    return b"\x30\x80\6\x09\x2a\x86\x48\x86\xf7\x0d\1\7\2\xa0\x80\x30\x80\2\1\1\x31\x00" + inner + ends


@pytest.mark.parametrize("pieces", [False, True])
@pytest.mark.parametrize(
    "kind", ["application/pkcs7-mime; smime-type=signed-data", "application/octet-stream; name=smime.p7m"]
)
def test_an_opaque_signature_is_opened_and_what_it_signs_is_read(kind, pieces):
    octets = signed(b"Content-Type: text/plain\r\n\r\n" + LONG.encode()[:80], pieces=pieces)
    read_ = read(part(kind, base64.encodebytes(octets), "Content-Transfer-Encoding: base64"))
    assert (read_.text, read_.encrypted) == (LONG[:80], False)
    for cut in range(0, len(octets), 7):
        read(part(kind, base64.encodebytes(octets[:cut]), "Content-Transfer-Encoding: base64"))


def test_dashes_that_a_clear_signature_has_escaped_are_as_they_were_written():
    text = (
        "before\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n- - one\n- -- \nnot - this\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\nafter"
    )
    assert without_signature(text) == "before\n- one\n-- \nnot - this\n\nafter"
    assert without_signature("- - no signature") == "- - no signature"
    assert without_signature("-----BEGIN PGP SIGNED MESSAGE-----\n\nno end") == "no end"


@pytest.mark.parametrize(
    ("text", "delete_space", "whole"),
    [
        ("one \ntwo\nthree", False, "one two\nthree"),
        ("一二 \n三", True, "一二三"),
        ("> one \n> two\nthree", False, "> one two\nthree"),
        ("> one \nthree", False, "> one \nthree"),
        (">> one \n> two", False, ">> one \n> two"),
        (" >not quoted", False, ">not quoted"),
        ("words \n-- \nAnn", False, "words \n-- \nAnn"),
        ("end ", False, "end "),
        ("one \r\ntwo\r\n", False, "one two\n"),
    ],
)
def test_soft_breaks_are_undone_within_a_paragraph_and_no_further(text, delete_space, whole):
    assert unflowed(text, delete_space=delete_space) == whole


def test_a_flowed_part_is_read_as_one_line_a_paragraph():
    assert read(part("text/plain; format=flowed; delsp=yes; charset=utf-8", "漏 \r\n洞")).text == "漏洞"
    assert read(part("text/plain; charset=utf-8", "one \r\ntwo")).text == "one \ntwo"
