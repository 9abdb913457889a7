"""Tables sum exactly: what a mail sums up to is the same in every process, whatever the order of a set."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from triaged.core.tables import Table

WEIGHTS = st.lists(st.floats(-4, 4), min_size=1, max_size=40)


@given(WEIGHTS, st.randoms())
def test_a_sum_does_not_depend_on_the_order_of_the_traits(weights, dice):
    table = Table(("one", "other"), (0.1, -0.2), {str(at): (each, -each) for at, each in enumerate(weights)})
    traits = [str(at) for at in range(len(weights))]
    first = table.sums(traits)
    dice.shuffle(traits)
    assert table.sums(traits) == first


def test_a_text_of_which_a_table_knows_nothing_sums_up_to_its_bias():
    assert Table(("one", "other"), (0.5, -0.5), {"a": (1.0, 2.0)}).sums({"b"}) == {"one": 0.5, "other": -0.5}
    assert Table().sums({"a"}) == {}


_SAYS = """
from tests.support.values import REPORT, message, policy
from triaged.core.report.reading import read_report
print(read_report(message(text=(REPORT + " It may be that any caller reads all of it. ") * 9), policy()))
"""


def test_two_processes_say_the_same_of_a_mail():
    said = {
        subprocess.run(
            [sys.executable, "-c", _SAYS], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "123"
    }
    assert len(said) == 1
