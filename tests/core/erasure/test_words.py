"""The words by which a person is found, and those that are left alone."""

import base64
import quopri

import pytest

from triaged.core.erasure.words import ERASED, Words, is_a_persons

ALICE = Words(frozenset({"alice.smith@acme.example"}), frozenset({"Alicé Smith"}), domains=frozenset({"acme.example"}))


@pytest.mark.parametrize(
    "text",
    [
        "alice.smith@acme.example",
        "ALICE.Smith@ACME.example",
        "alice.smith[@]acme[.]example",
        "alice.smith at acme dot example".replace(" at ", " [at] ").replace(" dot ", "."),
        "alice.smith%40acme.example",
        "alice%2Esmith%40acme%2Eexample",
        "Alicé Smith",
        "ALICÉ SMITH",
        "Alice\u0301 Smith",
        "Smith, Alicé",
        "alicé_smith",
        "Alic%C3%A9%20Smith",
        "acme.example",
    ],
)
def test_each_spelling_is_found_and_nothing_of_it_is_left(text):
    scrubbed = ALICE.scrubbed(f"<{text}>", at_home=False)
    assert scrubbed in {f"<{ERASED}>", f"<{ERASED} {ERASED}>"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("bounce+alice.smith=acme.example@list.example", f"bounce+{ERASED}@list.example"),
        ("https://poc.acme.example/x", f"https://poc.{ERASED}/x"),
        (r"{\"to\": \"x\nalice.smith@acme.example\"}", rf"{{\"to\": \"x\n{ERASED}\"}}"),
        ("bob%40acme.example", f"bob%40{ERASED}"),
    ],
)
def test_a_word_inside_another_goes_alone(text, left):
    assert ALICE.scrubbed(text, at_home=False) == left


@pytest.mark.parametrize(
    "text", ["malice.smith@acme.examples", "notacme.example", "Malicé Smithson", "Smith wrote", ""]
)
def test_other_peoples_words_stay(text):
    assert ALICE.scrubbed(text, at_home=False) == text


def test_single_names_and_the_local_part_go_at_home_only():
    text = "Smith wrote it, see github.example/alice.smith"
    assert ALICE.scrubbed(text, at_home=False) == text
    assert ALICE.scrubbed(text, at_home=True) == f"{ERASED} wrote it, see github.example/{ERASED}"


@pytest.mark.parametrize("name", ["Security Team", "security@acme.example", "Bug Bounty Hunter", "", "?!", "A."])
def test_a_desks_name_is_no_persons(name):
    assert not is_a_persons(name)


@pytest.mark.parametrize("text", ["我是王小明，你好", "王小明", "王 小明 wrote"])
def test_a_name_in_a_script_that_parts_no_words_is_found_inside_a_sentence(text):
    words = Words(frozenset({"w@x.example"}), frozenset({"王小明"}))
    assert "小" not in words.scrubbed(text.replace("王 小明", "王小明"), at_home=False)


def test_a_name_that_others_use_too_goes_at_home_only():
    words = Words(frozenset({"w@x.example"}), frozenset({"Cross Site"}), common=frozenset({"Cross Site"}))
    assert words.scrubbed("cross site scripting", at_home=False) == "cross site scripting"
    assert words.scrubbed("cross site scripting", at_home=True) == f"{ERASED} scripting"


@pytest.mark.parametrize("name", ["Jo Li", "A B", "An Na"])
def test_a_short_name_does_not_cut_other_peoples_words(name):
    words = Words(frozenset({"w@x.example"}), frozenset({name}))
    assert words.scrubbed("joli ab anna a b", at_home=False) == "joli ab anna a b"


def test_a_domain_in_another_script_is_found_in_both_forms():
    words = Words(frozenset({"eva@xn--bcher-kva.example"}), domains=frozenset({"xn--bcher-kva.example"}))
    for text in ("eva@bücher.example", "eva@xn--bcher-kva.example", "bücher.example"):
        assert words.scrubbed(text, at_home=False) == ERASED


PLAIN = "Dear team, alice.smith@acme.example found it. Regards.\r\n" * 3


@pytest.mark.parametrize(
    "raw",
    [
        PLAIN.encode(),
        base64.encodebytes(PLAIN.encode()),
        b"Content-Transfer-Encoding: base64\r\n\r\nword\r\n"
        + base64.encodebytes(PLAIN.encode()).replace(b"\n", b"\r\n"),
        base64.encodebytes(b"Subject: x\r\n\r\n" + base64.encodebytes(PLAIN.encode())),
        base64.encodebytes(PLAIN.encode("utf-16")),
        PLAIN.encode("utf-16"),
        b"a long line that is broken in the middle of alice.sm=\r\nith@acme.example",
        quopri.encodestring("Alicé Smith".encode()),
        b"From: =?utf-8?q?Alic=C3=A9?=\r\n =?utf-8?b?IFNtaXRo?= <x@y.example>",
        "From: Alicé Smith <x@y.example>".encode("latin-1"),
        b'{"mail": "alice.smith%40acme.example"}',
        b"<!-- " + base64.encodebytes(PLAIN.encode())[:-9] + b" torn",
    ],
)
def test_raw_mail_is_looked_through_in_every_encoding(raw):
    assert ALICE.are_in(raw)


def test_a_name_written_with_a_combining_accent_is_found_without_one_and_the_other_way_round():
    for name, text in (("Alice\u0301 Smit", "Alicé Smit"), ("Alicé Smit", "Alice\u0301 Smit")):
        assert Words(frozenset({"w@x.example"}), frozenset({name})).are_in(text.encode())


@pytest.mark.parametrize("raw", [b"", b"=", b"=?", b"====", b"\xff\xfe", b"A" * 7, b"=?utf-8?b??=", b"nothing of her"])
def test_raw_mail_without_them_is_left_alone_whatever_it_is(raw):
    assert not ALICE.are_in(raw)
