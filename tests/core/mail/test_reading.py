import hashlib
from dataclasses import fields, is_dataclass
from pathlib import Path

import mailparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.mail.parsing.reading import read_message

MAILS = Path(__file__).parents[2] / "mails"
GOLDEN = [path.read_bytes() for path in sorted(MAILS.glob("*.eml")) if path.name != "nested-1000.eml"]


def part(content_type, body, *more):
    return "\r\n".join((f"Content-Type: {content_type}", *more, "", body)).encode()


def multipart(*parts, kind="mixed"):
    """A mail of these parts, by one author."""
    head = f'From: ann@example.org\r\nSubject: s\r\nContent-Type: multipart/{kind}; boundary="b"\r\n\r\n'.encode()
    return head + b"".join(b"--b\r\n" + each + b"\r\n" for each in parts) + b"--b--\r\n"


def plain(body, *more):
    return read_message(b"From: ann@example.org\r\nSubject: s\r\n" + part("text/plain; charset=utf-8", body, *more))


def strings(value):
    """Every str anywhere in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from strings(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from strings(getattr(value, each.name))


def assert_sound(read, raw):
    """What a Message promises, whatever it was read from."""
    assert (read.sha256, read.size) == (hashlib.sha256(raw).hexdigest(), len(raw))
    for text in strings(read):
        assert "\0" not in text
        assert text.encode("utf-8").decode("utf-8") == text
    assert len(read.text) + len(read.quoted) <= 1_000_001
    assert len(read.headers) <= 1000
    assert len(read.subject) <= 8 * 1024
    assert len(read.attachments) <= 200
    assert all(len(each.filename) <= 120 for each in read.attachments)
    assert all(len(defect) <= 200 for defect in read.defects)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message(raw):
    assert_sound(read_message(raw), raw)


CUTS = st.tuples(
    st.floats(0, 1),
    st.floats(0, 0.2),
    st.binary(max_size=12) | st.sampled_from([b"\r\n", b"\n\n", b"--", b"=?", b"\0"]),
)


@given(st.sampled_from(GOLDEN), st.lists(CUTS, min_size=1, max_size=5))
def test_a_golden_mail_with_any_of_its_bytes_changed_is_a_message(raw, cuts):
    for start, length, instead in cuts:
        at = int(start * len(raw))
        raw = raw[:at] + instead + raw[at + int(length * len(raw)) :]
    assert_sound(read_message(raw), raw)


ODD_PARTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["text/plain", "text/html", "message/rfc822", "image/png", "multipart/mixed", "a/b/c", "", "text/rtf"]
        ),
        st.sampled_from(["utf-8", "x-none", "utf-16", "unicode_escape", "undefined", "utf-7"]),
        st.sampled_from(["base64", "quoted-printable", "x-uuencode", "8bit", "nonsense"]),
        st.text(max_size=40),
    ),
    max_size=4,
)


@given(ODD_PARTS)
def test_any_mixture_of_types_charsets_and_encodings_is_a_message(parts):
    raw = multipart(
        *(
            part(f"{kind}; charset={charset}", body, f"Content-Transfer-Encoding: {cte}")
            for kind, charset, cte, body in parts
        )
    )
    assert_sound(read_message(raw), raw)


@pytest.mark.parametrize(
    "raw", GOLDEN, ids=[path.name for path in sorted(MAILS.glob("*.eml")) if path.name != "nested-1000.eml"]
)
def test_a_mail_reads_the_same_twice(raw):
    assert read_message(raw) == read_message(raw)


def test_nothing_is_a_message_too():
    read = read_message(b"")
    assert "the mail is empty" in read.defects
    assert (read.text, read.subject, read.message_id, read.authors) == ("", "", None, ())


def test_what_is_missing_or_there_twice_is_a_defect():
    defects = read_message(b"X: y\r\n\r\nbody").defects
    assert {"no From field", "no Date field", "no Message-Id field", "no Subject field"} <= set(defects)
    twice = read_message(b"Subject: a\r\nSubject: b\r\nFrom: a@x.example\r\nFrom: b@x.example\r\n\r\nbody")
    assert {"2 Subject fields", "2 From fields"} <= set(twice.defects)
    assert twice.subject == "a"


def test_fields_that_are_there_twice_are_all_kept():
    read = read_message(b"From: a@x.example\r\nX-A: 1\r\nx-a: 2\r\nMessage-ID: <1@x>\r\nMessage-ID: <2@x>\r\n\r\n")
    assert read.all("x-a") == ("1", "2")
    assert (read.first("x-a"), read.first("x-b"), read.message_id) == ("1", "", "1@x")


@pytest.mark.parametrize("nested", [200, 1000, 3000])
def test_parts_nested_without_end_are_a_message(nested):
    raw = b"From: ann@example.org\r\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (depth, depth) for depth in range(nested)
    )
    read = read_message(raw)
    assert_sound(read, raw)
    assert read.author_readings[-1] == ("ann@example.org",)


def test_a_mail_on_which_a_parser_fails_comes_back_degraded_with_its_headers(monkeypatch):
    def fails(_):
        raise ValueError

    monkeypatch.setattr(mailparser, "parse_from_bytes", fails)
    read = read_message(b"Subject: Deep\r\n\r\nwords")
    assert (read.degraded, read.subject, read.text) == (True, "Deep", "words")
    assert read.defects == ("its structure could not be read (ValueError)",)


def test_a_parameter_that_mail_parser_fails_on_costs_nothing():
    digits = b"9" * 5000
    read = read_message(b"Subject: Deep\r\nContent-Disposition: attachment; filename*" + digits + b"*=x\r\n\r\nwords")
    assert (read.degraded, read.subject, read.text) == (False, "Deep", "words")


def test_a_mail_over_a_limit_is_not_taken_apart_at_all():
    read = read_message((MAILS / "nested-1000.eml").read_bytes())
    assert (read.degraded, read.subject) == (True, "Deep")
    assert read.defects == ("its parts are nested more than 50 deep",)


def test_of_a_text_of_very_many_lines_the_first_are_read():
    assert plain("a\n" * 30_000).text.count("\n") == 19_999


def test_of_a_mail_that_is_not_taken_apart_no_more_lines_are_shown_than_a_person_reads():
    read = read_message(b"Subject: s\n" * 1001 + b"\n" + b"a\n" * 20_000)
    assert (read.degraded, read.text.count("\n")) == (True, 4999)


def test_a_name_that_looks_made_up_is_kept_where_the_mail_has_it_and_each_made_up_one_is_dropped():
    def attached(name):
        return part("application/x", "x", f"Content-Disposition: attachment{name}")

    read = read_message(multipart(attached('; filename="abcdefghij.txt"'), attached("")))
    assert [each.filename for each in read.attachments] == ["abcdefghij.txt", "unnamed"]


def test_messages_in_messages_are_a_message():
    raw = b"From: ann@example.org\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 2000
    assert_sound(read_message(raw), raw)


def test_very_many_empty_parts_are_a_message_with_two_hundred_attachments():
    raw = multipart(*[part("application/x", "", 'Content-Disposition: attachment; filename="a"')] * 900)
    read = read_message(raw)
    assert len(read.attachments) == 200
    assert "900 attachments, of which 200 are listed" in read.defects


def test_plain_text_outranks_html_unless_it_is_a_placeholder():
    html = part("text/html", "<p>The words in HTML, which are long enough to be read.</p>")
    words = multipart(part("text/plain", "The words in plain text, long enough."), html, kind="alternative")
    assert read_message(words).text == "The words in plain text, long enough."
    placeholder = multipart(part("text/plain", "See HTML."), html, kind="alternative")
    assert read_message(placeholder).text == "The words in HTML, which are long enough to be read."


@pytest.mark.parametrize(
    "encoding", ["utf-8", "iso-8859-1", "windows-1252", "koi8-r", "utf-16", "shift_jis", "gb18030"]
)
def test_a_text_in_its_own_charset_is_read(encoding):
    words = {"koi8-r": "Привет, уязвимость", "shift_jis": "脆弱性の報告", "gb18030": "漏洞报告"}.get(
        encoding, "café crème"
    )
    raw = f"From: a@x.example\r\nContent-Type: text/plain; charset={encoding}\r\n\r\n".encode() + words.encode(encoding)
    assert read_message(raw).text == words


def test_an_unknown_charset_costs_no_ascii():
    read = read_message(
        b"From: a@x.example\r\nContent-Type: text/plain; charset=x-none\r\n\r\nSQL injection, caf\xe9\r\n"
    )
    assert read.text.startswith("SQL injection, caf")


def test_line_ends_are_one_kind_and_nuls_are_gone():
    assert plain("one\r\ntwo\0\rthree\n").text == "one\ntwo\nthree"


def test_an_attachment_is_facts_about_its_bytes():
    raw = multipart(
        part("text/plain", "See the picture."),
        part(
            "image/png",
            "iVBORw0KGgo=",
            'Content-Disposition: attachment; filename="../a.png"',
            "Content-Transfer-Encoding: base64",
        ),
    )
    (attached,) = read_message(raw).attachments
    content = b"\x89PNG\r\n\x1a\n"
    assert (attached.filename, attached.media_type, attached.claimed_type) == ("a.png", "image/png", "image/png")
    assert (attached.size, attached.sha256) == (8, hashlib.sha256(content).hexdigest())


def test_an_attachment_without_a_name_has_none_made_up():
    raw = multipart(
        part("application/octet-stream", "x", "Content-Disposition: attachment"), part("text/rtf", "{\\rtf1}")
    )
    assert {attached.filename for attached in read_message(raw).attachments} == {"unnamed"}
    named = multipart(part("text/plain", "x", 'Content-Disposition: attachment; filename="abcdefghij.txt"'))
    assert read_message(named).attachments[0].filename == "abcdefghij.txt"


ARMOUR = """\
-----BEGIN PGP MESSAGE-----
Version: 1
Comment: a tool - https://x.example

