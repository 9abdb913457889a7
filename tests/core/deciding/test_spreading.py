"""One decision on every case of a cluster."""

import pytest

from tests.support.values import HOUR, NOON, house, received
from triaged.core.case.clusters import ties_of
from triaged.core.case.events import Closed, SaidSame
from triaged.core.case.folding import fold
from triaged.core.commands.answer import Said
from triaged.core.commands.command import Close, MarkDuplicate, SayTheSame, Triage
from triaged.core.commands.reading import read_line
from triaged.core.deciding.decide import Around, decide
from triaged.core.deciding.decided import By, Decided, No
from triaged.core.deciding.spreading import letters, spread
from triaged.core.deciding.together import Mandate, act

A, B, C, D = (f"SEC-{each * 4}-2222" for each in "3456")
ANA = By("ana", "ana")


def case(case_id, hour, *events):
    return fold(case_id, (received(received_at=NOON - hour * HOUR), *events))


def same(of):
    return SaidSame(at=NOON, by="ana", of=of)


CASES = {
    A: case(A, 1, same(B)),
    B: case(B, 3),
    C: case(C, 2, same(B)),
    D: case(D, 0, same(A), Closed(at=NOON, by="ana", reason="spam")),
}
TIES = {each.id: ties_of(each) for each in CASES.values()}


def meant(command, *named):
    return [each.id for each in spread(command, [CASES[each] for each in named], TIES, CASES, CASES.get)]


def test_all_means_the_open_cases_of_the_cluster_in_order_of_receipt_behind_what_was_named():
    assert meant(Close("fixed", cluster=True), A) == [A, B, C]
    assert meant(Close("fixed"), A) == [A]
    assert meant(Triage(cluster=True), D) == [D, B, C, A]


def test_the_case_that_the_others_are_duplicates_of_is_left_open():
    assert meant(MarkDuplicate(B[4:], cluster=True), A) == [A, C]


@pytest.mark.parametrize(
    ("command", "template"), [(Close("x", cluster=True), "closing"), (Triage(cluster=True), "accepted")]
)
def test_a_decision_on_all_offers_each_reporter_a_letter_of_their_own(command, template):
    offered = list(letters(command, [CASES[A], CASES[B]]))
    assert offered == [f"triaged reply {each} --template {template}" for each in (A, B)]
    assert list(letters(Close("x"), [CASES[A]])) == []


def test_same_as_is_an_event_once_and_never_with_itself():
    around = Around(house(), (A, B))
    outcome = decide(SayTheSame(B[4:]), CASES[B], ANA, NOON, around)
    assert isinstance(outcome, No)
    outcome = decide(SayTheSame(A), CASES[B], ANA, NOON, around)
    assert isinstance(outcome, Decided)
    assert outcome.events == (SaidSame(at=NOON, by="ana", of=A),)
    assert "already" in decide(SayTheSame(B), CASES[A], ANA, NOON, around).sentence
    assert decide(SayTheSame("9999"), CASES[A], ANA, NOON, around).unknown


def test_the_lines_of_one_mail_tie_cases_and_decide_on_all_of_them():
    loose = {each: case(each, number) for number, each in enumerate((A, B, C))}
    lines = [f"{A},{B} same-as {C}", f"{A} severity high --all", f"{B} undo"]
    said = [Said(line, read_line(line)) for line in lines]
    around = Around(house(), tuple(loose))
    acted = act(said, Mandate(ANA, NOON + HOUR), loose.get, around, lambda *_: No("no"))
    assert [each.done for each in acted.lines] == [True, True, True]
    assert {each.id: each.severity for each in acted.cases} == {A: "high", B: None, C: "high"}
    assert acted.case(B).same_as == (C,)
