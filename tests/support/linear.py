"""True if a work's cost grows as its text does, by processor time: four times the text is some four times the work."""

import time

NOTHING = 0.03
"""So many seconds of processor time for a quarter of a megabyte need no proof."""
MOST = 10
"""Between the four of a line and the sixteen of a square, for the clock is coarse and the machine busy."""


def seconds(work, value):
    """The processor time of the quickest of three goes, or of the first that needs next to nothing."""
    quickest = float("inf")
    for _ in range(3):
        began = time.process_time()
        work(value)
        quickest = min(quickest, time.process_time() - began)
        if quickest < NOTHING:
            break
    return quickest


def assert_linear(work, small, large):
    longer = seconds(work, large)
    assert longer < NOTHING or longer < MOST * seconds(work, small)