hQEMAw
-----END PGP MESSAGE-----"""
SEALED = part("application/octet-stream", ARMOUR, 'Content-Disposition: attachment; filename="r.asc"')
SIGNED = part("application/pgp-signature", "-----BEGIN PGP SIGNATURE-----")


@pytest.mark.parametrize(
    ("raw", "encrypted"),
    [
        (multipart(part("application/pgp-encrypted", "Version: 1"), SEALED, kind="encrypted"), True),
        (multipart(part("text/plain", "see"), SEALED), True),
        (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nMIAG", True),
        (b"Content-Type: application/x-pkcs7-mime; smime-type=signed-data\r\n\r\nMIAG", True),
        (f"Subject: s\r\n\r\nHello,\n{ARMOUR}\n".encode(), True),
        (f"Subject: s\r\n\r\n{ARMOUR[:80]}".encode(), True),
        (f"Subject: s\r\n\r\n{'My report in clear words. ' * 20}\nMy key speaks so:\n{ARMOUR}".encode(), False),
        (multipart(part("text/plain", "My report in clear words. " * 20), SEALED), False),
        (multipart(part("text/plain", "signed"), SIGNED, kind="signed"), False),
        (b"Subject: s\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nin clear\r\n", False),
        (b"Subject: s\r\n\r\nPlease send me your PGP key, I have something encrypted for you.", False),
    ],
)
def test_what_cannot_be_looked_into_is_known_as_encrypted(raw, encrypted):
    assert read_message(raw).encrypted is encrypted
