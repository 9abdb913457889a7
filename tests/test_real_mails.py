"""Mail of other projects' test suites: each one comes to a named end. Read from $TRIAGED_DATA, never committed."""

import csv
import json
import os
from pathlib import Path

import pytest

from triaged.cli import run
from triaged.core.mail.arrival import ENDS

pytestmark = pytest.mark.slow


@pytest.fixture
def mails():
    if "TRIAGED_DATA" not in os.environ:
        if os.environ.get("CI"):
            pytest.fail("missing in CI: $TRIAGED_DATA")
        pytest.skip("needs $TRIAGED_DATA, a folder with mails/MANIFEST.tsv")
    return Path(os.environ["TRIAGED_DATA"]) / "mails"


def test_every_message_comes_to_a_named_end(mails, capsys, monkeypatch):
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)
    with (mails / "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        paths = [str(mails / row["file"]) for row in csv.DictReader(manifest, delimiter="\t")]
    assert run(["explain", "--json", *paths]) == 0
    out, err = capsys.readouterr()
    explained = [json.loads(line) for line in out.splitlines()]
    assert len(explained) >= len(paths) > 0
    assert {each["end"] for each in explained} <= set(ENDS)
    for each in explained:
        answers = each["reply"]["action"] == "send"
        assert not (answers and each["automatic"])
        assert bool(each["reply"]["to"]) == answers
    assert "Traceback" not in err
