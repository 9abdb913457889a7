"""No shape is passed over in a text that holds it: what a pattern matches shows one of the signs that are looked for first."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triaged.core.report import pointers, signs, traits
from triaged.core.report.glance import DECIMAL, DOTTED, FIGURE, HUMP, Glance, holds

_POINTED = {
    "url": (pointers._URL,),
    "host": (pointers._HOST, pointers._BARE_HOST, pointers._IP, pointers._URL),
    "id": (pointers._ID,),
    "weakness": (pointers._WEAKNESS,),
    "severity": (pointers.VECTOR,),
    "version": (pointers._VERSION, pointers._NAMED_VERSION),
    "endpoint": (pointers._REQUEST, pointers._PATH),
    "function": (pointers._FUNCTION, pointers._NAMED_FUNCTION),
    "file": (pointers._FILE, pointers._FORGE_FILE),
}
_GATES = [
    *((f"sign {name}", signs.SIGNS[name], needed) for name, needed in signs._HOLDS.items()),
    *((f"trait {name}", traits.SHAPES[name], needed) for name, needed in traits._HOLDS.items()),
    *(
        (f"fact {kind} {at}", shape, needed)
        for kind, needed in pointers.HOLDS.items()
        for at, shape in enumerate(_POINTED[kind])
    ),
]


def matches(shape):
    """Texts in which the shape stands, figures of other scripts among them."""
    return st.from_regex(shape).filter(shape.search)


@pytest.mark.parametrize(("shape", "needed"), [gate[1:] for gate in _GATES], ids=[gate[0] for gate in _GATES])
def test_what_a_shape_matches_shows_one_of_its_signs(shape, needed):
    @settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
    @given(matches(shape))
    def holds_one(text):
        assert Glance(text).may_hold(needed)

    holds_one()


def test_every_fact_that_has_signs_is_proved_here():
    assert set(_POINTED) == set(pointers.HOLDS)


@pytest.mark.parametrize(
    ("sign", "shows", "does_not"),
    [
        (FIGURE, ["1", "٣", "a1b"], ["", "½", "one"]),
        (DECIMAL, ["1.2", "v٣.٤"], ["1", "1,2", "1. 2"]),
        (DOTTED, ["1.2.3", "1.2.x", "10.0.0.1"], ["1.2", "1.2.y"]),
        (HUMP, ["camelCase", "aB"], ["Camel", "CAMEL", "camel Case", ""]),
    ],
)
def test_signs_that_stand_for_shapes(sign, shows, does_not):
    assert all(holds(text, sign) and Glance(text).may_hold((sign,)) for text in shows)
    assert not any(holds(text, sign) or Glance(text).may_hold((sign,)) for text in does_not)


def test_a_shape_without_signs_may_be_in_any_text():
    assert Glance("").may_hold(())
    assert not Glance("").may_hold(("a",))


def test_what_begins_a_release_is_dotted():
    assert re.search(signs.SIGNS["release"], "acme 1.2.3")
    assert holds("acme 1.2.3", DOTTED)
