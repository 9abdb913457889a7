"""The team writes from its own mailbox: the deadlines are met, and nothing in the folder of sent mail is touched."""

import pytest

from tests.stories.mails import INCOMPLETE, mail

pytestmark = pytest.mark.slow


def answer(house, name: str, *fields: str) -> bytes:
    return mail(
        house.address,
        "Re: the invoices",
        "We could reproduce it and work on a fix.\n",
        f"{name}@smallest.test",
        "To: grace@hopper.example",
        "In-Reply-To: <incomplete@hopper.example>",
        *fields,
    )


@pytest.fixture
def filed(house):
    house.dovecot.create(house.user, "Sent")
    house.configure(mailbox="sent_folder: Sent\n")
    house.append(INCOMPLETE)
    house.run("run", "--once")
    return house


def test_an_answer_in_the_folder_of_sent_mail_is_the_teams_word(filed):
    filed.append(answer(filed, "k1"), folder="Sent")
    filed.append(mail(filed.address, "Chairs", "Six, please.\n", "k2@smallest.test"), folder="Sent")
    before = filed.dovecot.flags(filed.user, "Sent")
    filed.run("run", "--once")
    (case,) = filed.cases()
    assert [each["direction"] for each in case["messages"]] == ["in", "out", "team"]
    kinds = [event["kind"] for event in filed.json("show", case["id"])["history"]]
    assert kinds[-2:] == ["team-wrote", "answered"]
    assert filed.dovecot.flags(filed.user, "Sent") == before
    assert len(filed.acknowledgments()) == 1


def test_a_copy_of_the_same_answer_in_the_mailbox_counts_no_second_time(filed):
    filed.append(answer(filed, "k1"), folder="Sent")
    filed.run("run", "--once")
    filed.append(b"Delivered-To: security@smallest.test\r\n" + answer(filed, "k1"))
    filed.run("run", "--once")
    (case,) = filed.cases()
    kinds = [event["kind"] for event in filed.json("show", case["id"])["history"]]
    assert (kinds.count("answered"), kinds[-1]) == (1, "copied")
