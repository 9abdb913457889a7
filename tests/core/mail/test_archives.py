import io
import struct
import time
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from triaged.core.mail.parsing.archives import Contents, contents

LARGE = b"\0" * 200_000


def zipped(*files, method=zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


def central_flags(archive: bytes, entry: int = 0) -> int:
    """Where the flags of that entry of the central directory stand."""
    at = -1
    for _ in range(entry + 1):
        at = archive.index(b"PK\x01\x02", at + 1)
    return at + 8


def with_flag(archive: bytes, at: int) -> bytes:
    return archive[:at] + bytes([archive[at] | 1]) + archive[at + 1 :]


def test_a_zip_is_read_from_its_directory_without_unpacking():
    found = contents(zipped(("a.txt", b"a"), ("word/vbaProject.bin", LARGE)))
    assert set(found.names) == {b"a.txt", b"word/vbaProject.bin"}
    assert (found.encrypted, found.size) == (False, 200_001)


def test_one_encrypted_member_is_enough_in_the_directory_or_in_a_local_header():
    archive = zipped(("a", b"a"), ("b", b"b"))
    assert contents(with_flag(archive, central_flags(archive, 1))) == Contents((b"a", b"b") * 2, encrypted=True, size=2)
    second_local = archive.index(b"PK\x03\x04", 4)
    assert contents(with_flag(archive, second_local + 6)).encrypted


def test_what_stands_before_and_behind_a_zip_does_not_hide_its_directory():
    archive = zipped(("a.txt", LARGE))
    assert contents(b"PK\x03\x04" + b"x" * 100 + archive).size == 200_000
    assert contents(archive + b"comment").size == 200_000


def test_a_zip_cut_off_before_its_directory_is_read_by_its_local_headers():
    archive = with_flag(zipped(("a.txt", LARGE)), 6)
    found = contents(archive[: archive.index(b"PK\x01\x02")])
    assert (found.names, found.encrypted, found.size) == ((b"a.txt",), True, 200_000)


def test_a_size_over_4_gib_is_read_where_zip64_keeps_it():
    name, extra = b"a", struct.pack("<HHHHQ", 9, 0, 1, 8, 1 << 40)
    entry = b"PK\x01\x02" + bytes(20) + struct.pack("<IHHH", 0xFFFF_FFFF, len(name), len(extra), 0) + bytes(12)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(entry) + len(name) + len(extra), 0, 0)
    assert contents(b"PK\x03\x04" + bytes(26) + entry + name + extra + end).size == 1 << 40
    bare = entry[:30] + b"\0\0" + entry[32:]
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(bare) + len(name), 0, 0)
    assert contents(b"PK\x03\x04" + bytes(26) + bare + name + end).size == 0xFFFF_FFFF


def seven_zip(header: bytes) -> bytes:
    return b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(4) + struct.pack("<QQI", 5, len(header), 0) + b"stuff" + header


def test_a_7z_is_encrypted_where_its_header_names_aes():
    assert contents(seven_zip(b"\x17\x06\x24\x06\xf1\x07\x01")).encrypted
    assert not contents(seven_zip(b"\x17\x06\x23\x03\x01\x01")).encrypted


def rar4(*blocks: bytes) -> bytes:
    return b"Rar!\x1a\x07\x00" + b"".join(blocks)


def block4(kind: int, flags: int, data: int = 0) -> bytes:
    return struct.pack("<HBHHI", 0, kind, flags | 0x8000, 11, data) + bytes(data)


def test_a_rar_of_the_old_kind_is_encrypted_by_its_main_header_or_by_a_file():
    assert contents(rar4(block4(0x73, 0x80))).encrypted
    assert contents(rar4(block4(0x73, 0), block4(0x74, 0, 900), block4(0x74, 4, 10))).encrypted
    assert not contents(rar4(block4(0x73, 0), block4(0x74, 0, 900), block4(0x7B, 0))).encrypted


def block5(kind: int, extra: bytes = b"", data: int = 0) -> bytes:
    """A header with its flags (1: an extra area, 2: data), numbers below 128 in one byte each."""
    flags = bool(extra) + 2 * bool(data)
    fields = bytes([kind, flags, *([len(extra)] if extra else []), *([data] if data else [])]) + extra
    return bytes(4) + bytes([len(fields)]) + fields + bytes(data)


def test_a_rar_of_the_new_kind_is_encrypted_by_its_own_header_or_by_a_file():
    start = b"Rar!\x1a\x07\x01\x00"
    assert contents(start + block5(4)).encrypted
    assert contents(
        start + block5(1) + block5(2, b"\x02\x03\x00", 100) + block5(2, b"\x02\x03\x00\x02\x01\x00")
    ).encrypted
    assert not contents(start + block5(1) + block5(2, b"\x02\x03\x00", 100) + block5(5)).encrypted


def test_a_gzip_says_at_its_end_what_it_becomes():
    assert contents(b"\x1f\x8b\x08" + bytes(20) + struct.pack("<I", 5_000_000)).size == 5_000_000
    assert contents(b"\x1f\x8b\x08") == Contents()


def cost(content: bytes) -> float:
    begun = time.process_time()
    contents(content)
    return time.process_time() - begun


def test_directories_without_end_and_names_over_one_another_cost_next_to_nothing():
    many = b"PK\x03\x04" + b"PK\x01\x02" + (bytes(42) + b"PK\x01\x02") * 500_000
    overlapping = (b"PK\x03\x04" + bytes(22) + b"\xff\xff" + bytes(2)) * 500_000
    circular = b"Rar!\x1a\x07\x01\x00" + (bytes(4) + b"\x02\x02\x00") * 500_000
    records = b"Rar!\x1a\x07\x01\x00" + bytes(4) + b"\xff\xff\x7f\x02\x01\xf0\xff\x7f" + b"\x00" * 3_000_000
    for bomb in (many, overlapping, circular, records):
        assert len(contents(bomb).names) <= 2000
        assert cost(bomb) < 1
        assert sum(map(len, contents(bomb).names)) < 4_000_000


def test_a_mail_full_of_small_bombs_costs_no_more():
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, 46 * 1300, 0, 0)
    small = b"PK\x03\x04" * 15_000 + (b"PK\x01\x02" + bytes(42)) * 1300 + end
    assert len(contents(small).names) == 2000
    begun = time.process_time()
    for _ in range(200):
        contents(small)
    # A reading child has two seconds for a whole mail, on a slow machine too.
    assert time.process_time() - begun < 2


STARTS = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07\x01\x00",
    b"Rar!\x1a\x07\x00",
    b"\x1f\x8b",
)


@given(
    st.sampled_from(STARTS), st.lists(st.sampled_from([*STARTS, b"PK\x01\x02"]) | st.binary(max_size=60), max_size=12)
)
def test_whatever_follows_the_first_bytes_is_borne(start, rest):
    found = contents(start + b"".join(rest))
    assert found.size >= 0
    assert isinstance(found.encrypted, bool)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_a_damaged_zip_is_borne(at, damage):
    archive = zipped(("a.txt", b"a" * 300), ("b/vbaProject.bin", b"b"))
    assert contents(archive[:at] + damage + archive[at + len(damage) :]).size >= 0
