"""Windows code pages by number, as labels that `charsets` knows; Outlook's formats name charsets in no other way."""

_LABELS = {
    932: "shift_jis",
    936: "gbk",
    949: "ks_c_5601-1987",
    950: "big5",
    1200: "utf-16le",
    20127: "us-ascii",
    20866: "koi8-r",
    21866: "koi8-u",
    50220: "iso-2022-jp",
    50221: "iso-2022-jp",
    51932: "euc-jp",
    51949: "euc-kr",
    54936: "gb18030",
    65000: "utf-7",
    65001: "utf-8",
}
_ISO_8859 = range(28591, 28606)
_DOS = frozenset({437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869})


def label_of(number: int) -> str:
    """The charset label of a code page; windows-1252 for a number that names none."""
    if number in _ISO_8859:
        return f"iso-8859-{number - _ISO_8859.start + 1}"
    windows = 1250 <= number <= 1258 or number == 874  # noqa: PLR2004 - as Microsoft counts them
    return _LABELS.get(number) or (
        f"windows-{number}" if windows else f"cp{number}" if number in _DOS else "windows-1252"
    )
