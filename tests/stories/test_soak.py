"""A few of the trials that `make soak` makes many of."""

import random

import pytest

from tests.support.soak import soak

pytestmark = pytest.mark.prove


def test_killed_at_random_moments_nothing_is_lost_and_nothing_is_double_outside_the_window(tmp_path, dovecot):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    figures = soak(100, seed, tmp_path, dovecot)
    print(figures)
    assert figures.trials == 100
    assert figures.killed > 30
    assert figures.reports > 100
