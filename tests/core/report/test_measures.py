import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.report.measures import Share, calibration, confusion, wilson_interval

LABELS = ("model", "infrastructure", "sdk", "out-of-scope")
VERDICTS = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from((*LABELS, "unclear"))), max_size=60)


@given(VERDICTS, st.sampled_from(LABELS))
def test_precision_recall_and_f1_are_what_counting_by_hand_gives(verdicts, label):
    score = confusion(verdicts).score(label)
    hits = len([1 for truth, said in verdicts if truth == said == label])
    false = len([1 for truth, said in verdicts if truth != label and said == label])
    lost = len([1 for truth, said in verdicts if truth == label and said != label])
    assert (score.precision.count, score.precision.of) == (hits, hits + false)
    assert (score.recall.count, score.recall.of) == (hits, hits + lost)
    if hits:
        precision, recall = hits / (hits + false), hits / (hits + lost)
        assert score.f1 == pytest.approx(2 * precision * recall / (precision + recall))
    else:
        assert score.f1 == (0.0 if false or lost else None)


@given(VERDICTS)
def test_accuracy_costly_errors_and_macro_f1_are_what_counting_by_hand_gives(verdicts):
    counted = confusion(verdicts)
    assert counted.accuracy == Share(len([1 for truth, said in verdicts if truth == said]), len(verdicts))
    in_scope = [said for truth, said in verdicts if truth != "out-of-scope"]
    assert counted.taken_for(("out-of-scope",), LABELS[:3]) == Share(in_scope.count("out-of-scope"), len(in_scope))
    lost = in_scope.count("out-of-scope") + in_scope.count("unclear")
    assert counted.taken_for(("out-of-scope", "unclear"), LABELS[:3]) == Share(lost, len(in_scope))
    seen = [label for label in LABELS if any(label in pair for pair in verdicts)]
    singles = [counted.score(label).f1 for label in seen]
    assert counted.macro_f1(LABELS) == (pytest.approx(sum(singles) / len(singles)) if seen else None)


@given(st.lists(st.tuples(st.sampled_from(("high", "low")), st.booleans()), max_size=60))
def test_a_band_is_as_right_as_its_verdicts_and_the_bands_cover_everything(verdicts):
    found = calibration(verdicts, ("high", "low"))
    assert list(found) == ["high", "low"]
    for band, held in found.items():
        inside = [right for name, right in verdicts if name == band]
        assert held.right == Share(sum(inside), len(inside))
        assert held.coverage == Share(len(inside), len(verdicts))
    assert sum(held.coverage.count for held in found.values()) == len(verdicts)


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_share_and_its_ends_solve_the_score_equation(pair):
    count, of = pair
    low, high = wilson_interval(count, of)
    assert 0 <= low <= count / of <= high <= 1
    assert low < high
    for end in (low, high):
        if 0 < end < 1:
            # An end lies where the share is just 1.96 standard errors away, those of the end itself.
            assert abs(count / of - end) == pytest.approx(1.959963984540054 * (end * (1 - end) / of) ** 0.5, abs=1e-9)


def test_known_intervals():
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(0, 10) == (0.0, pytest.approx(0.2775, abs=1e-4))
    assert wilson_interval(10, 10) == (pytest.approx(0.7225, abs=1e-4), 1.0)
    assert wilson_interval(1, 10) == (pytest.approx(0.0179, abs=1e-4), pytest.approx(0.4042, abs=1e-4))


@pytest.mark.parametrize("pair", [(-1, 3), (4, 3), (0, -1)])
def test_what_is_no_share_has_no_interval(pair):
    with pytest.raises(ValueError, match="is no share"):
        wilson_interval(*pair)


def test_a_share_of_nothing_is_no_number():
    assert Share(0, 0).value is None
    assert Share(1, 4).value == 0.25
    assert Share(0, 0).interval == (0.0, 1.0)
