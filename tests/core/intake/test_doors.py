"""Other doors: platforms' notices and coordinators, true, forged, and the other mail of the same domains."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from tests.support.values import BORDER, HOUR, NOON, by, decide, house, knowing, policy, vouched
from triaged.core.case.folding import fold
from triaged.core.clocks.deadlines import deadlines
from triaged.core.intake.correlate import Known
from triaged.core.intake.incoming import Past
from triaged.core.mail.sender import Trust
from triaged.core.policy.doors import Door

OURS = house(trust=Trust(BORDER))
NEW = "SEC-7Q4K-2M8D"

DOORS = (
    ("notifications@github.com", "[smallest/sdk] Privately reported: path traversal",
     "ann reported a vulnerability.\nhttps://github.com/smallest/sdk/security/advisories/GHSA-2f9x-7h2q-8m4p",
     "a report waits at GitHub: hxxps[:]/[/]github[.]com/smallest/sdk/security/advisories/GHSA-2f9x-7h2q-8m4p",
     "GHSA-2f9x-7h2q-8m4p"),
    ("gitlab@mg.gitlab.com", "sdk | Path traversal (#17)", "Ann created a confidential issue.", "a report waits at GitLab", ""),
    ("no-reply@hackerone.com", "New report", "kestrel submitted a report: https://hackerone.com/reports/1234567",
     "a report waits at HackerOne: hxxps[:]/[/]hackerone[.]com/reports/1234567", "#1234567"),
    ("no-reply@bugcrowd.com", "New submission in smallest", "A new submission came in.", "a report waits at Bugcrowd", ""),
    ("no-reply@intigriti.com", "New submission", "See https://app.intigriti.com/company/submissions/0a1b2c3d-1111",
     "a report waits at Intigriti: hxxps[:]/[/]app[.]intigriti[.]com/company/submissions/0a1b2c3d-1111", "0a1b2c3d-1111"),
    ("no-reply@yeswehack.com", "New report #YWH-PGM123-45", "A hunter submitted a report.",
     "a report waits at YesWeHack: #YWH-PGM123-45",
     "#YWH-PGM123-45"),
    ("noreply@huntr.com", "A vulnerability has been reported in smallest-sdk",
     "https://huntr.com/bounties/11111111-2222-3333-4444-555555555555",
     "a report waits at huntr: hxxps[:]/[/]huntr[.]com/bounties/11111111-2222-3333-4444-555555555555",
     "11111111-2222-3333-4444-555555555555"),
    ("cert+donotreply@cert.org", "[VINCE] VU#123456: new case", "You were added to a case in VINCE.",
     "coordination by CERT/CC: VU#123456", "VU#123456"),
    ("noreply@haveibeenpwned.com", "A domain of yours was pwned", "12 addresses of your domain are in a data breach.",
     "a notice of Have I Been Pwned", ""),
    ("support@gitguardian.com", "1 secret detected", "A secret was exposed on GitHub.", "a notice of GitGuardian", ""),
    ("autoreports@shadowserver.org", "Special report", "A host of yours is compromised.", "a notice of Shadowserver", ""),
    ("noreply@spamhaus.org", "SBL123456 listed", "Your IP was listed.", "a notice of Spamhaus: SBL123456", "SBL123456"),
)  # fmt: skip
IDS = [row[3].split(":")[0] for row in DOORS]


def notice(sender, subject, text, *fields):
    read = by(sender, subject=subject, text=text, message_id="notice@door.example")
    return replace(read, headers=(*read.headers, *fields))


def marked(read):
    return replace(read, headers=(*read.headers, ("auto-submitted", "auto-generated"), ("list-id", "<x.door.example>")))


@pytest.mark.parametrize(("sender", "subject", "text", "says", "reference"), DOORS, ids=IDS)
def test_a_notice_that_our_border_vouches_for_is_a_case_with_its_link_and_id(sender, subject, text, says, reference):
    decision = decide(vouched(notice(sender, subject, text)), ours=OURS)
    case = fold(NEW, decision.events)
    assert (decision.end, decision.reason, decision.reply) == ("opened", says, None)
    assert (case.door.reference, case.report.missing) == (reference, ())
    assert [fact.value for fact in case.report.facts.of("reference")] == ([reference] if reference else [])


@pytest.mark.parametrize(("sender", "subject", "text", "says", "reference"), DOORS, ids=IDS)
def test_it_has_a_clock_of_its_own_and_owes_no_machine_an_acknowledgment(sender, subject, text, says, reference):
    decision = decide(vouched(notice(sender, subject, text, ("x-auto-response-suppress", "All"))), ours=OURS)
    names = [each.name for each in deadlines(fold(NEW, decision.events), policy(), NOON)]
    assert decision.reason == says
    assert "door" in names
    assert ("acknowledge" in names) == says.startswith("coordination")
    assert not reference or decision.reply is None


@pytest.mark.parametrize(("sender", "subject", "text", "says", "reference"), DOORS, ids=IDS)
def test_marks_of_a_machine_and_a_list_keep_no_notice_out(sender, subject, text, says, reference):
    decision = decide(vouched(marked(notice(sender, subject, text))), ours=OURS)
    # An authority's list mail is a bulletin.
    assert (decision.end == "opened") == (not says.startswith("coordination")), (says, reference)


@pytest.mark.parametrize(("sender", "subject", "text", "says", "reference"), DOORS, ids=IDS)
def test_a_forged_one_is_set_aside_and_named_to_a_person(sender, subject, text, says, reference):
    decision = decide(notice(sender, subject, text), ours=OURS)
    if says.startswith("coordination"):
        # Nobody loses a coordinator's word for a border's doubt; it is merely no door.
        assert (decision.end, fold(NEW, decision.events).door) == ("opened", None)
    else:
        assert (decision.end, decision.aside.sign, decision.aside.unusual) == ("set-aside", "forged-door", True), (
            reference
        )


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        (
            "updates@hackerone.com",
            "5 tips to run a better program",
            "Read https://hackerone.com/reports/1 as a case study.",
        ),
        (
            "no-reply@hackerone.com",
            "Weekly summary: 0 new submissions",
            "https://hackerone.com/reports/7 was resolved.",
        ),
        ("notifications@github.com", "[smallest/sdk] Bump lodash (#7)", "dependabot: see GHSA-2f9x-7h2q-8m4p."),
        ("notifications@github.com", "[smallest/sdk] Fix typo (#7)", "https://github.com/smallest/sdk/pull/7"),
        ("autoreports@shadowserver.org", "Daily report: no events", "No vulnerable hosts were observed."),
        ("news@intigriti.com", "Bug Bytes newsletter", "New submission records."),
    ],
)
def test_other_mail_of_the_same_domains_is_no_door(sender, subject, text):
    decision = decide(vouched(notice(sender, subject, text, ("auto-submitted", "auto-generated"))), ours=OURS)
    assert decision.end == "set-aside"
    assert "waits at" not in decision.reason


def test_a_coordinators_person_is_acknowledged_as_complete_with_their_id():
    text = "Dear team, we coordinate a vulnerability report on your SDK. Please send us your PGP key.\nMika, CERT/CC"
    reply = decide(vouched(notice("mika@cert.org", "VU#123456 your SDK", text)), ours=OURS).reply
    assert (reply.variant, reply.missing, reply.reference) == ("complete", (), "VU#123456")


def test_a_coordinators_absence_notice_is_no_word_of_theirs():
    notice_of = notice("mika@cert.org", "Automatic reply: VU#123456", "I am away.", ("auto-submitted", "auto-replied"))
    assert decide(vouched(notice_of), ours=OURS).end == "set-aside"


def test_the_next_word_on_a_report_joins_its_case_by_the_id_it_has_there():
    first = decide(vouched(notice(*DOORS[2][:3])), ours=OURS)
    case = fold(NEW, first.events)
    known = replace(knowing(case).known, by_reference={("hackerone", "#1234567"): case}.get)
    known = Known(
        known.by_message_id,
        known.by_id,
        lambda door, reference: {("hackerone", "#1234567"): case}.get((door, reference)),
    )
    second = decide(
        vouched(notice("no-reply@hackerone.com", "Comment", DOORS[2][2])),
        ours=OURS,
        past=Past(known),
        new_id="SEC-8888-8888",
    )
    assert (second.end, second.case_id, second.reply) == ("joined", NEW, None)


def test_where_no_border_is_asked_there_is_no_door_and_the_notice_is_filed_by_what_it_tells():
    read = notice(*DOORS[2][:3], ("auto-submitted", "auto-generated"))
    decision = decide(read)
    assert (decision.end, fold(NEW, decision.events).door) == ("opened", None)


@pytest.mark.parametrize(
    "sender", ["no-reply@hackerone.com.evil.example", "no-reply@nothackerone.com", "hackerone.com@evil.example"]
)
def test_a_domain_that_only_resembles_a_doors_is_none(sender):
    decision = decide(vouched(notice(sender, *DOORS[2][1:3])), ours=OURS)
    assert fold(NEW, decision.events).door is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"senders": ()}, "at least 1 item"),
        ({"senders": ("*.com",)}, "neither a domain nor an address"),
        ({"links": ("http://x.example/*",)}, "no shape of a link"),
        ({"links": ("https://x.example/(a+)+",)}, "no shape of a link"),
        ({"ids": ("*",)}, "no shape of an id"),
        ({"id": "A B"}, "should match pattern"),
        ({"brings": "spam"}, "Input should be"),
    ],
)
def test_a_door_that_is_none_is_a_fault(changes, says):
    with pytest.raises(ValidationError, match=says):
        Door.model_validate({"id": "x", "name": "X", "senders": ("x.example",), **changes})


def test_a_mail_of_links_without_end_is_looked_at_once():
    text = "https://hackerone.com/reports/ " * 20_000
    assert decide(vouched(notice("ann@example.org", "x", text)), ours=OURS, now=NOON + HOUR).end == "opened"


def test_two_reports_at_one_door_are_no_reports_of_one_reporter():
    sender, subject, *_ = DOORS[2]
    first = fold(
        NEW, decide(vouched(notice(sender, subject, "https://hackerone.com/reports/1234567")), ours=OURS).events
    )
    further = notice(sender, subject, "kestrel submitted a report: https://hackerone.com/reports/7654321")
    decision = decide(
        vouched(replace(further, message_id="n2@door.example")), ours=OURS, past=knowing(first), new_id="SEC-2222-2222"
    )
    assert decision.end == "opened"
    assert decision.events[0].same_reporter == ()
