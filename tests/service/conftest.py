"""An office, two of them, and what is logged."""

import pytest
from structlog.testing import capture_logs

from tests.support.office import Office


@pytest.fixture(autouse=True)
def lines():
    """What is logged, whatever another test has done with the log."""
    with capture_logs() as kept:
        yield kept


@pytest.fixture
def office(tmp_path):
    there = Office(tmp_path / "state")
    with there.stack:
        yield there


@pytest.fixture
def other_office(tmp_path):
    there = Office(tmp_path / "other")
    with there.stack:
        yield there
