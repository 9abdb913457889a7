"""What an attachment is by its first bytes, beside what it claims, and what to know before opening it.

Nothing is opened, unpacked or rendered: ticket systems have been broken into through their thumbnails.
"""

import re
import unicodedata

from triaged.core.mail.parsing.archives import Contents, contents
from triaged.core.plural import counted
from triaged.core.text import visible

UNKNOWN = "application/octet-stream"
OUTLOOK = "application/vnd.ms-outlook"
"""A mail as Outlook saves it: an .msg file ([MS-OXMSG])."""

_OLE = "application/x-ole-storage"

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
    (0, b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (0, b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (0, b"L\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut"),
    (0, b"ITSF\x03\0\0\0", "application/vnd.ms-htmlhelp"),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "application/onenote"),
    (32769, b"CD001", "application/x-iso9660-image"),
    (0, b"\xca\xfe\xba\xbe", "application/java-vm"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (0, b"#!", "text/x-shellscript"),
    (0, b"-----BEGIN PGP MESSAGE", "application/pgp-encrypted"),
    (0, b"-----BEGIN PGP PUBLIC KEY", "application/pgp-keys"),
    (0, b"-----BEGIN PGP SIGNATURE", "application/pgp-signature"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (0, b"<svg", "image/svg+xml"),
    (0, b"<!DOCTYPE html", "text/html"),
    (0, b"<html", "text/html"),
)
# Programs, and what holds them out to a double click: shortcuts, help, disk images.
_EXECUTABLE = frozenset(
    "application/x-executable application/x-dosexec application/x-mach-binary application/java-vm "
    "application/x-ms-shortcut application/vnd.ms-htmlhelp application/onenote application/x-iso9660-image".split()
)
# What a double click runs. A proof of concept in Python or shell is this mailbox's daily bread, and needs more than that.
_EXECUTABLE_ENDINGS = frozenset(
    "exe com scr pif bat cmd msi msp mst msix appx js jse vbs vbe vb wsf wsh ws wsc sct hta ps1 psm1 psc1 lnk url scf reg "
    "cpl msc chm hlp xll gadget jar jnlp class app apk dmg pkg command desktop iso img vhd vhdx one".split()
)
_SCRIPT_ENDINGS = frozenset("sh bash zsh py pyw pl rb php".split())
_MACRO_ENDINGS = frozenset("docm dotm xlsm xltm xlsb xlam pptm potm ppsm ppam sldm".split())
_INNOCENT_ENDINGS = frozenset(
    "pdf doc docx xls xlsx ppt pptx odt rtf txt md log csv json xml htm html jpg jpeg png gif svg webp heic bmp mp3 mp4 mov "
    "webm zip 7z rar gz eml".split()
)
_MARKUP = frozenset({"image/svg+xml", "text/html"})
_MARKUP_ENDINGS = frozenset("svg htm html xhtml xht shtml mht mhtml hta".split())
# What a browser runs when it shows the file; the first megabyte is looked at.
_SCRIPT = re.compile(
    rb"<script\b|\bjavascript:|<foreignobject\b"
    rb"|[\s\"'/]on(?:load|error|click|focus|blur|begin|end|toggle|mouse[a-z]{2,10}|pointer[a-z]{2,10}|animation[a-z]{3,10})"
    rb"\s{0,9}=",
    re.IGNORECASE,
)
_SCRIPT_LOOKED_AT = 1_000_000
# Names in the directory of an OLE file, which are UTF-16 ([MS-OVBA] section 2.3.4.1, [MS-OFFCRYPTO] section 2.3.4.4).
_OLE_MACROS, _OLE_ENCRYPTED = "_VBA_PROJECT".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")
# The stream that every .msg has ([MS-OXMSG] section 2.4).
_OLE_MAIL, _OLE_LOOKED_AT = "__properties_version1.0".encode("utf-16-le"), 1_000_000
_ZIP_MACROS = b"vbaproject.bin"
# Formatting, control, private and unassigned characters, and line breaks: what makes a name look like another.
_HIDDEN = frozenset({"Cf", "Cc", "Co", "Cn", "Zl", "Zp"})
_BOMB_RATIO, _BOMB_SIZE = 100, 10_000_000
"""Times its own size that an archive says it becomes, and bytes below which that is no matter."""
# By ending, what the first bytes must then be.
_BY_ENDING = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "txt": "text/plain",
}
# Formats whose magic is another's: an office file is a zip, a text has none.
_SAME = (
    ("application/zip", ("application/vnd.", "application/x-zip", "application/java-archive", "application/epub")),
    (_OLE, ("application/vnd.ms-", "application/msword")),
    ("application/ms-tnef", ("application/vnd.ms-tnef",)),
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


def media_type(content: bytes) -> str:
    """The media type that the first bytes show; plain text where they are nothing else, else unknown."""
    for offset, magic, kind in _SIGNATURES:
        if content.startswith(magic, offset) and (magic not in _ALSO_WORDS or b"\0" in content[:64]):
            return OUTLOOK if kind == _OLE and _OLE_MAIL in content[:_OLE_LOOKED_AT] else kind
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
    actual, endings, inside = media_type(content), _endings(name), contents(content)
    last = endings[-1] if endings else ""
    disguised = len(endings) > 1 and endings[0] in _INNOCENT_ENDINGS and last in _EXECUTABLE_ENDINGS | _SCRIPT_ENDINGS
    bomb = inside.size > max(_BOMB_SIZE, _BOMB_RATIO * len(content))
    found = (
        (_mismatched(claimed, actual), f"type mismatch: says {visible(claimed, 60)}, is {actual}"),
        (_misnamed(last, claimed, actual), f"type mismatch: named .{last}, is {actual}"),
        (_executable(last, actual), "executable"),
        (disguised, "double extension"),
        (any(unicodedata.category(char) in _HIDDEN for char in name), "hidden characters in its name"),
        (last in _MACRO_ENDINGS or _holds_macros(inside, actual, content), "office file with macros"),
        (actual == _OLE and _OLE_ENCRYPTED in content, "encrypted office file"),
        (inside.encrypted, "encrypted archive"),
        (bomb, f"archive bomb: {counted(len(content), 'byte')} that say they become {inside.size}"),
        (_is_markup(last, claimed, actual) and _holds_script(content), "script in it"),
    )
    return tuple(phrase for true, phrase in found if true)


def _endings(name: str) -> list[str]:
    """The last two endings, as a system that drops trailing dots and blanks would see them."""
    bare = "".join(char for char in name[-300:] if unicodedata.category(char) not in _HIDDEN)
    return [ending.strip().lower() for ending in bare.rstrip(". \t").split(".")[1:]][-2:]


def _executable(last: str, actual: str) -> bool:
    if actual in _EXECUTABLE or last in _EXECUTABLE_ENDINGS:
        return True
    # A script that calls itself a picture.
    return actual == "text/x-shellscript" and last in _INNOCENT_ENDINGS


def _holds_macros(inside: Contents, actual: str, content: bytes) -> bool:
    if actual == _OLE:
        return _OLE_MACROS in content
    return any(name.lower().endswith(_ZIP_MACROS) for name in inside.names)


def _holds_script(content: bytes) -> bool:
    # UTF-16 is ASCII with zeros in between, as far as these words go.
    return _SCRIPT.search(content[:_SCRIPT_LOOKED_AT].replace(b"\0", b"")) is not None


def _is_markup(last: str, claimed: str, actual: str) -> bool:
    return actual in _MARKUP or claimed in _MARKUP or last in _MARKUP_ENDINGS


def _misnamed(last: str, claimed: str, actual: str) -> bool:
    """True if its ending says something else than its bytes, where its claim does not already."""
    named = _BY_ENDING.get(last, "")
    # One kind of picture under another's name is a browser's doing.
    pictures = named.startswith("image/") and actual.startswith("image/")
    return not pictures and not _mismatched(claimed, actual) and _mismatched(named, actual)


def _mismatched(claimed: str, actual: str) -> bool:
    if claimed in {"", UNKNOWN, actual} or actual in {UNKNOWN, "text/plain"}:
        return False
    if any(actual == kind and claimed.startswith(others) for kind, others in _SAME):
        return False
    return claimed.replace("x-", "") != actual.replace("x-", "")
