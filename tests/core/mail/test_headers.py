import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.mail.parsing.headers import (
    decoded,
    degraded_message,
    message_ids,
    read_fields,
    references,
    split_head,
    strict_authors,
    whole_unicode,
)
from triaged.core.mail.sender import Trust, sender

LONGEST_VALUE = 8 * 1024
LONGEST_HEAD = 256 * 1024


@pytest.mark.parametrize("ends", [b"\r\n", b"\n", b"\r"])
def test_the_header_ends_at_the_first_blank_line_in_any_line_ending(ends):
    raw = ends.join([b"A: 1", b"B: 2", b"", b"C: 3", b"", b"D: 4"])
    assert read_fields(raw) == (("a", "1"), ("b", "2"))
    assert split_head(raw)[1] == ends.join([b"C: 3", b"", b"D: 4"])


@pytest.mark.parametrize("blank", [b"\n\r\n", b"\r\n\n", b"\n\r", b"\r\r\n"])
def test_a_blank_line_of_mixed_endings_is_one_as_well(blank):
    assert read_fields(b"A: 1" + blank + b"B: 2\r\n") == (("a", "1"),)


def test_fields_are_unfolded_and_named_in_lower_case_in_order():
    raw = b"Subject: one\r\n two\r\n\tthree\r\nX-Odd : spaced\r\nno field at all\r\nSUBJECT:again\r\n\r\nbody"
    assert read_fields(raw) == (("subject", "one two three"), ("x-odd", "spaced"), ("subject", "again"))


def test_an_mbox_line_and_blank_lines_before_the_header_are_passed_over():
    assert read_fields(b"From a@x.example Mon Nov 23\nA: 1\n\nbody") == (("a", "1"),)
    assert read_fields(b"\r\n\r\nA: 1\r\n\r\nbody") == (("a", "1"),)


def test_a_header_that_never_ends_is_cut():
    fields = read_fields(b"A: " + b"x" * 400_000 + b"\r\nB: 2\r\n")
    assert fields == (("a", "x" * LONGEST_VALUE),)


def test_no_more_than_a_thousand_fields_are_read():
    assert len(read_fields(b"A: 1\r\n" * 3000)) == 1000


def test_raw_octets_are_utf8_where_they_can_be_and_else_latin_1():
    assert read_fields("A: é".encode())[0][1] == "é"
    assert read_fields("A: é".encode("latin-1"))[0][1] == "é"
    assert read_fields(b"A: x\0y")[0][1] == "x\ufffdy"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?caf=C3=A9_au_lait?=", "café au lait"),
        ("=?utf-8?B?Y2Fmw6k=?=", "café"),
        ("=?utf-8?b?Y2Fmw6k?=", "café"),
        ("=?utf-8?q?one?= =?utf-8?q?two?=", "onetwo"),
        ("=?utf-8?q?one?= two", "one two"),
        ("=?utf-8*en?q?hello?=", "hello"),
        ("=?koi8-r?B?8NLJ18XU?=", "Привет"),
        ("=?x-no-such?q?abc?=", "abc"),
        ("=?x-no-such?q?caf=C3=A9?=", "café"),
        ("=?utf-8?b?!!!?=", ""),
        ("=?utf-8?q?=FF?=", "\ufffd"),
        ("=?unknown-8bit?q?=C3=A9?=", "é"),
        ("=?unicode_escape?q?=5Cud800?=", "\\ud800"),
        ("=?punycode?q?abc-d?=", "abc-d"),
        ("=?utf-16le?b?ANg=?=", "\ufffd"),
        ("=?utf-8?q?open", "=?utf-8?q?open"),
    ],
)
def test_encoded_words_are_decoded_and_what_cannot_be_stays(value, text):
    assert decoded(value) == text


def test_a_decoded_line_break_stays_in_the_value_for_the_reader_to_escape():
    assert decoded("=?utf-8?q?x=0D=0ABcc:_v=40z.example?=") == "x\r\nBcc: v@z.example"


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@x>", ("a@x",)),
        ("<a@x> (comment) <b@y>", ("a@x", "b@y")),
        ("a@x", ()),
        ("<a b@x>", ()),
        ("<a@x\r\n>", ()),
        ("<<a@x>>", ("a@x",)),
        (f"<{'a' * 200}@{'x' * 60}>", ()),
        ("", ()),
    ],
)
def test_a_msg_id_is_one_only_in_brackets_and_of_a_bearable_length(value, ids):
    assert message_ids(value) == ids


