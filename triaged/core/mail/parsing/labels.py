"""The names that mail gives to charsets, and what the bytes under each name really are.

The table is that of the WHATWG Encoding Standard, which writes down what browsers and mail clients have come to do: a label
means the superset that its vendor writes under it (gb2312 holds GBK, iso-8859-1 holds windows-1252). Code pages by number
and the Macintosh charsets are added, for mail is older than the web.
"""

import codecs
import re

GUESS = ""
"""No charset that is known: the bytes themselves must say."""

_ISO_8859 = {
    1: "cp1252",
    9: "cp1254",
    11: "cp874",
    12: GUESS,
    **{part: f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
}
_LATIN = {1: 1, 2: 2, 3: 3, 4: 4, 5: 9, 6: 10, 7: 13, 8: 14, 9: 15, 10: 16}
# By codec, the labels as `_plain` leaves them: lower case, letters and digits alone.
_LABELS = {
    "utf_8": "utf8 unicode11utf8 unicode20utf8 xunicode20utf8 utf8n utf8mb4 utf8mb3 utf utf8bom csutf8 al32utf8 cesu8 utf8mac",
    "utf_7": "utf7 unicode11utf7 unicode20utf7 xunicode20utf7 csutf7 csunicode11utf7 xutf7",
    "utf_16": "utf16 ucs2 iso10646ucs2 csunicode unicode utf16bom",
    "utf_16_le": "utf16le unicodefeff ucs2le xutf16le",
    "utf_16_be": "utf16be unicodefffe ucs2be xutf16be",
    "utf_32": "utf32 ucs4 iso10646ucs4",
    "utf_32_le": "utf32le ucs4le",
    "utf_32_be": "utf32be ucs4be",
    "cp1252": "latin1 windowslatin1 cp819 ibm819 isoir100 csisolatin1 l1 xansi winlatin1",
    "cp1254": "latin5 isoir148 csisolatin5 l5",
    "cp874": "tis620 tis62025330 tis62025331 tis62025291 thai isoir166 cstis620 ibm874 dos874 xwindows874",
    "iso8859_2": "isoir101 csisolatin2 l2",
    "iso8859_3": "isoir109 csisolatin3 l3",
    "iso8859_4": "isoir110 csisolatin4 l4",
    "iso8859_5": "cyrillic isoir144 csisolatincyrillic",
    "iso8859_6": "arabic asmo708 ecma114 isoir127 csisolatinarabic iso88596e iso88596i csiso88596e csiso88596i",
    "iso8859_7": "greek greek8 ecma118 elot928 isoir126 csisolatingreek suneugreek",
    "iso8859_8": "hebrew isoir138 csisolatinhebrew visual logical iso88598e iso88598i csiso88598e csiso88598i",
    "iso8859_10": "isoir157 csisolatin6 l6",
    "iso8859_15": "csisolatin9 l9 latin0",
    "koi8_r": "koi koi8 koi8r cskoi8r",
    "koi8_u": "koi8ru koi8u",
    "koi8_t": "koi8t",
    "kz1048": "kz1048 strk1048 rk1048",
    "ptcp154": "ptcp154 pt154 csptcp154 cyrillicasian",
    "cp866": "csibm866",
    "mac_roman": "macintosh mac macroman xmacroman csmacintosh xmac",
    "mac_cyrillic": "xmaccyrillic xmacukrainian maccyrillic",
    "mac_greek": "xmacgreek macgreek",
    "mac_turkish": "xmacturkish macturkish",
    "mac_latin2": "xmacce xmaccentraleurroman maccentraleurope maclatin2 xmaccentraleurope",
    "mac_croatian": "xmaccroatian",
    "mac_romanian": "xmacromanian",
    "mac_iceland": "xmacicelandic",
    "mac_arabic": "xmacarabic",
    "gb18030": (
        "gb18030 gb2312 gbk xgbk chinese csgb2312 csiso58gb231280 gb231280 isoir58 euccn xeuccn eucgb cngb gb xmacchinesesimp "
        "gb180302000 gb180302005 gb180302022 csgbk cngb231280"
    ),
    "hz": "hzgb2312 hz hzgb",
    "big5hkscs": "big5 big5hkscs cnbig5 csbig5 xxbig5 big5eten big5hk xmacchinesetrad big5tw big52003 xbig5",
    "euc_tw": "euctw xeuctw cneuctw",
    "cp932": (
        "shiftjis sjis xsjis mskanji csshiftjis windows31j cswindows31j xmscp932 ms932 cp932 xshiftjis sjiswin cp943 cp943c "
        "ibm943 xmacjapanese ibm932 shiftjisms"
    ),
    "euc_jp": "eucjp xeucjp cseucpkdfmtjapanese xeuc ujis eucjpms eucjpwin cp51932 xeucjplinux",
    "iso2022_jp": (
        "iso2022jp csiso2022jp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jpms iso2022jp2004 iso2022jpext cp50220 cp50221 cp50222 "
        "csiso2022jp2 jis jisencoding csjisencoding xiso2022jp junet"
    ),
    "cp949": (
        "ksc56011987 ksc56011989 ksc5601 ksc56011992 cseuckr csksc56011987 euckr isoir149 korean windows949 ks5601 xwindows949 "
        "uhc ms949 xeuckr ksx1001 xmackorean kscwansung xuhc ks"
    ),
    "johab": "johab ms1361 ksc5601johab ksc56011992johab",
    "iso2022_kr": "iso2022kr csiso2022kr",
    "iso2022_cn": "iso2022cn csiso2022cn iso2022cnext",
    GUESS: "ascii usascii ansi ansix341968 ansix341986 iso646us isoir6 csascii us default unknown unknown8bit xunknown none",
}
_BY_LABEL = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}
# Code pages by number, as Windows, DOS, IBM and Java name them: cp1252, windows-1252, ms-936, ibm850, x-windows-949.
_PAGES = {
    **{
        number: f"cp{number}"
        for number in (437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866)
    },
    **{number: f"cp{number}" for number in (869, 874, 932, 949, 1006, 1125, *range(1250, 1259))},
    **{28590 + part: codec for part, codec in _ISO_8859.items()},
    819: "cp1252",
    936: "gb18030",
    943: "cp932",
    950: "big5hkscs",
    951: "big5hkscs",
    1200: "utf_16_le",
    1201: "utf_16_be",
    1208: "utf_8",
    1361: "johab",
    10000: "mac_roman",
    10006: "mac_greek",
    10007: "mac_cyrillic",
    10029: "mac_latin2",
    10081: "mac_turkish",
    20127: GUESS,
    20866: "koi8_r",
    20932: "euc_jp",
    20936: "gb18030",
    20949: "cp949",
    21866: "koi8_u",
    38598: "iso8859_8",
    50220: "iso2022_jp",
    50221: "iso2022_jp",
    50222: "iso2022_jp",
    50225: "iso2022_kr",
    50227: "iso2022_cn",
    51932: "euc_jp",
    51936: "gb18030",
    51949: "cp949",
    52936: "hz",
    54936: "gb18030",
    65000: "utf_7",
    65001: "utf_8",
}
_PAGE = re.compile(r"(?:cs|x)?(?:cp|windows|win|xcp|mscp|ms|ibm|oem|dos|codepage|ccsid|pc)?0{0,3}(\d{3,5})")
_ISO = re.compile(r"(?:iso|is0)?8859(\d{1,2})(?:1987|1988|1989|1990|1992|1998)?")
_LATIN_NUMBER = re.compile(r"(?:iso)?latin(\d{1,2})")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
# Python's own, of which no mail is written: some are slow, some warn, one makes surrogates, one needs no bytes at all.
_NO_CHARSETS = frozenset("punycode idna unicode_escape raw_unicode_escape undefined mbcs oem".split())
_LONGEST = 60


