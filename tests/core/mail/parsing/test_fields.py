import base64
import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from triaged.core.mail.parsing.parameters import boundary_of, media_type_of, parameters
from triaged.core.mail.parsing.transfer import transferred, without_uuencoded

WORDS = b"The whole report stands here, every word of it.\r\n" * 4
CODED = base64.encodebytes(WORDS)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b'attachment; filename="=?utf-8?B?w6kudHh0?="', "é.txt"),
        (b"attachment; filename*=utf-8''%C3%A9.txt; filename=e.txt", "é.txt"),
        (b"attachment; filename=e.txt; filename*=utf-8''%C3%A9.txt", "é.txt"),
        (b"attachment; filename*0*=utf-8''%C3; filename*1*=%A9; filename*2=.txt", "é.txt"),
        (b"attachment; filename*1=.txt;\r\n filename*0=a", "a.txt"),
        (b'attachment; filename*0="=?utf-8?Q?a_"; filename*1="b?="', "a b"),
        (b"attachment; filename*=gb2312''%C2%A9%B6%B4.txt", "漏洞.txt"),
        (b"attachment; filename*=%E2%82%AC.txt", "€.txt"),
        ('attachment; filename="é.txt"'.encode(), "é.txt"),
        ('attachment; filename="é.txt"'.encode("latin-1"), "é.txt"),
        (b'attachment; filename="\x1b$B@H<e@-\x1b(B.txt"', "脆弱性.txt"),
        (b"attachment; filename=my file (1).txt; size=3", "my file (1).txt"),
        (b'attachment; filename="a\\"b.txt"', 'a"b.txt'),
        (b'attachment; filename="C:\\dir\\a.txt"', "C:\\dir\\a.txt"),
        (b'attachment; filename="a;b.txt"; x=y', "a;b.txt"),
        (b'attachment; filename="never closed.txt', "never closed.txt"),
        (b"attachment;filename=a.txt", "a.txt"),
        (b"attachment; x=y", ""),
    ],
)
def test_a_file_has_the_name_that_its_sender_gave_it(value, name):
    assert parameters(value).get("filename", "") == name


@pytest.mark.parametrize(
    ("value", "kind", "charset"),
    [
        (b"text/plain; charset=us-ascii (Plain text)", "text/plain", "us-ascii"),
        (b'Text/HTML; CHARSET="UTF-8"', "text/html", "UTF-8"),
        (b"text/plain charset=utf-8", "text/plain", "utf-8"),
        (b"text/plain;\r\n\tcharset=utf-8;", "text/plain", "utf-8"),
        (b"text/plain; charset*=utf-8''windows-1251", "text/plain", "windows-1251"),
        (b"text / plain; charset = utf-8", "text/plain", "utf-8"),
        (b"text", "text/plain", ""),
        (b"html", "text/html", ""),
        (b'"text/html"; charset=x', "text/html", "x"),
        (b"; ;", "", ""),
        (b"\xff/\xff", "", ""),
    ],
)
def test_a_type_is_read_with_what_people_put_around_it(value, kind, charset):
    assert (media_type_of(value), parameters(value).get("charset", "")) == (kind, charset)


@pytest.mark.parametrize(
    ("value", "boundary"),
    [
        (b"multipart/mixed; boundary=abc", b"abc"),
        (b'multipart/mixed; boundary="a b;c"', b"a b;c"),
        (b"multipart/mixed; boundary=a'b (comment)", b"a'b"),
        (b"multipart/mixed; boundary*0=ab; boundary*1=cd", b"abcd"),
        (b"multipart/mixed; boundary*=\"us-ascii''a%20b\"", b"a b"),
        (b'multipart/mixed; name="x; boundary=evil"; boundary=b', b"b"),
        (b'multipart/mixed; boundary="\xe9 "', b"\xe9"),
        (b"multipart/mixed", b""),
    ],
)
def test_a_boundary_is_the_octets_that_its_field_names(value, boundary):
    assert boundary_of(value) == boundary


@pytest.mark.parametrize(
    "named",
    [
        [b"base64 (RFC 2045)"],
        [b'"base64"'],
        [b"base64, base64"],
        [b"base64", b"base64"],
        [b"8bit", b"base64"],
        [b" BASE64; x"],
        [b"(comment) base-64"],
        [b"Base64\t"],
    ],
)
def test_an_encoding_is_read_with_what_people_put_around_it(named):
    assert transferred(CODED, named) == WORDS