def test_references_name_the_answered_mail_first_and_each_id_once():
    fields = (("references", "<a@x> <b@x>"), ("in-reply-to", "<b@x>"), ("references", "<c@x>"))
    assert references(fields) == ("b@x", "a@x", "c@x")


@pytest.mark.parametrize(
    "values", [(), ("a@x.example", "a@x.example"), ("a@x.example, b@x.example",), ("a@x.example b",)]
)
def test_the_strict_reading_takes_only_one_field_with_one_mailbox(values):
    assert strict_authors(tuple(("from", value) for value in values)) == ()


def test_a_degraded_message_shows_its_headers_and_the_words_of_its_body():
    raw = b"From: a@x.example\r\nSubject: =?utf-8?q?h=C3=A9?=\r\nMessage-ID: <1@x>\r\nContent-Type: Text/Plain; x=y\r\n\r\n"
    read = degraded_message(raw + b"some words\r\n" + b"QUJD" * 19 + b"\r\n", "why")
    assert (read.subject, read.message_id, read.content_type) == ("hé", "1@x", "text/plain")
    assert (read.text, read.author_readings, read.defects) == ("some words", (("a@x.example",),), ("why",))
    assert read.degraded


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@x.example\r\n" + b"X: y\r\n" * 1000 + b"From: b@y.example\r\n",
        b"From: a@x.example\r\n" + b"X: y\r\n" * 1000 + b"Auto-Submitted: auto-generated\r\n",
        b"From: a@x.example\r\nX: " + b"y" * LONGEST_HEAD + b"\r\nFrom: b@y.example\r\n",
        b"From: a@x.example" + b" " * LONGEST_VALUE + b", b@y.example\r\n",
        b"From: a@x.example" + b"\r\n " * LONGEST_VALUE + b", b@y.example\r\n",
        b"From: a@x.example" + b"\0" * LONGEST_VALUE + b", b@y.example\r\n",
        b"From: " + "é".encode() * (LONGEST_VALUE // 2) + b" <a@x.example>, b@y.example\r\n",
        b"From: a\0@x.example\r\n",
    ],
    ids=[
        "From behind fields",
        "mark behind fields",
        "From behind a long field",
        "blanks",
        "folds",
        "NULs",
        "a name",
        "a NUL",
    ],
)
def test_where_the_header_was_cut_nobody_is_read_as_its_author(raw):
    read = degraded_message(raw + b"Subject: s\r\n\r\nwords\r\n", "why")
    assert sender(read, Trust()).address == ""


def test_a_long_name_and_many_fields_that_are_not_cut_leave_an_author():
    raw = b"From: " + b"n" * 180 + b" <a@x.example>\r\n" + b"X: y\r\n" * 990 + b"\r\nwords\r\n"
    assert degraded_message(raw, "why").author_readings == (("a@x.example",),)


@given(st.binary(max_size=600) | st.text("AB:= \t\r\n?q<>@,;\0é", max_size=300).map(str.encode))
def test_any_bytes_have_fields_that_json_takes(raw):
    for name, value in read_fields(raw):
        assert name == name.lower()
        assert "\n" not in name + value
        assert "\r" not in name + value
        assert "\0" not in value
        assert json.loads(json.dumps(value).encode("utf-8")) == value
    assert len(json.dumps(degraded_message(raw, "why").text).encode("utf-8")) >= len('""')


@given(st.binary(max_size=300))
def test_head_and_body_are_parts_of_the_mail(raw):
    head, body = split_head(raw)
    assert head in raw
    assert raw.endswith(body)


CHARSETS = (
    "utf-8 utf-7 utf-16 utf-32 unicode_escape raw_unicode_escape idna punycode hex zlib shift_jis hz cp037 undefined"
)


@given(
    st.text(max_size=200)
    | st.lists(
        st.tuples(
            st.sampled_from(CHARSETS.split()), st.sampled_from("bBqQ"), st.text("=09AFau+/\\ux-&", max_size=30)
        ).map("=?{0[0]}?{0[1]}?{0[2]}?= ".format),
        max_size=8,
    ).map("".join)
)
def test_any_value_decodes_to_whole_unicode(value):
    text = decoded(value)
    assert text.encode("utf-8").decode("utf-8") == text
    assert "\0" not in text


@given(st.text(st.characters(codec=None, categories=("Cs", "Cc", "Ll", "So")), max_size=50))
def test_whole_unicode_drops_only_what_no_encoder_takes(text):
    whole = whole_unicode(text)
    whole.encode("utf-8")
    assert whole == "".join("?" if "\ud800" <= char <= "\udfff" else char for char in text if char != "\0")
