from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import HOUR, NOON, received
from triaged.core.case.clusters import cluster_of, clusters, reporters, ties_of
from triaged.core.case.events import MarkedDuplicate, SaidSame, Undone
from triaged.core.case.folding import fold

IDS = [f"SEC-0000-000{number}" for number in range(8)]


def case(number, *same):
    events = (SaidSame(at=NOON + place * HOUR, by="bo", of=IDS[of]) for place, of in enumerate(same, 1))
    return fold(IDS[number], (received(received_at=NOON - number * HOUR), *events))


def ids(members):
    return [each.id for each in members]


def test_a_cluster_is_the_union_of_what_people_said_in_order_of_receipt():
    found = clusters([case(0, 1), case(1), case(2, 1), case(3)])
    assert {key: ids(members) for key, members in found.items()} == {key: [IDS[2], IDS[1], IDS[0]] for key in IDS[:3]}


def test_a_duplicate_belongs_to_the_cluster_of_what_it_is_a_duplicate_of():
    duplicate = fold(IDS[3], (received(), MarkedDuplicate(at=NOON, by="bo", of=IDS[0])))
    assert IDS[3] in ids(clusters([case(0, 1), case(1), duplicate])[IDS[1]])


def test_taking_the_word_back_ends_the_cluster():
    said = case(0, 1)
    undone = Undone(at=NOON + 2 * HOUR, by="bo", decision="same-as", decided_at=NOON + HOUR)
    assert clusters([fold(said.id, (*said.history, undone)), case(1)]) == {}


def test_a_case_that_is_not_there_any_more_is_no_member():
    assert clusters([case(0, 5)]) == {}


def test_a_reporter_who_wrote_twice_is_one_reporter():
    one, two = case(0, 1), case(1)
    other = replace(two, opening=replace(two.opening, sender=replace(two.reporter, address="EVE@x.example")))
    assert reporters([one, two, other]) == (one.reporter.address, "eve@x.example")


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12), st.randoms())
def test_clusters_are_the_same_from_every_member_and_in_any_order(words, chance):
    cases = [case(number, *(of for one, of in words if one == number and of != number)) for number in range(8)]
    shuffled = list(cases)
    chance.shuffle(shuffled)
    found = clusters(cases)
    assert found == clusters(shuffled)
    ties = {each.id: ties_of(each) for each in cases}
    for each in cases:
        assert cluster_of(each.id, ties) == {*ids(found.get(each.id, ())), each.id}
