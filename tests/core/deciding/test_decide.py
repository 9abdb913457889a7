import pytest

from tests.support.values import HOUR, NEW_ID, NOON, case, house
from triaged.core.case.events import (
    Answered,
    AuthorityNotified,
    Closed,
    ExploitConfirmed,
    ExploitDismissed,
    ExploitSuspected,
    FixAvailable,
    HoldPlaced,
    HoldReleased,
    MarkedDuplicate,
    Noted,
    OwnerSet,
    Reopened,
    ScopeSet,
    SeveritySet,
    Triaged,
    Waiting,
)
from triaged.core.case.folding import folded_on
from triaged.core.commands.command import (
    AddNote,
    AwaitReporter,
    Close,
    FindExploited,
    MarkDuplicate,
    PlaceHold,
    RecordAnswer,
    RecordFix,
    RecordNotified,
    ReleaseHold,
    Reopen,
    SetOwner,
    SetScope,
    SetSeverity,
    Triage,
)
from triaged.core.deciding.decide import Around, decide
from triaged.core.deciding.decided import By, No
from triaged.core.deciding.naming import meant

ANA = By("ana (sudo)", "ana")
WHEN = {"at": NOON + HOUR, "by": "ana (sudo)"}
OTHER = "SEC-2222-2222"
SUSPECTED = ExploitSuspected(at=NOON, quote="seen in the wild")
DISMISSED = ExploitDismissed(at=NOON, by="bo", reason="a lab")


def decided(command, *events):
    return decide(command, case(*events), ANA, NOON + HOUR, Around(house(), (NEW_ID, OTHER)))


@pytest.mark.parametrize(
    ("command", "event", "said"),
    [
        (Triage(), Triaged(**WHEN), "triaged"),
        (
            Triage("high", "me"),
            Triaged(severity="high", owner="ana", **WHEN),
            "triaged, severity high, owner ana",
        ),
        (Triage(owner=""), Triaged(owner="", **WHEN), "triaged, owner nobody"),
        (SetScope("sdk"), ScopeSet(scope="sdk", **WHEN), "scope sdk"),
        (SetSeverity("low"), SeveritySet(severity="low", **WHEN), "severity low"),
        (SetOwner("cy"), OwnerSet(owner="cy", **WHEN), "owner cy"),
        (SetOwner(" Me "), OwnerSet(owner="ana", **WHEN), "owner ana"),
        (SetOwner(""), OwnerSet(owner="", **WHEN), "owner nobody"),
        (SetOwner("c\u202ey"), OwnerSet(owner="c\\u202ey", **WHEN), "owner c\\u202ey"),
        (AwaitReporter(), Waiting(**WHEN), "waiting for the reporter"),
        (RecordAnswer(), Answered(**WHEN), "answered by hand"),
        (AddNote("seen"), Noted(text="seen", **WHEN), "noted"),
        (MarkDuplicate("2222"), MarkedDuplicate(of=OTHER, **WHEN), f"duplicate of {OTHER}"),
        (Close("fixed"), Closed(reason="fixed", **WHEN), "closed"),
        (Reopen(), Reopened(**WHEN), "open again"),
        (RecordFix(), FixAvailable(**WHEN), "a fix is available"),
        (PlaceHold("a court"), HoldPlaced(reason="a court", **WHEN), "on hold; nothing of it is erased"),
    ],
)
def test_a_command_is_one_event_of_that_person_at_that_time(command, event, said):
    outcome = decided(command)
    assert (outcome.events, outcome.said) == ((event,), said)


@pytest.mark.parametrize(
    ("command", "event", "said"),
    [
        (
            FindExploited("confirm", "our logs"),
            ExploitConfirmed(reason="our logs", **WHEN),
            "exploitation confirmed; statutory clocks count from 2026-11-23 12:00 UTC",
        ),
        (FindExploited("dismiss", "a lab"), ExploitDismissed(reason="a lab", **WHEN), "exploitation dismissed"),
        (
            RecordNotified("cra-notification"),
            AuthorityNotified(duty="cra-notification", **WHEN),
            "cra-notification is done",
        ),
    ],
)
def test_a_suspicion_is_confirmed_or_dismissed_and_the_authority_told(command, event, said):
    outcome = decided(command, SUSPECTED)
    assert (outcome.events, outcome.said) == ((event,), said)


