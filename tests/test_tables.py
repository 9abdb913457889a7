"""The second reader's tables as they are shipped."""

import json
import os
import sys
from pathlib import Path

import pytest

from triaged.config.loading import shipped_tables
from triaged.core.tables import Table, shares
from triaged.resources import resource

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["report", "letter", "scope", "impact", "steps"])
def test_a_table_says_by_its_hash_what_it_was_learned_from(name):
    shape = json.loads((resource("config/reading") / f"{name}.json").read_text(encoding="utf-8"))
    table = getattr(shipped_tables(), name)
    assert table.corpus == shape["corpus"]
    assert len(table.corpus) == 64
    assert table.weights
    assert all(len(weights) == len(table.classes) for weights in table.weights.values())


def test_a_table_is_the_same_after_it_was_written():
    table = Table(("a", "b"), (0.5, -0.5), {"x": (1.0, -1.0), "x y": (0.0, 2.0)}, "0" * 64)
    assert Table.read(json.loads(json.dumps(table.shape()))) == table


def test_a_table_sums_what_it_knows_and_names_the_heaviest():
    table = Table(("a", "b"), (0.5, -0.5), {"x": (1.0, -1.0), "y": (0.5, 2.0)}, "")
    assert table.sums({"x", "unknown"}) == {"a": 1.5, "b": -1.5}
    assert table.heaviest({"x", "y"}, "b") == ("y",)
    assert sum(shares(table.sums({"x", "y"})).values()) == pytest.approx(1)
    assert Table().sums({"x"}) == {}


@pytest.mark.skipif(not os.environ.get("TRIAGED_DATA"), reason="$TRIAGED_DATA does not name the texts")
def test_the_tables_were_learned_from_the_texts_that_are_here(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "bench"), *sys.path])
    import corpus  # noqa: PLC0415 - a script's neighbour, not a package
    import train  # noqa: PLC0415

    rows = [row for row in corpus.rows("reading/sentences.jsonl") if row["split"] == "train"]
    assert train._hash(rows) == shipped_tables().impact.corpus == shipped_tables().steps.corpus
