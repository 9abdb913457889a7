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
    ("alike.py", "2000", r"true double among the first three +\d+/70 [\s\S]*, 2000 to 1000 cases: \d+\.\d\d"),
    ("digest.py", "2000", r"ratio of the time, 2000 to 1000 cases: \d+\.\d"),
    ("growth.py", "100", r"a case with +100 mails: +\d+\.\d\d ms, \d+\.\d\d times"),
    ("slow_mail.py", "2", r"the first answer     after \d+\.\d s"),
    ("reading.py", "200000", r"attached in base64 .* ratio to a tenth of it +\d+\.\d"),
    ("month_of_mail.py", "60", r"\d+  report +opened +answered"),
    ("words.py", "50000", r"reading its words +\d+\.\d+ ms +\d+\.\d+ of taking it apart"),
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


@pytest.mark.parametrize("name", ["scope.py", "sections.py"])
def test_a_benchmark_on_labelled_texts_says_which_texts_it_needs(name):
    environment = {key: value for key, value in os.environ.items() if key != "TRIAGED_DATA"}
    command = [sys.executable, ROOT / "bench" / name]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stderr.strip() == "Name the folder of the labelled texts in $TRIAGED_DATA."


def test_the_field_benchmark_prints_what_fails_per_kind(tmp_path):
    for name, answered in (("held", True), ("failed", False)):
        folder = tmp_path / name
        folder.mkdir()
        expected = {
            "type": "single",
            "kind": "report",
            "expect": {"answered": answered, "evidence_not": {"steps": "x"}},
        }
        (folder / "expected.json").write_text(json.dumps(expected))
        (folder / "mail.eml").write_text("From: ann@example.org\nSubject: a report\n\nSome text.\n")
    printed = ran("field.py", tmp_path)
    assert "FAILED failed: answered: expected False, found True" in printed
    assert re.search(r"report +held +1 +failed +1\n", printed)


def test_the_field_benchmark_plays_a_conversation(tmp_path):
    expected = {
        "type": "sequence",
        "kind": "threading",
        "steps": [{"mails": ["1.eml"]}, {"mails": ["2.eml"]}, {"command": ["case", "@@CASE@@", "close", "fixed"]}],
        "expect": {"cases": 1, "sent": 1, "ack": "submitted", "state": "closed", "messages": ["in", "out", "in"]},
    }
    (tmp_path / "talk").mkdir()
    (tmp_path / "talk" / "expected.json").write_text(json.dumps(expected))
    first = "From: ann@example.org\nSubject: a report\nMessage-ID: <1@example.org>\n\nSome text.\n"
    (tmp_path / "talk" / "1.eml").write_text(first)
    answer = "From: ann@example.org\nSubject: Re: @@ACK_SUBJECT@@\nIn-Reply-To: <@@ACK_ID@@>\n\nMore text on it.\n"
    (tmp_path / "talk" / "2.eml").write_text(answer)
    assert re.search(r"threading +held +1 +failed +0\n", ran("field.py", tmp_path))


def test_the_fresh_mails_are_read_and_both_halves_counted():
    printed = ran("fresh.py")
    assert re.search(r"the seen half\n +real reports lost +\d+/35 ", printed)
    assert re.search(r"the counted half\n +real reports lost +\d+/34 ", printed)


def test_every_benchmark_is_run_here():
    assert {path.name for path in (ROOT / "bench").glob("*.py")} == {
        *(row[0] for row in BENCHMARKS),
        "scope.py",
        "sections.py",
        "field.py",
        "fresh.py",
        "mails.py",
        # What the others are made of, and `make train`.
        "maildir.py",
        "corpus.py",
        "written.py",
        "held_out.py",
        "learning.py",
        "train.py",
    }