@pytest.mark.parametrize("named", [[], [b""], [b"8bit"], [b"utf-8"], [b"quoted"], [b"binary"], [b"x-none"]])
def test_what_is_no_encoding_changes_nothing(named):
    assert transferred(b"a=3D\xe9", named) == b"a=3D\xe9"


def test_base64_that_is_cut_short_loses_no_more_than_is_cut():
    for cut in range(1, 20):
        assert WORDS.startswith(transferred(CODED[:-cut], [b"base64"]))
        assert len(transferred(CODED[:-cut], [b"base64"])) >= len(WORDS) - cut


def test_base64_in_several_pieces_with_a_footer_behind_it_is_read_whole():
    twice = base64.encodebytes(b"one piece, ") + base64.encodebytes(b"and another")
    assert transferred(twice, [b"base64"]) == b"one piece, and another"
    footer = b"____________\r\nSecurity mailing list\r\nTo unsubscribe write to us\r\n"
    assert transferred(CODED + footer, [b"base64"]) == WORDS + b"\n" + footer


def test_words_that_are_called_base64_stay_words():
    assert transferred(b"Hello there, these are words.\r\n", [b"base64"]) == b"Hello there, these are words.\r\n"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"a =  \r\nb", b"a b"),
        (b"a=3db=3D", b"a=b="),
        (b"100=% of=XY", b"100=% of=XY"),
        (b"caf=C3=\r\n=A9", "café".encode()),
        (b"cut=", b"cut"),
    ],
)
def test_quoted_printable_is_read_as_leniently_as_it_is_written(body, text):
    assert transferred(body, [b"quoted-printable"]) == text


def uuencoded(data):
    return b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))


@pytest.mark.parametrize("name", [b"x-uuencode", b"uuencode", b"x-uue", b"UUE"])
def test_uuencode_is_decoded_with_or_without_its_end(name):
    coded = b"begin 644 a.txt\n" + uuencoded(WORDS)
    for end in (b"`\nend\n", b" \nend", b""):
        assert transferred(coded + end, [name]) == WORDS
    assert transferred(b"words\r\n" + coded.replace(b"\n", b"\r\n"), [name]) == WORDS
    assert transferred(b"no beginning", [name]) == b"no beginning"


def test_a_last_line_with_more_in_it_than_its_length_says_is_read():
    assert transferred(b"begin 644 a\n" + binascii.b2a_uu(b"ab").rstrip(b"\n") + b"_\n`\nend\n", [b"uuencode"]) == b"ab"


def test_files_in_a_text_are_taken_out_of_it():
    coded = b"begin 644 a b.txt\r\n" + uuencoded(WORDS) + b"`\r\nend\r\n"
    assert without_uuencoded(b"before\r\n" + coded + b"after") == (b"before\r\n\nafter", [("a b.txt", WORDS)])
    for text in (b"begin 644 a\r\nwords", b"begin 644 a\n\nend\n", b"we begin 644 a"):
        assert without_uuencoded(text) == (text, [])


@given(
    st.binary(max_size=200),
    st.lists(st.sampled_from([b"base64", b"quoted-printable", b"uuencode", b"8bit"]), max_size=3),
)
def test_any_body_in_any_encoding_is_some_octets(body, named):
    assert transferred(body, named) == transferred(body, named)


@given(st.binary(max_size=200) | st.text("name*=0'%;\" \\()é=?QB", max_size=80).map(str.encode))
def test_any_field_has_parameters(value):
    assert all(isinstance(text, str) for text in parameters(b"a/b;" + value).values())
    boundary_of(value)


PIECES = (b";", b'"', b"\\", b"(", b"a=", b"; a*0=b", b"=", b" ", b"'", b"; name=x y", b"%", b"=?utf-8?q?a?= ")


@pytest.mark.parametrize("piece", PIECES)
def test_a_field_of_one_thing_over_and_over_is_read_in_one_pass(piece):
    small, large = piece * (20_000 // len(piece)), piece * (80_000 // len(piece))
    assert_linear(parameters, b"a/b; name=" + small, b"a/b; name=" + large)


@pytest.mark.parametrize("name", [b"base64", b"quoted-printable", b"uuencode"])
@pytest.mark.parametrize(
    "piece", [b"=", b"= ", b"a b ", b"begin 644 a\n", b"QUJD=", b"QUJD\n", b" ", b"\n", b"M\n", b"end\n"]
)
def test_a_body_of_one_thing_over_and_over_is_decoded_in_one_pass(name, piece):
    def work(body):
        transferred(body, [name])
        without_uuencoded(body)

    assert_linear(work, piece * (60_000 // len(piece)), piece * (240_000 // len(piece)))
