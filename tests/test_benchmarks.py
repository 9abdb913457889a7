"""Each benchmark runs, on a small scale, and prints its ratio: one that nobody runs is soon one that cannot."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import need

ROOT = Path(__file__).parents[1]
BENCHMARKS = (
    ("store.py", "200", r"TinyStore at 200 cases takes \d+\.\d\d times"),
    ("poll.py", "200", r"a quiet poll of 200 messages takes \d+\.\d\d times"),
    ("flow.py", "20", r"triaged goes at \d+\.\d\d of the bare loop"),
    ("duplicates.py", "500", r"ratio of a lookup's time, 500 to 1000 cases: \d+\.\d\d"),
    ("digest.py", "2000", r"ratio of the time, 2000 to 1000 cases: \d+\.\d"),
    ("growth.py", "100", r"a case with +100 mails: +\d+\.\d\d ms, \d+\.\d\d times"),
    ("slow_mail.py", "2", r"the first answer     after \d+\.\d s"),
    ("flood.py", "200", r"memory +\d+\.\d MB before, \d+\.\d MB after"),
)


def ran(name, *arguments):
    command = [sys.executable, ROOT / "bench" / name, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size", "words"), BENCHMARKS, ids=[row[0] for row in BENCHMARKS])
def test_a_benchmark_prints_its_ratio(name, size, words):
    need("dovecot")
    assert re.search(words, ran(name, size))


def test_the_scope_benchmark_prints_what_an_error_costs(tmp_path):
    labelled = tmp_path / "labelled.jsonl"
    row = {
        "id": "1",
        "source": "ours",
        "label": "model",
        "reason": "",
        "title": "Jailbreak",
        "text": "By role-play, in the model.",
    }
    labelled.write_text(f"{json.dumps(row)}\n")
    assert "ours: 1 texts, accuracy 100.0%, costly 0 of 1" in ran("scope.py", labelled)


def test_every_benchmark_is_run_here():
    assert {path.name for path in (ROOT / "bench").glob("*.py")} == {
        *(row[0] for row in BENCHMARKS),
        "scope.py",
        "mails.py",
        "maildir.py",
    }
