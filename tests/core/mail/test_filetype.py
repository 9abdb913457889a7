import io
import struct
import time
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.mail.parsing.filetype import UNKNOWN, display_name, media_type, warnings_for

PNG = b"\x89PNG\r\n\x1a\n"
EXE = b"MZ\x90\x00" + bytes(60)
ZIP = b"PK\x03\x04\x14\x00\x00\x00"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LNK = b"L\0\0\0\x01\x14\x02\0"


def zipped(**files) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return made.getvalue()


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
        (LNK, "application/x-ms-shortcut"),
        (b"ITSF\x03\0\0\0", "application/vnd.ms-htmlhelp"),
        (bytes(32769) + b"CD001", "application/x-iso9660-image"),
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
        ("a.zip", "application/zip", b"PK\x03\x04\x14\x00\x01\x00" + bytes(22), ("encrypted archive",)),
        ("a.lnk", UNKNOWN, LNK, ("executable",)),
        ("a.txt", UNKNOWN, LNK, ("type mismatch: named .txt, is application/x-ms-shortcut", "executable")),
        ("disk.iso", UNKNOWN, bytes(32769) + b"CD001", ("executable",)),
        ("a.hta", UNKNOWN, b"<script>1</script>", ("executable", "script in it")),
        ("a.jar", UNKNOWN, ZIP, ("executable",)),
        ("poc.sh", UNKNOWN, b"#!/bin/sh\n", ()),
        ("a.exe. .", UNKNOWN, b"", ("executable",)),
        ("a.pdf.\u200bexe", UNKNOWN, b"", ("executable", "double extension", "hidden characters in its name")),
        ("report.pdf.sh", UNKNOWN, b"", ("double extension",)),
        ("v1.2.tar.gz", UNKNOWN, b"\x1f\x8b", ()),
        ("\u200b.htaccess", UNKNOWN, b"", ("hidden characters in its name",)),
        ("a.png", UNKNOWN, ZIP, ("type mismatch: named .png, is application/zip",)),
        ("a.png", UNKNOWN, b"\xff\xd8\xff", ()),
        ("a.jpg", "image/png", ZIP, ("type mismatch: says image/png, is application/zip",)),
        ("a.docx", UNKNOWN, zipped(word_vbaProject_bin=b""), ("office file with macros",)),
        ("a.doc", UNKNOWN, OLE + "_VBA_PROJECT".encode("utf-16-le"), ("office file with macros",)),
        ("a.docx", UNKNOWN, OLE + "EncryptedPackage".encode("utf-16-le"), ("encrypted office file",)),
        ("a.7z", UNKNOWN, b"7z\xbc\xaf\x27\x1c" + bytes(26), ()),
        ("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><path/></svg>", ()),
        ("a.svg", "image/svg+xml", b"<?xml version='1.0'?><svg onload = 'alert(1)'/>", ("script in it",)),
        ("a.svg", UNKNOWN, "<svg><SCRIPT>".encode("utf-16"), ("script in it",)),
        ("page", "text/html", b"<a href='JavaScript:alert(1)'>", ("script in it",)),
        ("page.html", UNKNOWN, b"<p>one = 1, only on load we saw it</p>", ()),
        ("notes.txt", "text/plain", b"put <script>alert(1)</script> into the search field", ()),
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


def test_a_script_that_calls_itself_a_picture_is_one():
    assert "executable" in warnings_for("a.png", UNKNOWN, b"#!/bin/sh\nrm -r /")


def test_an_archive_that_says_it_becomes_more_than_a_hundred_times_its_size_is_a_bomb():
    (warning,) = warnings_for("a.zip", UNKNOWN, zipped(a=b"\0" * 20_000_000))
    assert warning.startswith("archive bomb: ")
    assert warning.endswith(" bytes that say they become 20000000")
    assert warnings_for("a.gz", UNKNOWN, b"\x1f\x8b" + bytes(20) + struct.pack("<I", 1 << 30)) == (
        "archive bomb: 26 bytes that say they become 1073741824",
    )


def test_a_log_of_a_few_megabytes_that_packs_well_is_none():
    assert warnings_for("a.zip", UNKNOWN, zipped(a=b"\0" * 5_000_000)) == ()


def test_no_bomb_costs_a_second():
    """Of a mail's largest size each, and each made for one of the looks that are taken."""
    bombs = (
        b"PK\x03\x04" * 6_000_000,
        b"PK\x03\x04" + (b"PK\x01\x02" + bytes(42)) * 500_000,
        OLE + b"_\0V\0B\0" * 4_000_000,
        b"<svg " + b" on" * 8_000_000,
        b"<html" + b"<scrip" * 4_000_000,
        b"<svg " + b" onload         " * 1_500_000,
        b"\0" * 25_000_000,
    )
    for bomb in bombs:
        begun = time.process_time()
        warnings_for("a.svg", UNKNOWN, bomb)
        assert time.process_time() - begun < 1
