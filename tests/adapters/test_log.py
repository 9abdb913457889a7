import io
import json
import re
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from triaged.adapters.log import set_up_logging

HOSTILE = 'a"b=c\nlevel=critical\r\x1b[31mred\x9b\u202e\u2028 \\" event="forged'


@pytest.fixture(autouse=True)
def _as_before():
    yield
    structlog.reset_defaults()


def logged(form, emit, **options):
    stream = io.StringIO()
    set_up_logging(form, stream=stream, **options)
    emit(structlog.get_logger())
    return stream.getvalue()


class Troublesome:
    """Something that is no text, until it is shown."""

    def __str__(self):
        return HOSTILE


@pytest.mark.parametrize("form", ["logfmt", "json", "console"])
@pytest.mark.parametrize(
    "value", [HOSTILE, Path(HOSTILE), ValueError(HOSTILE), [HOSTILE], {"a": HOSTILE}, Troublesome()], ids=type
)
def test_a_value_forges_no_line_and_moves_no_cursor(form, value):
    said = logged(form, lambda log: log.warning("mail not fetched", folder=value))
    assert said.count("\n") == 1
    assert said.endswith("\n")
    for char in ("\r", "\x9b", "\u202e", "\u2028", "\x1b[31m"):
        assert char not in said


@given(st.text())
def test_any_text_is_one_line_of_logfmt_with_its_own_key(text):
    said = logged("logfmt", lambda log: log.info("a fact", first=1, value=text, zlast=2))
    assert said.removesuffix("\n").isprintable()
    # Bare, or quoted with every quote inside escaped.
    assert re.fullmatch(r"""<6>event="a fact" first=1 value=([^ ="]*|"([^"\\]|\\.)*") zlast=2 level=info\n""", said), (
        said
    )


@given(st.text())
def test_any_text_is_one_json_object(text):
    said = logged("json", lambda log: log.info("a fact", value=text))
    assert said.count("\n") == 1
    assert json.loads(said).keys() == {"event", "value", "level", "timestamp"}


@pytest.mark.parametrize(
    ("level", "priority"), [("debug", 7), ("info", 6), ("warning", 4), ("error", 3), ("critical", 2)]
)
def test_journald_reads_the_priority_from_the_line(level, priority):
    said = logged("logfmt", lambda log: getattr(log, level)("a fact"), level="debug")
    assert said == f'<{priority}>event="a fact" level={level}\n'


def test_what_is_below_the_level_is_not_said():
    def emit(log):
        log.debug("not said")
        log.info("not said")
        log.warning("said")

    assert logged("json", emit, level="warning").count("\n") == 1
    assert logged("json", lambda log: log.debug("not said")) == ""


def test_json_has_the_instant_and_numbers_as_numbers():
    (line,) = logged("json", lambda log: log.info("mail settled", size=12, case=None, ok=True)).splitlines()
    said = json.loads(line)
    assert said.pop("timestamp").endswith("Z")
    assert said == {"event": "mail settled", "level": "info", "size": 12, "case": None, "ok": True}


def test_a_long_value_is_cut():
    said = json.loads(logged("json", lambda log: log.info("a fact", value="x" * 10_000)))
    assert len(said["value"]) == 300


def test_the_format_follows_from_where_it_runs(monkeypatch):
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    assert logged("auto", lambda log: log.info("a fact")).startswith("<6>")
    monkeypatch.delenv("JOURNAL_STREAM")
    assert logged("auto", lambda log: log.info("a fact")).startswith("{")