def test_without_a_suspicion_the_clocks_of_a_confirmation_count_from_now():
    outcome = decided(FindExploited("confirm", "our logs"))
    assert outcome.said == "exploitation confirmed; statutory clocks count from 2026-11-23 13:00 UTC"


@pytest.mark.parametrize(
    ("command", "events", "says"),
    [
        (SetScope("SCOPE"), (), f"{NEW_ID}: write in place of SCOPE one of model, infrastructure, sdk"),
        (AddNote(" "), (), f"{NEW_ID}: say what to note"),
        (Close(""), (), f"{NEW_ID}: say why it is closed"),
        (Close("…"), (), f"{NEW_ID}: say why it is closed"),
        (FindExploited("confirm", "..."), (), f"{NEW_ID}: say how you know"),
        (FindExploited("dismiss", "..."), (SUSPECTED,), f"{NEW_ID}: say how you know"),
        (
            FindExploited("dismiss", "a lab"),
            (),
            f"{NEW_ID} is not said to be exploited; if you know it is, say so: triaged",
        ),
        (FindExploited("dismiss", "a lab"), (SUSPECTED, DISMISSED), "is not said to be exploited"),
        (RecordNotified("cra-notification"), (), f'triaged case {NEW_ID} exploited confirm --reason "..."'),
        (
            AwaitReporter(),
            (Closed(at=NOON, by="bo", reason="spam"),),
            f"{NEW_ID} is closed, and nothing is waited for; first: triaged case {NEW_ID} reopen",
        ),
        (MarkDuplicate(NEW_ID.lower()), (), f"{NEW_ID} cannot be a duplicate of itself"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(command, events, says):
    outcome = decided(command, *events)
    assert isinstance(outcome, No)
    assert says in outcome.sentence
    assert not outcome.unknown


def test_a_duplicate_of_no_case_names_an_unknown_one():
    outcome = decided(MarkDuplicate("SEC-3333-3333"))
    assert (outcome.unknown, outcome.sentence.partition(";")[0]) == (True, "SEC-3333-3333: there is no such case")


@pytest.mark.parametrize("written", [OTHER, "sec-2222-2222", "22222222", "2222", "[SEC-2222-2222]", "sec 2222"])
def test_an_id_is_known_however_it_is_written(written):
    assert meant(written, (NEW_ID, OTHER)) == OTHER


@pytest.mark.parametrize(
    ("written", "says"),
    [("222", "no such case"), ("SEC", "no such case"), ("", "no such case"), ("2222", "more than one")],
)
def test_what_names_no_case_or_several_is_a_sentence(written, says):
    assert says in meant(written, (NEW_ID, OTHER, "SEC-2222-3333")).sentence


def test_triage_in_one_sets_severity_and_owner_and_leaves_what_it_does_not_name():
    before = case(OwnerSet(at=NOON, by="bo", owner="cy"), SeveritySet(at=NOON, by="bo", severity="low"))
    both = folded_on(before, decided(Triage("high", "me")).events)
    assert (both.state, both.severity, both.owner) == ("triaged", "high", "ana")
    assert folded_on(before, decided(Triage(owner="")).events).owner == ""
    neither = folded_on(before, decided(Triage()).events)
    assert (neither.state, neither.severity, neither.owner) == ("triaged", "low", "cy")


def test_a_hold_says_why_and_only_what_is_on_hold_is_released():
    assert "say why it must be kept" in decided(PlaceHold("...")).sentence
    assert "is not on hold" in decided(ReleaseHold()).sentence
    held = HoldPlaced(reason="a court", **WHEN)
    assert case(held).hold == held
    assert decided(ReleaseHold(), held).events == (HoldReleased(**WHEN),)
    assert case(held, HoldReleased(**WHEN)).hold is None
