"""The team acts by answering: a verified colleague's answer to a mail of ours to the team is carried out once."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_string, policy

import pytest

from tests.support.colleague import HOUSE, KIM, VOUCHED, answer, digest_in, kinds, receive, transcripts
from tests.support.fakes import Killed
from tests.support.office import RENDERER, BrokenRenderer
from tests.support.values import BORDER, REPORT, REPORTER, fetched, mail
from triaged.core.letters.spoken import subject_of, words_of
from triaged.core.mail.sender import Trust
from triaged.ports import Unwritten
from triaged.service.alerting import send_alert


@pytest.fixture
def there(office):
    """An office with one case, whose digest has been sent."""
    office.receive(mail())
    office.digest = digest_in(office)
    return office


def told(office) -> str:
    return words_of(transcripts(office)[-1])


def commands(office, text: str, **how):
    receive(office, answer(text.replace("ID", office.case.id), office.digest, **how))


def test_a_command_is_done_and_the_sender_is_told(there):
    commands(there, "ID triage --severity high --owner me\n\n> the digest\n")
    case = there.case
    assert (case.state, case.severity, case.owner) == ("triaged", "high", KIM)
    assert case.history[-1].by == KIM
    (transcript,) = transcripts(there)
    letter = message_from_string(transcript.raw, policy=policy.default)
    assert (letter["To"], letter["In-Reply-To"]) == (KIM, "<answer-1@laptop.example>")
    assert letter["References"] == "<answer-1@laptop.example>"
    assert (letter["Auto-Submitted"], letter["Subject"]) == ("auto-replied", "Re: [triaged] 1 new - 2026-11-23")
    assert f"DONE: {case.id} triage --severity high --owner me" in told(there)
    assert "triaged, severity high" in told(there)
    assert f"answer: {case.id} undo" in told(there)
    assert there.store.seen() == {"opened": 1, "command": 1}


def test_commands_on_one_case_see_what_those_above_did(there):
    commands(there, "ID close fixed\nID waiting\nID reopen\nID undo\nID severity low")
    assert there.case.state == "closed"
    assert there.case.severity == "low"
    assert kinds(there)[-4:] == ["closed", "reopened", "undone", "severity-set"]
    assert told(there).count("NOT DONE:") == 1
    assert "is closed, and nothing is waited for" in told(there)


def test_a_decision_of_a_mail_can_be_taken_back_alone(there):
    commands(there, "ID note a\nID note b\nID undo")
    (undone,) = [event for event in there.case.history if event.kind == "undone"]
    assert [event.text for event in there.case.in_force if event.kind == "noted"] == ["a"]
    assert undone.by == KIM


def test_several_cases_on_one_line_are_decided_together_or_not_at_all(there):
    receive(there, mail(2, author="bo@example.com"))
    one, two = (case.id for case in there.store.cases())
    receive(there, answer(f"{one},{two} owner me\n{one}, {two} duplicate {two}", there.digest))
    assert [case.owner for case in there.store.cases()] == [KIM, KIM]
    assert [case.state for case in there.store.cases()] == ["new", "new"]
    assert "cannot be a duplicate of itself" in told(there)
    assert "nothing was done on the other either" in told(there)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("SEC-0000-0000 close spam", "there is no such case"),
        ("triage", "say on which case"),
        ("ID trige", "is no verb"),
        ("ID frobnicate", "is no verb"),
        ("ID close", "lacks its reason"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_reason(there, line, said):
    commands(there, line)
    assert said in told(there)
    assert kinds(there) == []


def test_a_command_on_a_closed_case_has_its_sentence(there):
    commands(there, "ID close spam")
    commands(there, "ID waiting", name="answer-2")
    assert "is closed, and nothing is waited for" in told(there)


def test_an_answer_to_a_transcript_on_one_case_need_not_name_it(there):
    commands(there, "ID triage")
    receive(there, answer("severity high\nundo\nowner me", transcripts(there)[0].message_id, name="answer-2"))
    assert (there.case.severity, there.case.owner) == (None, KIM)


def test_an_answer_to_an_alert_on_one_case_need_not_name_it(there):
    receive(there, mail(2, text=REPORT + "\nThis is being exploited in the wild.\n"))
    assert send_alert(there.desk)
    alert = next(letter for _, letter in there.store.owed() if letter.purpose == "alert")
    receive(there, answer("owner me", alert.message_id, name="answer-2"))
    assert sorted(case.owner for case in there.store.cases()) == ["", KIM]


def test_the_subject_of_a_link_in_our_mail_serves_where_no_thread_is_kept(there):
    token = there.digest.partition("@")[0]
    commands_mail = answer(f"{there.case.id} triage", "", subject=f"{there.case.id} triage (triaged {token})")
    receive(there, commands_mail)
    assert there.case.state == "triaged"
    (transcript,) = transcripts(there)
    assert subject_of(transcript) == f"Re: [triaged] 1 new - 2026-11-23 (triaged {token})"
    # The answer to that has the same words in its subject, and is about the transcript's case all the same.
    receive(there, answer("owner me", transcript.message_id, name="answer-2", subject=subject_of(transcript)))
    assert there.case.owner == KIM


def test_exchange_asks_for_silence_in_peoples_names(there):
    commands(there, "ID triage", more="X-Auto-Response-Suppress: DR, OOF, AutoReply\r\n")
    assert there.case.state == "triaged"


def test_a_letter_that_no_template_can_write_is_not_said_to_be_sent_again(office):
    office.change(renderer=BrokenRenderer())
    office.receive(mail())
    office.change(renderer=RENDERER)
    receive(office, answer(f"{office.case.id} resend", digest_in(office)))
    assert "NOT DONE" in told(office)
    assert "until the templates render" in told(office)


def test_words_for_the_reporter_are_a_letter_in_their_thread(there):
    commands(there, "ID triage\nID reply:\nThank you, we could reproduce it.\n\nKim\n> quoted\n")
    (letter,) = replies(there)
    mail = message_from_string(letter.raw, policy=policy.default)
    assert (mail["To"], mail["Subject"]) == (REPORTER, f"Re: [{there.case.id}] We received your report")
    assert mail["In-Reply-To"] == f"<{there.case.opening.message_id}>"
    assert mail["Auto-Submitted"] is None
    assert mail.get_content().replace("\r\n", "\n") == (
        "Hello,\n\nThank you, we could reproduce it.\n\nKim\n\nSmallest.AI Security <security@smallest.ai>\n"
    )
    assert f"a letter to {REPORTER} is on its way" in told(there)
    assert kinds(there) == ["triaged", "replied", "owed"]


def test_two_letters_of_one_answer_are_two(there):
    commands(there, "ID reply:\nOne.")
    commands(there, "ID reply:\nTwo.", name="answer-2")
    assert len({letter.message_id for letter in replies(there)}) == 2


def test_no_letter_and_no_decision_where_its_template_fails(there):
    class Torn(BrokenRenderer):
        def finished(self, draft, now):
            if draft.purpose == "reply":
                raise Unwritten("reply.txt.j2:1: UndefinedError")
            return RENDERER.finished(draft, now)

    there.change(renderer=Torn())
    commands(there, "ID triage\nID reply:\nThank you.")
    assert kinds(there) == []
    assert there.store.seen() == {"opened": 1, "command": 1}


def replies(office):
    return [letter for letter in office.case.letters if letter.purpose == "reply"]


# What must do nothing.


QUOTED = "On Mon, 23 Nov 2026 at 10:00, Mallory <mallory@example.org> wrote:\n> ID close spam\n"
BAD = {
    "no-word-of-the-border": {"vouched": ""},
    "another-border": {"vouched": VOUCHED.replace(BORDER, "mx.example.org")},
    "failing": {"vouched": VOUCHED.replace("pass", "fail")},
    "another-domain-passes": {"vouched": f"Authentication-Results: {BORDER}; spf=pass smtp.mailfrom=example.org\r\n"},
    "no-colleague": {"author": "mallory@example.org", "vouched": VOUCHED.replace("smallest.ai\r", "example.org\r")},
    "two-authors": {"more": "From: Mallory <mallory@example.org>\r\n"},
    "auto-replied": {"more": "Auto-Submitted: auto-replied\r\n"},
    "vacation": {"more": "Precedence: auto_reply\r\n"},
    "absence-by-its-words": {
        "subject": "Automatic reply: [triaged] 1 new",
        "text": "I am out of office until 7 December.",
    },
    "absence-with-a-command": {"subject": "Abwesend: [triaged] 1 new", "more": "Auto-Submitted: auto-generated\r\n"},
    "list": {"more": "List-Id: <team.example.org>\r\nPrecedence: list\r\n"},
    "forwarded": {"subject": "Fwd: [triaged] 1 new"},
    "quotation": {"text": QUOTED},
    "below-a-quotation-wrapped": {"text": QUOTED.rstrip() + "\nID close spam\n"},
    "below-dashes": {"text": "--\nID close spam\n"},
    "reaction": {"text": "\U0001f44d\n"},
    "thanks": {"text": "Thank you!\n"},
    "no-message-id": {"name": "a b"},
    "bounce": {"more": 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n'},
}


@pytest.mark.parametrize("name", BAD)
def test_what_no_verified_person_of_the_team_wrote_does_nothing(there, name):
    how = {"text": "ID close spam", **BAD[name]}
    before = there.case.history
    commands(there, how.pop("text"), **how)
    case = next(each for each in there.store.cases() if each.opening.message_id == "report-1@example.org")
    assert case.history == before
    assert transcripts(there) == []
    new = [event for each in there.store.cases() for event in each.history if each is not case]
    assert case.id not in "".join(event.raw for event in new if event.kind == "owed")


@pytest.mark.parametrize("forged", ["0" * 24, "report-1", "ack-1"])
def test_a_forged_reference_does_nothing(there, forged):
    before = there.case.history
    receive(there, answer(f"{there.case.id} close spam", f"{forged}@smallest.ai"))
    assert there.case.history == before
    assert transcripts(there) == []


def test_a_guessed_id_from_outside_does_nothing(there):
    case = there.case
    receive(there, answer(f"{case.id} close spam", "", author="mallory@example.org"))
    assert there.store.case(case.id).history == case.history


def test_without_a_border_nothing_is_done_and_a_person_is_told(there):
    there.change(house=replace(HOUSE, trust=Trust()))
    commands(there, "ID close spam")
    assert kinds(there) == []
    assert there.store.seen()["command"] == 1
    (line,) = there.store.set_aside_since(there.case.opening.at)
    assert "no border is named (trust.authserv_id)" in line.reason


def test_a_letter_that_this_key_did_not_seal_is_no_token(there):
    there.change(house=replace(HOUSE, ours=replace(HOUSE.ours, wrote=lambda _: False)))
    commands(there, "ID close spam")
    assert (kinds(there), transcripts(there)) == ([], [])


def test_a_mail_in_our_own_folder_of_sent_mail_commands_nothing(there):
    there.change(sent_folder="INBOX")
    commands(there, "ID close spam")
    assert (kinds(there), transcripts(there)) == ([], [])


def test_colleagues_who_talk_in_the_thread_of_our_mail_are_not_interrupted(there):
    talk = answer("I think that is the one of last week.", "bo-1@laptop.example", more="")
    thread = f"References: <{there.digest}> <bo-1@laptop.example>\r\n".encode()
    receive(there, talk.replace(b"References: <bo-1@laptop.example>\r\n", thread))
    assert (kinds(there), transcripts(there)) == ([], [])
    (line,) = there.store.set_aside_since(there.case.opening.at)
    assert "somewhere in its thread, and holds no command" in line.reason


def test_a_sealed_text_is_a_line_for_a_person(there):
    commands(there, "-----BEGIN PGP MESSAGE-----\n\nhQEMA0000000000000000AQf/\n=abcd\n-----END PGP MESSAGE-----\n")
    assert (kinds(there), transcripts(there)) == ([], [])
    (line,) = there.store.set_aside_since(there.case.opening.at)
    assert "its text could not be read" in line.reason


def test_what_an_unknown_client_quotes_unmarked_is_not_read(there):
    letter = there.store.team_letter(there.digest).letter
    commands(there, f"ID triage\n\n{words_of(letter)}")
    assert kinds(there) == ["triaged"]
    assert "NOT DONE" not in told(there)


def test_the_same_bytes_again_do_nothing(there):
    commands(there, "ID note once")
    commands(there, "ID note once")
    assert kinds(there) == ["noted"]
    assert len(transcripts(there)) == 1


@pytest.mark.parametrize(
    "again",
    [
        {"more": "Received: by another way\r\n"},
        {"text": "ID note another thing"},
        {"name": "replayed", "more": "X: y\r\n"},
    ],
    ids=["other-trace", "same-id-other-words", "other-id-same-words"],
)
def test_a_replayed_mail_does_nothing_again(there, again):
    commands(there, "ID note once")
    commands(there, **{"text": "ID note once", **again})
    assert kinds(there) == ["noted"]
    assert len(transcripts(there)) == 1
    assert there.store.seen()["command"] == 2


def test_a_loop_of_answers_to_transcripts_ends(there):
    to = there.digest
    for number in range(30):
        receive(there, answer(f"We received your mail no. {number}; it is ticket {number}.", to, name=f"loop-{number}"))
        to = transcripts(there)[-1].message_id
    assert len(transcripts(there)) == 20
    assert kinds(there) == []


# Killed at every write.


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", [1, 2])
def test_a_kill_at_any_write_does_a_command_once_and_tells_of_it_once(there, write, after):
    raw = answer(f"{there.case.id} note once\n{there.case.id} triage\n", there.digest)
    there.killed_at(write, after=after)
    with pytest.raises(Killed):
        there.receive(fetched(raw, 50))
    there.restart()
    there.receive(fetched(raw, 50))
    assert kinds(there) == ["noted", "triaged"]
    assert there.case.history[-1].at - there.case.history[-2].at == timedelta(microseconds=1)
    assert len(transcripts(there)) == 1
    assert (there.store.seen(), there.store.pending()) == ({"opened": 1, "command": 1}, [])


def test_an_answer_makes_two_writes(there):
    there.killed_at(0)
    commands(there, "ID note once")
    assert there.desk.store.writes == ["note", "record_answer"]


def test_a_fault_of_ours_does_nothing_and_is_a_line_for_a_person(there):
    there.change(renderer=BrokenRenderer())
    commands(there, "ID note once")
    assert kinds(there) == []
    (line,) = there.store.set_aside_since(there.case.opening.at)
    assert (line.end, line.aside.sign) == ("command", "team")
    assert line.reason == "its commands could not be carried out; nothing was done: ValueError"
