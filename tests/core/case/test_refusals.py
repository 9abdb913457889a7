"""Whose fault a lasting refusal is: of one letter, of several in a row."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.values import NOON
from triaged.core.case.blame import blame
from triaged.core.case.outbox import Letter
from triaged.core.letters.refusals import in_a_row, is_one_fault

SAID_OF_US = [
    ("sender", "530 5.7.0 Must issue a STARTTLS command first"),
    ("sender", "530 5.7.57 Client not authenticated to send mail"),
    ("recipient", "530 SMTP authentication is required"),
    ("content", "530 5.7.0 Authentication Required"),
    ("sender", "553 5.7.1 <security@smallest.ai>: Sender address rejected: not owned by user bo"),
    ("sender", "550 we do not know you"),
    ("sender", "501 5.1.7 Bad sender address syntax"),
    # Postfix refuses the sender at RCPT, as smtpd_delay_reject has it.
    ("recipient", "550 5.1.8 <security@smallest.ai>: Sender address rejected: Domain not found"),
    ("recipient", "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
    ("recipient", "554 5.7.64 TenantAttribution; Relay Access Denied"),
    ("content", "550 5.7.60 SMTP; Client does not have permissions to send as this sender"),
    ("content", "535 5.7.139 Authentication unsuccessful"),
]
SAID_OF_A_LETTER = [
    ("recipient", "550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown"),
    ("recipient", "550 5.1.1 The email account that you tried to reach does not exist"),
    ("recipient", "550 5.1.10 RESOLVER.ADR.RecipientNotFound"),
    ("recipient", "553 5.1.3 Invalid address"),
    ("recipient", "550 5.4.1 Recipient address rejected: Access denied"),
    ("recipient", "552 5.2.2 Mailbox full"),
    ("recipient", "552 over quota"),
    ("recipient", "551 user not local"),
    ("recipient", "550 no such user here"),
    ("recipient", "550 User unknown"),
    ("recipient", "550 5.2.1 The email account is disabled"),
    ("recipient", "556 5.1.10 Recipient address has null MX"),
    ("content", "552 5.3.4 Message size exceeds fixed limit"),
    ("content", "554 5.6.0 the message has a bare line feed"),
]
SAID_OF_EITHER = [
    ("recipient", "554 5.7.1 <ann@example.org>: Relay access denied"),
    ("recipient", "550 5.7.1 Unable to relay"),
    ("recipient", "550 relay not permitted"),
    ("recipient", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
    ("recipient", "550 5.1.0 Address rejected"),
    ("content", "554 5.7.1 Message rejected as spam by Content Filtering"),
    ("content", "550 5.7.26 Unauthenticated email is not accepted from this domain"),
    ("content", "550 5.7.0 From address is not one of your addresses"),
    ("content", "554 no"),
    ("content", "571 never"),
]


@pytest.mark.parametrize(
    ("stage", "said", "whose"),
    [
        (*each, whose)
        for whose, every in (("settings", SAID_OF_US), ("letter", SAID_OF_A_LETTER), ("unclear", SAID_OF_EITHER))
        for each in every
    ],
)
def test_a_refusal_says_who_is_to_mend_it(stage, said, whose):
    assert blame(stage, said) == whose


@pytest.mark.parametrize("piece", ["5.7.", "no such ", "unknown ", "550 ", "\n"])
def test_a_long_refusal_costs_no_time(piece):
    assert blame("recipient", "554 " + piece * 200_000) in {"letter", "unclear"}


def letter(number, to, state="failed", *, refused=True, after=0):
    tried_at = NOON + timedelta(minutes=after)
    made = Letter("acknowledgment", f"ack-{number}@smallest.ai", "", (to,), "", NOON, NOON)
    return replace(made, state=state, refused=refused, tried_at=tried_at)


def test_refusals_are_in_a_row_until_a_letter_is_taken():
    refused = [letter(number, f"{number}@example.org", after=number) for number in (3, 1, 2)]
    assert [each.message_id[4] for each in in_a_row(refused)] == ["1", "2", "3"]
    taken = letter(9, "9@example.org", "submitted", refused=False, after=2)
    assert [each.message_id[4] for each in in_a_row([*refused, taken])] == ["3"]
    assert in_a_row([replace(each, refused=False) for each in refused]) == ()


@pytest.mark.parametrize(
    ("recipients", "ours"),
    [
        ([], False),
        (["ann@example.org"], False),
        (["ann@example.org"] * 5, False),
        (["ann@example.org", "Ann@Example.org", "ANN@example.ORG"], False),
        (["ann@example.org", "bo@example.org"], False),
        (["ann@example.org", "bo@example.org", "cy@example.org"], True),
        (["ann@example.org", "bo@example.net"], True),
    ],
)
def test_several_recipients_speak_of_our_settings(recipients, ours):
    assert is_one_fault([letter(number, to) for number, to in enumerate(recipients)]) == ours