def codec_of(label: str) -> str:
    """The name of the codec that bytes under this label are in, or `GUESS` for a label that says nothing.

    Takes what senders write: in quotes, in any case, with a language behind an asterisk, with RFC 2231's apostrophes.
    """
    plain = _plain(label)
    if plain in _BY_LABEL:
        return _BY_LABEL[plain]
    if iso := _ISO.fullmatch(plain):
        return _ISO_8859.get(int(iso[1]), GUESS)
    if latin := _LATIN_NUMBER.fullmatch(plain):
        return _ISO_8859[_LATIN[int(latin[1])]] if int(latin[1]) in _LATIN else GUESS
    if page := _PAGE.fullmatch(plain):
        return _PAGES.get(int(page[1]), GUESS)
    return _pythons(plain)


def _plain(label: str) -> str:
    bare = label[:_LONGEST].lower().strip(" \t\"'").removeprefix("charset=").strip(" \t\"'")
    return _NO_LETTER.sub("", bare.partition("'")[0].partition("*")[0].partition(",")[0].partition("(")[0])


def _pythons(plain: str) -> str:
    """A charset that Python knows and the table does not; nothing that is no charset of text."""
    try:
        found = codecs.lookup(plain)
    except (LookupError, ValueError):
        return GUESS
    name = found.name.replace("-", "_")
    is_text = getattr(found, "_is_text_encoding", True)
    return name if is_text and name not in _NO_CHARSETS else GUESS
