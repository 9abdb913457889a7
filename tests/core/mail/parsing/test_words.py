import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from triaged.core.mail.parsing.words import in_clear


def word(text, codec, label=None, encoding="B"):
    return f"=?{label or codec}?{encoding}?{base64.b64encode(text.encode(codec)).decode()}?="


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?B?U2NobMO8c3NlbCDigJMg6ISG5bw=?= =?utf-8?B?seaAp+WgseWRiuOBruS7tg==?=", "Schlüssel – 脆弱性報告の件"),
        ("=?utf-8?Q?=E6=BC?=\t =?UTF-8?q?=8F=E6=B4=9E?=", "漏洞"),
        ("=?utf-8?Q?=E6=BC?= =?utf-8?B?jw==?=", "漏"),
        ("=?utf-8?Q?Cl=C3=A9s API visibles =C3=A0 tous?=", "Clés API visibles à tous"),
        ("=?utf-8?Q?Why?_Because?=", "Why? Because"),
        (word("API脆弱性", "cp932", "x-sjis"), "API脆弱性"),
        (word("朱镕基", "gbk", "gb2312"), "朱镕基"),
        (word("พบ", "cp874", "windows-874"), "พบ"),
        (f"{word('脆弱性', 'iso2022_jp', 'ISO-2022-JP')} {word('報告', 'iso2022_jp', 'iso-2022-jp')}", "脆弱性報告"),
        ("=?utf-7?Q?+BDc-?= =?utf-7?Q?+BDc?=", "зз"),
        ("=?utf-8?B?Y2Fm\r\n w6k=?=", "café"),
        ("=?utf-8?B?Y2Fm w6k=?=", "café"),
        ("=?utf-8?B?Y2Fmw6k?=", "café"),
        ("=?utf-8?B?Y2Fmw6k=w6k=?=", "caféé"),
        ("Re: =?utf-8?q?a?= b =?utf-8?q?c?=", "Re: a b c"),
        ("=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
        ('"=?utf-8?q?a?="', '"a"'),
        ("=?x-none?q?caf=C3=A9?=", "café"),
        ("=??q?abc?=", "abc"),
        ("=?utf-8*en-GB?q?abc?=", "abc"),
        ("it\x92s raw", "it’s raw"),
        ("\x1b$B@H<e@-\x1b(B API", "脆弱性 API"),
        ("漏\x92", "漏\x92"),
        ("=?utf-8?q?open", "=?utf-8?q?open"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
    ],
)
def test_encoded_words_are_read_as_mail_clients_read_them(value, text):
    assert in_clear(value) == text


def test_raw_octets_are_read_by_the_same_table():
    assert in_clear("é".encode()) == "é"
    assert in_clear(b"\x93quoted\x94 \xe9") == "“quoted” é"


@given(st.text("=?utf-8QqBbAé\x92 _\t\x1b$(", max_size=80) | st.binary(max_size=80))
def test_any_value_is_a_text_and_the_same_one_twice(value):
    assert in_clear(value) == in_clear(value)


@pytest.mark.parametrize("piece", ["=?", "=?a?q?", "=?a?q?b?= ", "=?a?q?b?=", "?=", "=", " ", "=?utf-8?B?A?= ", "\x92"])
def test_a_value_of_one_thing_over_and_over_is_read_in_one_pass(piece):
    assert_linear(in_clear, piece * (40_000 // len(piece)), piece * (160_000 // len(piece)))
