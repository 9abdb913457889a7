import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from triaged.core.mail.parsing.charsets import decoded
from triaged.core.mail.parsing.labels import GUESS, codec_of


@pytest.mark.parametrize(
    ("labels", "codec"),
    [
        ("gb2312 GBK x-gbk csGB2312 chinese cp936 windows-936 GB18030 euc-cn", "gb18030"),
        ("iso-8859-1 ISO_8859-1:1987 latin1 l1 8859-1 cp819 windows-1252 cp-1252 win1252 'windows-1252'", "cp1252"),
        ("iso-8859-9 latin5 cp1254", "cp1254"),
        ("tis-620 windows-874 iso-8859-11 cp874 dos-874", "cp874"),
        ("shift_jis x-sjis sjis ms_kanji windows-31j cswindows31j cp932 IBM-943", "cp932"),
        ("ks_c_5601-1987 euc-kr korean windows-949 x-windows-949 uhc", "cp949"),
        ("big5 big5-hkscs cn-big5 x-x-big5 cp950", "big5hkscs"),
        ("utf-7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 cp65000", "utf_7"),
        ("utf8 UTF-8 \"utf-8\" utf-8*en utf-8'' charset=utf-8 cp65001 unicode-1-1-utf-8 utf8mb4", "utf_8"),
        ("iso-2022-jp csISO2022JP cp50220 iso-2022-jp-ms", "iso2022_jp"),
        ("hz-gb-2312 hz", "hz"),
        ("x-mac-cyrillic x-mac-ukrainian cp10007", "mac_cyrillic"),
        ("macintosh x-mac-roman mac", "mac_roman"),
        ("koi8-r cskoi8r koi8 cp20866", "koi8_r"),
        ("iso-8859-8-i logical hebrew", "iso8859_8"),
        ("cp437", "cp437"),
        ("us-ascii ansi unknown-8bit x-user-defined binary x-none none iso-8859-12 cp99999", GUESS),
        ("punycode idna unicode_escape raw_unicode_escape undefined mbcs hex zlib rot13 base64", GUESS),
        ("é \0 " + "x" * 5000, GUESS),
    ],
)
def test_a_label_names_the_charset_that_senders_mean_by_it(labels, codec):
    assert {label: codec_of(label) for label in labels.split()} == dict.fromkeys(labels.split(), codec)


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("gb2312", "gbk", "朱镕基的漏洞报告"),
        ("iso-8859-1", "cp1252", "it’s “here” – 10 €"),
        ("ks_c_5601-1987", "cp949", "취약점 똠방각하 보고"),
        ("shift_jis", "cp932", "①髙橋﨑の脆弱性～"),
        ("euc-jp", "euc_jis_2004", "①脆弱性"),
        ("big5", "cp950", "漏洞報告碁銹"),
        ("big5-hkscs", "big5hkscs", "漏洞嘅報告"),
        ("iso-2022-jp", "iso2022_jp", "脆弱性の報告 API"),
        ("iso-2022-jp-2", "iso2022_jp_2", "脆弱性 漏洞"),
        ("iso-2022-kr", "iso2022_kr", "취약점 보고 API"),
        ("hz-gb-2312", "hz", "漏洞报告 ~ API"),
        ("utf-7", "utf_7", "уязвимость + A&B"),
        ("utf-16", "utf-16", "漏洞 report"),
        ("utf-16", "utf-16-be", "a report, длинный"),
        ("utf-16", "utf-16-le", "a report, длинный"),
        ("utf-32", "utf-32", "漏洞 report"),
        ("windows-874", "cp874", "พบช่องโหว่"),
        ("koi8-u", "koi8_u", "вразливість"),
        ("windows-1258", "cp1258", "Đây là"),
        ("x-mac-ce", "mac_latin2", "zranitelnost č"),
        ("ibm866", "cp866", "уязвимость"),
        ("iso-8859-6", "iso8859_6", "ثغرة"),
        ("windows-1255", "cp1255", "פגיעות"),
        ("", "utf-8", "Sicherheitslücke 漏洞"),
        ("", "utf-8-sig", "漏洞"),
        ("", "cp1252", "Sicherheitslücke – für alle"),
        ("us-ascii", "iso2022_jp", "脆弱性"),
        ("us-ascii", "iso2022_kr", "취약점"),
        ("x-none", "utf-8", "漏洞"),
        ("iso-8859-1", "utf-8", "Sicherheitslücke für alle"),
        ("gb2312", "utf-8", "您好，漏洞报告在此"),
        ("windows-1252", "utf-8-sig", "é"),
    ],
)
def test_a_text_is_read_in_the_charset_that_it_is_in(label, codec, text):
    assert decoded(text.encode(codec), label) == text


