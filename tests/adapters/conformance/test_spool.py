"""What every spool does that stands behind the port: another one is another row of `SPOOLS`."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.fakes import FakeSpool
from triaged.adapters.disk.spool import FileSpool

RAW = b"From: Ann <ann@example.org>\r\nSubject: a report\r\n\r\nIt is broken.\r\n"
SPOOLS = {"files": lambda folder: FileSpool(folder / "spool"), "fake": lambda _: FakeSpool()}


@pytest.fixture(params=SPOOLS)
def spool(request, tmp_path):
    return SPOOLS[request.param](tmp_path)


def test_a_spool_gives_back_what_it_keeps_under_its_sha256(spool):
    name = spool.keep(RAW)
    assert name == hashlib.sha256(RAW).hexdigest()
    assert spool.keep(RAW) == name
    assert spool.read(name) == RAW


def test_a_spool_keeps_many_mails_in_their_order_and_equal_ones_once(spool):
    mails = [RAW, b"another", RAW, b""]
    names = spool.keep_all(mails)
    assert list(names) == [hashlib.sha256(raw).hexdigest() for raw in mails]
    assert [spool.read(name) for name in names] == mails
    assert sorted(spool.names()) == sorted(set(names))
    assert list(spool.keep_all(())) == []


def test_a_spool_says_what_it_keeps_and_since_when(spool):
    assert list(spool.names()) == []
    before = datetime.now(UTC) - timedelta(minutes=1)
    name = spool.keep(RAW)
    assert list(spool.names()) == [name]
    assert before < spool.kept_at(name) < before + timedelta(minutes=2)
    assert spool.kept_at("0" * 64) is None
    with pytest.raises(FileNotFoundError):
        spool.read("0" * 64)


@pytest.mark.parametrize("raw", [b"", b"\0\xff", b"\r\n", RAW + b"\xff" * 100_000])
def test_a_spool_keeps_any_bytes_as_they_are(spool, raw):
    assert spool.read(spool.keep(raw)) == raw


def test_a_spool_keeps_many_each_under_its_own_name(spool):
    raws = [RAW + b"%d" % number for number in range(20)]
    names = [spool.keep(raw) for raw in (*raws, *raws)]
    assert sorted(spool.names()) == sorted(set(names))
    assert [spool.read(name) for name in names[:20]] == raws


def test_what_is_removed_from_a_spool_is_gone_and_the_rest_stays(spool):
    gone, kept = spool.keep(RAW), spool.keep(RAW * 2)
    assert spool.remove([gone, "0" * 64]) == 1
    assert list(spool.names()) == [kept]
    assert spool.remove([gone]) == 0
