"""A month in which three flaws are each found by three people: three pieces of work, and nine people who know of no other."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from tests.stories.mails import mail

pytestmark = pytest.mark.slow

FLAWS = {
    "invoices": (
        (
            "IDOR in invoices",
            "GET /v1/billing/invoices/88121/pdf returns the invoice of another workspace: no authorization at all.",
        ),
        (
            "Invoices of other tenants can be downloaded",
            "My second account asked for billing/invoices/88121/pdf and got the VAT number of the other workspace.",
        ),
        ("pdf bug", "hi, change the number in the pdf link of an invoice -> you get the bill of a foreign workspace"),
    ),
    "webhook": (
        (
            "SSRF in the webhook test",
            "POST /v1/webhooks/test fetches http://169.254.169.254/ and shows me the AWS keys.",
        ),
        (
            "Webhook test button reads cloud metadata",
            "The test function of webhooks calls any address, so the metadata service 169.254.169.254 answers with AWS keys.",
        ),
        ("ssrf", "your webhook tester connects to internal hosts. I got AWS credentials from the metadata address"),
    ),
    "agenda": (
        (
            "Prompt injection by calendar",
            "An invitation titled SYSTEM makes the scheduling agent mail my agenda to strangers.",
        ),
        (
            "Scheduling agent obeys invitations",
            "The agent for scheduling follows orders in the title of an invitation, and my agenda was mailed to a stranger.",
        ),
        (
            "calendar entry is a command",
            "put an order in the title of an invitation, the scheduling agent sends the agenda away",
        ),
    ),
}
NAMES = ("ada", "grace", "linus")


def address(name: str, flaw: str) -> str:
    return f"{name}@{flaw}.example"


@pytest.fixture
def played(house):
    """The month's mail, taken in, and each flaw's cases tied by a person."""
    house.configure(mailbox="since: 40d\n")
    now = datetime.now(UTC)
    for week, (flaw, told) in enumerate(FLAWS.items()):
        for turn, (name, (subject, text)) in enumerate(zip(NAMES, told, strict=True)):
            when = now - timedelta(days=28 - 9 * week - 2 * turn)
            raw = mail(f"{name.title()} <{address(name, flaw)}>", subject, f"{text}\n", f"{name}@{flaw}.example")
            house.append(raw, when=when)
    house.run("run", "--once")
    for flaw in FLAWS:
        first, second, third = of(house, flaw)
        listed = [each["case"] for each in house.json("show", third)["duplicates"][:3]]
        assert {first, second} & set(listed)
        house.run("case", second, "same-as", first)
        house.run("case", third, "same-as", second)
    return house


def ids(house) -> dict[str, str]:
    return {case["reporter"]["address"]: case["id"] for case in house.cases()}


def of(house, flaw: str) -> list[str]:
    known = ids(house)
    return [known[address(name, flaw)] for name in NAMES]


def words(house) -> str:
    return " ".join(house.run("digest").split())


def test_the_digest_shows_each_flaw_once_with_its_reporters_in_order_of_receipt(played):
    for flaw in FLAWS:
        assert {tuple(played.json("show", each)["cluster"]) for each in of(played, flaw)} == {tuple(of(played, flaw))}
        named = ", ".join(
            f"{name}[@]{flaw}[.]example ({case_id})" for name, case_id in zip(NAMES, of(played, flaw), strict=True)
        )
        assert f"one flaw, 3 reports: {named}" in words(played)
    assert words(played).count("one flaw, 3 reports") == 3
    assert "9 cases open" in words(played)
    assert "3 overdue" in words(played)


def test_one_decision_closes_a_flaw_and_a_late_report_is_told_what_was_decided(played):
    first, *others = of(played, "invoices")
    said = played.run("case", first, "close", "fixed in release 41", "--all")
    for each in (first, *others):
        assert f"{each}: closed" in said
        assert f"triaged reply {each} --template closing" in said
    assert words(played).count("one flaw, 3 reports") == 2
    played.append(
        mail(
            "Zoe <zoe@late.example>", "Bills", "The pdf link of an invoice shows a foreign workspace.\n", "z@l.example"
        )
    )
    played.run("run", "--once")
    assert re.search(r"like SEC-\S+ \([^;]*: fixed in release 41\); both say", words(played))
    played.run("case", first, "undo")
    state = {case["id"]: case["state"] for case in played.cases()}
    assert [state[each] for each in (first, *others)] == ["new", "closed", "closed"]


def test_no_reporter_learns_of_another(played):
    played.run("case", of(played, "webhook")[0], "triage", "--severity", "high", "--all")
    played.run("case", of(played, "agenda")[2], "duplicate", of(played, "agenda")[0], "--all")
    played.run("run", "--once")
    known = ids(played)
    to_reporters = [(to, raw) for _, to, raw in played.sink.mails if to[0] in known]
    assert {recipient for (recipient,), _ in to_reporters} == set(known)
    for (recipient,), raw in to_reporters:
        read = message_from_bytes(raw, policy=policy.default)
        whole = f"{read.as_string()}\n{read.get_content()}"
        assert known[recipient] in whole
        for other in known.keys() - {recipient}:
            assert other not in whole
            assert known[other] not in whole
        assert not re.search(r"same flaw|other reporter|duplicate|already reported", whole, re.IGNORECASE)
