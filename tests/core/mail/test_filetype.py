import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.mail.filetype import UNKNOWN, display_name, media_type, warnings_for

PNG = b"\x89PNG\r\n\x1a\n"
EXE = b"MZ\x90\x00" + bytes(60)
ZIP = b"PK\x03\x04\x14\x00\x00\x00"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF1234WEBPVP8 ", "image/webp"),
        (b"BM\x36\x00\x00\x00\x00\x00\x00\x00", "image/bmp"),
        (b"\0\0\0\x18ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"%PDF-1.7", "application/pdf"),
        (ZIP, "application/zip"),
        (EXE, "application/x-dosexec"),
        (b"\x7fELF", "application/x-executable"),
        (b"a" * 257 + b"ustar", "application/x-tar"),
        (b"-----BEGIN PGP MESSAGE-----\n", "application/pgp-encrypted"),
        (b"plain words", "text/plain"),
        ("Ä".encode() * 600, "text/plain"),
        (b"BMW and MZ are two letters of a text", "text/plain"),
        (b"MZ, a text", "text/plain"),
        (b"latin \xe9\xe9 one and more words", UNKNOWN),
        (b"\0", UNKNOWN),
        (b"", UNKNOWN),
    ],
)
def test_the_first_bytes_say_what_it_is(content, kind):
    assert media_type(content) == kind


def test_a_text_cut_inside_a_character_is_still_a_text():
    assert media_type(b"a" * 1023 + "é".encode()) == "text/plain"


@pytest.mark.parametrize(
    ("name", "claimed", "content", "warnings"),
    [
        ("a.png", "image/png", PNG, ()),
        ("a.jpg", "image/jpg", b"\xff\xd8\xff", ()),
        ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ZIP, ()),
        ("a.rar", "application/x-rar-compressed", b"Rar!\x1a\x07\x00", ()),
        ("a.txt", "text/plain", b"BMW", ()),
        ("poc.py", "text/x-python", b"#!/usr/bin/python3\n", ()),
        ("a.bin", UNKNOWN, PNG, ()),
        ("a.png", "image/png", EXE, ("type mismatch: says image/png, is application/x-dosexec", "executable")),
        ("a.exe", UNKNOWN, b"", ("executable",)),
        ("a.pdf.exe", UNKNOWN, b"", ("executable", "double extension")),
        ("a.pdf   .exe ", UNKNOWN, b"", ("executable", "double extension")),
        ("a\u202egnp.exe", UNKNOWN, b"", ("executable", "hidden characters in its name")),
        ("a.docm", UNKNOWN, b"", ("office file with macros",)),
        ("a.zip", "application/zip", b"PK\x03\x04\x14\x00\x01\x00", ("encrypted archive",)),
    ],
)
def test_what_to_know_before_opening_is_said_in_phrases(name, claimed, content, warnings):
    assert warnings_for(name, claimed, content) == warnings


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\poc.py", "poc.py"),
        ("/", "unnamed"),
        ("", "unnamed"),
        ("  ", "unnamed"),
        ("a\r\nb.txt", "a b.txt"),
        ("invoice\u202efdp.exe", "invoice\\u202efdp.exe"),
        ("\x1b[2Jx.txt", "\\x1b[2Jx.txt"),
    ],
)
def test_a_file_name_is_shown_without_folders_and_without_tricks(name, shown):
    assert display_name(name) == shown


@given(st.text(st.characters(codec=None), max_size=300))
def test_any_name_is_one_short_visible_line(name):
    shown = display_name(name)
    assert 0 < len(shown) <= 120
    assert "/" not in shown
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in shown)


@given(st.text(max_size=60), st.text(max_size=60), st.binary(max_size=400))
def test_any_attachment_has_a_type_and_bears_looking_at(name, claimed, content):
    assert "/" in media_type(content)
    assert all(isinstance(warning, str) and warning for warning in warnings_for(name, claimed, content))
