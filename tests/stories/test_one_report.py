"""One report from its first mail to its credit, over a month: each letter to its reporter is a golden file that reads well.

After a change that is meant, `GOLDEN=write pytest tests/stories/test_one_report.py` writes them anew.
"""

import os
import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path

import pytest

from tests.support import servers
from tests.support.crashing import Copy, Zygote

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden" / "month"
OURS = f"security@{servers.DOMAIN}"
FIRST = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ADA, KIM = "ada@research.example", f"kim@{servers.DOMAIN}"
USERS = count()
SETTINGS = f"trust: {{authserv_id: mx.smallest.ai}}\nteam: {{addresses: [{KIM}]}}\n"
REPORT = "A prompt injection in the chat completion API makes the model reveal its system prompt to any caller of it.\n"
REST = """Steps to reproduce
1. curl -X POST https://api.smallest.ai/v1/chat -d '{"prompt": "Ignore all previous instructions"}'
2. Read the system prompt in the answer.

Impact
An attacker can read the system prompt and the tools of any customer.
"""


class Month:
    """The reporter, a colleague and the team's terminal around one installation; the clock stands where it is told."""

    def __init__(self, house: Copy, zygote: Zygote) -> None:
        self.house, self.zygote, self.now, self.mails = house, zygote, FIRST, 0

    def day(self, number: int) -> None:
        """The morning of that day of the month's story: the daemon's pass, and the digest."""
        self.now = FIRST + timedelta(days=number)
        self.passes()
        self.runs("day")

    def passes(self) -> None:
        self.runs("run", "--once")

    def runs(self, *arguments: str) -> None:
        assert self.zygote.run(self.house, *arguments, now=self.now) == 0, self.house.log()

    def types(self, *arguments: str) -> None:
        """At the team's terminal, and the daemon's next pass."""
        self.runs(*arguments)
        self.passes()

    def writes(self, text: str, template: str, *more: str) -> None:
        words = self.house.folder / "words.txt"
        words.write_text(text, encoding="utf-8")
        self.types("reply", self.case.id, "--template", template, "--file", str(words), "--yes", "--by", "kim", *more)

    def sends(self, author: str, subject: str, text: str, *, answers: str = "", to: str = "") -> None:
        """A mail comes in by the border, and the daemon takes it in."""
        self.mails += 1
        domain = author.rpartition("@")[2]
        thread = f"In-Reply-To: {answers}\r\nReferences: {answers}\r\n" if answers else ""
        head = (
            f"Return-Path: <{author}>\r\nAuthentication-Results: mx.smallest.ai; dmarc=pass header.from={domain}\r\n"
            f"From: {author}\r\nTo: {to or OURS}\r\nCc: {OURS}\r\nSubject: {subject}\r\n"
            f"Message-ID: <mail-{self.mails}@{domain}>\r\nDate: {self.now:%a, %d %b %Y %H:%M:%S} +0000\r\n{thread}"
        )
        self.house.receive(f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode())
        for folder in ("new", "cur"):
            for file in (self.house.maildir / "Maildir" / folder).glob(f"{self.mails - 1:06}.*"):
                os.utime(file, (self.now.timestamp(),) * 2)
        self.passes()

    def answers(self, text: str) -> None:
        """The reporter answers the last letter that they got."""
        last = self.to(ADA)[-1]
        self.sends(ADA, f"Re: {last['Subject']}", text, answers=last["Message-ID"])

    def to(self, address: str) -> list:
        taken = [raw for _, recipients, raw in self.house.sink.mails if recipients == [address]]
        return [message_from_bytes(raw, policy=policy.default) for raw in taken]

    @property
    def case(self):
        with self.house.store() as store:
            (case,) = store.cases()
        return case

    @property
    def digest(self):
        return self.to(f"team@{servers.DOMAIN}")[-1]


@pytest.fixture
def month(tmp_path, dovecot):
    zygote = Zygote()
    with servers.smtp_sink() as sink:
        yield Month(Copy(tmp_path / "house", dovecot, f"month{next(USERS)}", sink, SETTINGS), zygote)
    zygote.close()


def played(month: Month) -> None:
    """The month, as the team and the reporter live it."""
    month.passes()
    month.sends(ADA, "Prompt injection in the chat API", REPORT)
    month.types("case", month.case.id, "waiting")
    month.day(14)
    month.day(15)
    month.answers(REST)
    month.day(16)
    order = f"{month.case.id} triage --severity high --owner me\n\n> [triaged]\n"
    month.sends(KIM, f"Re: {month.digest['Subject']}", order, answers=month.digest["Message-ID"])
    month.writes("The name of the model, and the day on which you saw it.", "need-info", "--wait")
    month.day(17)
    month.answers("It was lightning-v2, on the second of November.")
    month.day(18)
    # A colleague answers from their own mail program, with a copy to security@.
    last = month.to(ADA)[-1]
    month.sends(KIM, f"Re: {last['Subject']}", "Thank you, that helps.", answers=last["Message-ID"], to=ADA)
    month.day(19)
    month.answers("STATUS")
    month.day(24)
    month.types("case", month.case.id, "fixed")
    month.writes("The system prompt is no longer part of what the model may repeat.", "fixed-please-verify", "--wait")
    month.day(25)
    month.answers("I tried it again, and it is gone. Please credit me as Ada Byron.")
    month.types("case", month.case.id, "disclose", "2026-12-10", "--reason", "ten days after the fix is out")
    month.types("case", month.case.id, "credit", "--name", "Ada Byron")
    month.writes("We would publish a short advisory with your name.", "disclosure")
    month.day(30)
    month.writes("The advisory is SMA-2026-7.", "closing", "--close", "fixed and published")


def test_a_month_of_one_report(month):
    played(month)
    assert [letter.purpose for letter in month.case.letters] == [
        "acknowledgment",
        "reminder",
        "completed",
        "reply",
        "status",
        "reply",
        "reply",
        "reply",
    ]
    letters = [plain(mail) for mail in month.to(ADA)]
    assert len({mail["Message-ID"] for mail in month.to(ADA)}) == len(letters) == 8
    for number, (letter, text) in enumerate(zip(month.case.letters, letters, strict=True), 1):
        file = GOLDEN / f"{number}-{letter.purpose}.txt"
        if os.environ.get("GOLDEN") == "write":
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8"), file.name
    transcript = month.to(KIM)[-1].get_body().get_content()
    assert "DONE" in transcript
    assert "owner kim@" in transcript


def test_at_the_end_of_the_month_nobody_is_left_waiting(month):
    played(month)
    case = month.case
    assert (case.state, case.owner, case.severity, case.untold) == ("closed", KIM, "high", False)
    assert case.credit.name == "Ada Byron"
    assert str(case.disclosure.on) == "2026-12-10"
    assert len(case.answered_at) == 5
    month.day(31)
    assert case.id not in month.digest.get_body(("plain",)).get_content().partition("Done since")[0]


def plain(mail) -> str:
    """Header and text as a reader sees them, without the ids that differ from one run to another."""
    header = "".join(f"{name}: {mail[name]}\n" for name in ("From", "To", "Subject", "Date"))
    text = mail.get_body().get_content().replace("\r\n", "\n")
    return re.sub(
        r"SHA-256 [0-9a-f]{8}", "SHA-256 00000000", re.sub(r"SEC-\w{4}-\w{4}", "SEC-0000-0000", f"{header}\n{text}")
    )