def test_katakana_of_half_width_and_the_rows_that_windows_adds_are_read_in_iso_2022_jp():
    assert decoded(b"\x1b(I68\x1b(B \x1b$B-!\x1b(B", "iso-2022-jp") == "ｶｸ ①"
    assert decoded(b"\x1b$B|b\x1b(B", "iso-2022-jp") == "髙"


@pytest.mark.parametrize(
    ("label", "codec", "before", "after"),
    [
        ("utf-8", "utf-8", "漏洞报告，", "以租户登录"),
        ("gb2312", "gbk", "漏洞报告，", "以租户登录"),
        ("ks_c_5601-1987", "cp949", "취약점 ", "보고"),
        ("shift_jis", "cp932", "脆弱性", "報告"),
        ("euc-jp", "euc_jp", "脆弱性", "報告"),
        ("hz-gb-2312", "hz", "漏洞\n", "报告"),
        ("iso-2022-jp", "iso2022_jp", "脆弱性\n", "報告"),
        ("iso-2022-kr", "iso2022_kr", "취약점\n", "보고"),
        ("windows-1252", "cp1252", "für ", "alle"),
        ("koi8-r", "koi8_r", "уязв", "имость"),
    ],
)
def test_a_bad_octet_costs_no_letter_but_its_own(label, codec, before, after):
    for bad in (b"\xff", b"\x81"):
        text = decoded(before.encode(codec) + bad + b"\n" + after.encode(codec), label)
        assert text.startswith(before)
        assert text.endswith(after)


def test_an_octet_that_begins_a_letter_takes_no_ascii_with_it():
    assert decoded(b'\x84"quoted"\n', "shift_jis") == '\ufffd"quoted"\n'
    assert decoded("漏".encode("gbk")[:1] + b"\nnext", "gb2312") == "\ufffd\nnext"


@pytest.mark.parametrize("codec", ["iso2022_jp", "hz"])
def test_what_is_wrong_in_one_pair_leaves_the_other_pairs_alone(codec):
    words = {"iso2022_jp": "脆弱性の報告", "hz": "漏洞报告在此"}[codec]
    raw = bytearray(words.encode(codec))
    raw[raw.index(b"B" if codec == "iso2022_jp" else b"{") + 1] = 0xFF
    assert decoded(bytes(raw), codec.replace("2022_", "-2022-")).endswith(words[2:])


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta charset="windows-1251">',
        "<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=windows-1251'>",
        '<?xml version="1.0" encoding="windows-1251"?>',
        "<meta name=x><meta charset = windows-1251 />",
    ],
)
def test_a_page_says_its_charset_itself_where_its_field_does_not(declaration):
    page = f"<html><head>{declaration}</head><p>уязвимость".encode("cp1251")
    assert decoded(page, "", page=True).endswith("уязвимость")
    assert decoded(page, "us-ascii", page=True).endswith("уязвимость")
    assert not decoded(page, "koi8-r", page=True).endswith("уязвимость")
    assert not decoded(page, "").endswith("уязвимость")


def test_a_page_that_says_it_is_in_utf_16_and_was_read_so_far_is_not():
    page = '<meta charset="utf-16"><p>é'
    assert decoded(page.encode(), "", page=True) == page


LABELS = (
    "utf-8 utf-7 utf-16 utf-32 iso-2022-jp iso-2022-kr iso-2022-cn hz-gb-2312 gb2312 big5 shift_jis euc-jp euc-kr johab "
    "windows-1252 windows-874 koi8-r cp437 us-ascii x-none punycode cp037"
).split()


@given(st.binary(max_size=200), st.sampled_from([*LABELS, ""]), st.booleans())
def test_any_octets_under_any_label_are_a_text_and_the_same_one_twice(raw, label, page):
    text = decoded(raw, label, page=page)
    assert isinstance(text, str)
    assert decoded(raw, label, page=page) == text


@given(st.text(max_size=50))
def test_any_label_names_a_codec_that_decodes(label):
    assert isinstance(decoded(b"\xff\xfea\x1b$B", label), str)


@pytest.mark.parametrize("label", "utf-8 utf-7 iso-2022-jp iso-2022-kr hz gb2312 euc-jp us-ascii".split())
@pytest.mark.parametrize(
    "piece", [b"\xff", b"\x81", b"\x1b$B!!", b"~{", b"+AAA", b"\x0e!!", b"\xe2\x82", b"<meta ", b"a\xc3\xa9"]
)
def test_a_text_of_one_thing_over_and_over_is_decoded_in_one_pass(label, piece):
    small, large = piece * (20_000 // len(piece)), piece * (80_000 // len(piece))
    assert_linear(lambda raw: decoded(raw, label, page=True), small, large)
