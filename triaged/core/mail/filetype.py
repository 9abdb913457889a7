"""What an attachment is by its first bytes, beside what it claims, and what to know before opening it.

Nothing is opened, unpacked or rendered: ticket systems have been broken into through their thumbnails.
"""

import unicodedata

from triaged.core.text import visible

UNKNOWN = "application/octet-stream"

# Offset, magic bytes, media type; the first that fits counts, so the longer and rarer stand before the shorter.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"BM", "image/bmp"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (257, b"ustar", "application/x-tar"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"MZ", "application/x-dosexec"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xca\xfe\xba\xbe", "application/java-vm"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"#!", "text/x-shellscript"),
    (0, b"-----BEGIN PGP MESSAGE", "application/pgp-encrypted"),
    (0, b"-----BEGIN PGP PUBLIC KEY", "application/pgp-keys"),
    (0, b"-----BEGIN PGP SIGNATURE", "application/pgp-signature"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"<svg", "image/svg+xml"),
    (0, b"<!DOCTYPE html", "text/html"),
    (0, b"<html", "text/html"),
)
_EXECUTABLE = frozenset(
    {"application/x-executable", "application/x-dosexec", "application/x-mach-binary", "application/java-vm"}
)
_EXECUTABLE_ENDINGS = frozenset(
    "exe com scr pif bat cmd msi js jse vbs vbe wsf hta ps1 lnk jar app apk dmg iso img".split()
)
_MACRO_ENDINGS = frozenset("docm dotm xlsm xltm xlam pptm potm ppsm".split())
_INNOCENT_ENDINGS = frozenset("pdf doc docx xls xlsx txt jpg jpeg png gif mp4 zip".split())
# Formats whose magic is another's: an office file is a zip, a text has none.
_SAME = (
    ("application/zip", ("application/vnd.", "application/x-zip", "application/java-archive", "application/epub")),
    ("application/x-ole-storage", ("application/vnd.ms-", "application/msword")),
    ("video/mp4", ("video/", "audio/")),
    ("video/webm", ("video/", "audio/")),
    ("image/jpeg", ("image/jpg", "image/pjpeg")),
    ("application/vnd.rar", ("application/x-rar", "application/rar")),
    ("application/gzip", ("application/x-gzip", "application/x-tar")),
    ("application/x-shellscript", ("text/",)),
    ("text/html", ("text/",)),
    ("image/svg+xml", ("text/", "application/xml")),
    ("application/pgp-encrypted", ("text/", "application/")),
    ("application/pgp-keys", ("text/", "application/")),
    ("application/pgp-signature", ("text/", "application/")),
    ("text/x-shellscript", ("text/", "application/x-sh")),
)
# Two letters may begin a text as well; these formats have a NUL among their first bytes, and no text has.
_ALSO_WORDS = frozenset({b"BM", b"MZ"})
_ENCRYPTED_FLAG = 0x1


def media_type(content: bytes) -> str:
    """The media type that the first bytes show; plain text where they are nothing else, else unknown."""
    for offset, magic, kind in _SIGNATURES:
        if content.startswith(magic, offset) and (magic not in _ALSO_WORDS or b"\0" in content[:64]):
            return kind
    head = content[:1024]
    if head and b"\0" not in head:
        try:
            head.decode("utf-8")
        except UnicodeDecodeError as error:
            return UNKNOWN if error.start < len(head) - 4 else "text/plain"
        return "text/plain"
    return UNKNOWN


def display_name(name: str) -> str:
    """A sender's file name as one short visible line, its folders cut off; never used as a path."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return visible(last, 120).strip() or "unnamed"


def warnings_for(name: str, claimed: str, content: bytes) -> tuple[str, ...]:
    """What a person should know before opening this, one phrase each."""
    actual = media_type(content)
    endings = [ending.strip().lower() for ending in name.split(".")[1:]][-2:]
    last = endings[-1] if endings else ""
    found = (
        (_mismatched(claimed, actual), f"type mismatch: says {claimed}, is {actual}"),
        (actual in _EXECUTABLE or last in _EXECUTABLE_ENDINGS, "executable"),
        (len(endings) == 2 and endings[0] in _INNOCENT_ENDINGS and last in _EXECUTABLE_ENDINGS, "double extension"),  # noqa: PLR2004
        (any(unicodedata.category(char) in {"Cf", "Cc"} for char in name), "hidden characters in its name"),
        (last in _MACRO_ENDINGS, "office file with macros"),
        (_encrypted_zip(content), "encrypted archive"),
    )
    return tuple(phrase for true, phrase in found if true)


def _mismatched(claimed: str, actual: str) -> bool:
    if claimed in {"", UNKNOWN, actual} or actual in {UNKNOWN, "text/plain"}:
        return False
    if any(actual == kind and claimed.startswith(others) for kind, others in _SAME):
        return False
    return claimed.replace("x-", "") != actual.replace("x-", "")


def _encrypted_zip(content: bytes) -> bool:
    """Bit 0 of the first entry's general purpose flag (APPNOTE.TXT section 4.4.4)."""
    return content.startswith(b"PK\x03\x04") and bool(content[6:7]) and bool(content[6] & _ENCRYPTED_FLAG)
