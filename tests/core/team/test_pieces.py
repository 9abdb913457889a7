"""Reports of one flaw are one piece of work."""

from tests.support.values import HOUR, NOON, received
from triaged.core.case.clusters import clusters
from triaged.core.case.events import Closed, SaidSame
from triaged.core.case.folding import fold
from triaged.core.commands.command import RecordAnswer, Triage
from triaged.core.commands.writing import typed
from triaged.core.team.digest.pieces import Pieces
from triaged.core.team.digest.worklist import item

IDS = tuple(f"SEC-0000-000{number}" for number in range(4))
CLOSED = Closed(at=NOON, by="bo", reason="done")


def case(number, *events):
    return fold(IDS[number], (received(received_at=NOON - number * HOUR), *events))


def line(each, command=None):
    return item(each, "came", typed(each.id, command or Triage()))


SAME = SaidSame(at=NOON, by="bo", of=IDS[0])
CASES = (case(0), case(1, SAME), case(2), case(3, SAME, CLOSED))


def test_a_cluster_is_shown_once_from_the_top_down_and_names_all_its_reports_in_order():
    pieces = Pieces(clusters(CASES))
    shown = pieces.once([line(CASES[1]), line(CASES[2]), line(CASES[0])])
    assert [each.case_id for each in shown] == [IDS[1], IDS[2]]
    named = [shown[0].notes[0].index(each) for each in (IDS[3], IDS[1], IDS[0])]
    assert shown[0].notes[0].startswith("one flaw, 3 reports: ")
    assert named == sorted(named)
    assert shown[0].notes[1] == f"for all of them: triaged case {IDS[1]} triage --all"
    assert shown[1].notes == ()
    assert pieces.once([line(CASES[0]), line(CASES[2])]) == [line(CASES[2])]


def test_what_cannot_be_decided_for_all_offers_nothing_for_all():
    (shown,) = Pieces(clusters(CASES)).once([line(CASES[1], RecordAnswer())])
    assert len(shown.notes) == 1


def test_what_a_law_wants_of_a_closed_case_stays_its_own_work():
    pieces = Pieces(clusters(CASES))
    assert [each.case_id for each in pieces.once([line(CASES[0]), line(CASES[3])])] == [IDS[0], IDS[3]]
    assert pieces.count(IDS) == 3


def test_of_the_new_cases_one_for_each_piece_of_work_is_compared():
    assert [each.id for each in Pieces(clusters(CASES)).one_each([CASES[0], CASES[1], CASES[2]])] == [IDS[0], IDS[2]]
