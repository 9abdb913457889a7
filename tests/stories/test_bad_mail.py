"""Mail made to hurt: each one comes to an end, and the mail behind it is answered in the same pass."""

import base64
import re

import pytest

from tests.stories.mails import COMPLETE

pytestmark = pytest.mark.slow

HEAD = b"From: ann@example.org\r\nTo: security@smallest.ai\r\nSubject: a report\r\nMessage-ID: <%s@example.org>\r\n"
MIME = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n'


def nested(depth: int) -> bytes:
    opened = b"".join(
        b'--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n' % (level, level + 1) for level in range(depth)
    )
    return HEAD % b"nested" + MIME % 0 + opened + b"--b%d\r\n\r\ntext\r\n" % depth


BAD = {
    "no from": b"Subject: XSS\r\nMessage-ID: <1@x.example>\r\n\r\nin the dashboard\r\n",
    "several from": b"From: a@x.example\r\nFrom: b@x.example\r\nSubject: XSS\r\n\r\nin the dashboard\r\n",
    "no fields but one": b"From: ann@example.org\r\n\r\nno date, no id, no subject\r\n",
    "nothing but a line end": b"\r\n",
    "unknown charset": HEAD % b"charset" + b"Content-Type: text/plain; charset=x-klingon\r\n\r\nna\xefve\r\n",
    "base64 rubbish": HEAD % b"rubbish" + b"Content-Transfer-Encoding: base64\r\n\r\n!!!=not=base64===\x01\r\n",
    "truncated mime": HEAD % b"truncated" + MIME % 0 + b"--b0\r\nContent-Type: text/pl",
    "a thousand nested parts": nested(1000),
    "a forwarded mail as root": HEAD % b"root"
    + b"Content-Type: message/rfc822\r\n\r\nFrom: b@x.example\r\n\r\nXSS\r\n",
    "doubled fields": (HEAD % b"twice") * 2 + b"\r\nXSS in the dashboard\r\n",
    "line ends in the subject": HEAD.replace(b"a report", b"=?utf-8?q?a=0D=0ABcc:_crowd=40third.example?=") % b"crlf"
    + b"\r\nXSS in the dashboard\r\n",
    "thirty megabytes": HEAD % b"big"
    + MIME % 0
    + b"--b0\r\n\r\nA screen recording.\r\n--b0\r\nContent-Type: video/mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(bytes(22_500_000)).replace(b"\n", b"\r\n"),
}


def test_every_mail_comes_to_an_end_and_the_next_is_answered(house):
    for raw in BAD.values():
        house.append(raw)
    house.append(COMPLETE)
    assert len(BAD["thirty megabytes"]) > 30_000_000
    house.run("run", "--once")
    seen = house.json("status")["seen"]
    assert sum(seen.values()) == len(BAD) + 1
    assert seen["set-aside"] == 0
    answered = {to for _, (to,), _ in house.acknowledgments()}
    assert answered == {"ada@research.example", "ann@example.org"}
    for _, recipients, mail in house.acknowledgments():
        assert len(recipients) == 1
        assert "third.example" not in mail.as_string()
    # What one address has had is its cap: the rest waits for room.
    assert re.search(r"0 mails taken in, 0 mails sent, \d still owed", house.run("run", "--once"))


def test_a_large_mail_is_a_case_that_says_what_was_not_fetched(house):
    house.append(BAD["thirty megabytes"])
    house.run("run", "--once")
    (case,) = house.cases()
    assert any("over the size limit" in defect for defect in case["defects"])
    assert case["acknowledgment"]["state"] == "submitted"


def test_a_mail_with_nuls_is_explained(house, tmp_path):
    # IMAP cannot carry a NUL (RFC 9051 section 4.3); a file can.
    path = tmp_path / "nul.eml"
    path.write_bytes(HEAD % b"nul" + b"\r\nXSS \0 in the dashboard\0\r\n")
    assert house.json("explain", str(path))["end"] == "opened"
    (tmp_path / "empty.eml").write_bytes(b"")
    assert house.json("explain", str(tmp_path / "empty.eml"))["end"] in {"opened", "failed"}
