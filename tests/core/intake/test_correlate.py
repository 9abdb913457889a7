import pytest

from tests.support.values import REPORTER, by, knowing, message, opened
from triaged.core.intake.correlate import NO_CASES, Link, correlate
from triaged.core.mail.sender import Sender

FIRST, SECOND = "SEC-1111-1111", "SEC-2222-2222"
ANN = Sender("Ann", REPORTER, "unverified", "")
MALLORY = Sender("", "mallory@example.net", "verified", "")

ANNS = opened(message(message_id="anns@example.org"), case_id=FIRST)
MALLORYS = opened(by("mallory@example.net", message_id="mallorys@example.net"), case_id=SECOND)
KNOWN = knowing(ANNS, MALLORYS).known


def link(sender=ANN, known=KNOWN, **changes) -> Link:
    return correlate(message(**{"subject": "hello", **changes}), sender, known)


def test_a_message_that_refers_to_nothing_belongs_to_no_case():
    assert link() == Link()
    assert link(references=("unknown@example.org",), subject="Re: [SEC-9999-9999]") == Link()
    assert link(references=("anns@example.org",), known=NO_CASES) == Link()


@pytest.mark.parametrize(
    "changes",
    [
        {"references": ("anns@example.org",)},
        {"references": ("ack-sec-1111-1111@smallest.ai",)},
        {"subject": f"Re: [{FIRST}] We received your report"},
        {"subject": f"AW: {FIRST}: noch etwas"},
    ],
)
def test_its_reporter_joins_by_thread_or_by_tag(changes):
    assert link(**changes) == Link(joins=ANNS)
    assert link(sender=MALLORY, **changes) == Link(names=ANNS)


def test_the_address_decides_and_not_its_case_or_the_name():
    assert link(sender=Sender("Mallory", REPORTER.upper(), "unverified", ""), references=("anns@example.org",)).joins
    assert not link(sender=Sender("Ann", "ann@example.net", "verified", ""), references=("anns@example.org",)).joins


@pytest.mark.parametrize("nobody", [Sender("Ann", REPORTER, "failed", ""), Sender("Ann", "", "unverified", "")])
def test_a_forged_or_unknown_sender_joins_nothing(nobody):
    assert link(sender=nobody, references=("anns@example.org",)) == Link(names=ANNS)


def test_two_mails_without_a_sender_are_not_by_the_same_person():
    unknown = opened(message(message_id="unknown@example.org", author_readings=()), case_id=FIRST)
    nobody = Sender("", "", "unverified", "")
    assert link(sender=nobody, known=knowing(unknown).known, references=("unknown@example.org",)) == Link(names=unknown)


def test_ones_own_case_is_joined_even_behind_anothers():
    both = {"references": ("mallorys@example.net", "anns@example.org")}
    assert link(**both) == Link(joins=ANNS)
    assert link(sender=MALLORY, **both) == Link(joins=MALLORYS)


def test_the_thread_outranks_the_tag():
    other = opened(message(message_id="second@example.org"), case_id=SECOND)
    known = knowing(ANNS, other).known
    assert link(known=known, references=("anns@example.org",), subject=f"[{SECOND}]") == Link(joins=ANNS)


@pytest.mark.parametrize(("verdict", "joins"), [("verified", True), ("unverified", False), ("failed", False)])
def test_where_our_border_is_asked_only_whom_it_vouches_for_joins(verdict, joins):
    said = Sender("Ann", REPORTER, verdict, "")
    found = correlate(message(subject=f"[{FIRST}]"), said, KNOWN, vouched=True)
    assert found == (Link(joins=ANNS) if joins else Link(names=ANNS))


def test_of_a_flood_of_tags_only_the_first_are_looked_up():
    looked_up = []
    known = type(KNOWN)(looked_up.append, looked_up.append)
    link(known=known, subject=FIRST * 500)
    assert len(looked_up) <= 2 * 5
