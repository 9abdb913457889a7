import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_the_demo_shows_the_whole_job_and_leaves_a_state_to_look_at(tmp_path):
    def triaged(*arguments):
        command = [sys.executable, "-m", "triaged", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    said = triaged("demo", "--dir", str(tmp_path))
    ends = re.findall(r"^.{44}  (opened|joined|set-aside|failed) ", said, re.MULTILINE)
    assert (ends.count("opened"), ends.count("joined"), ends.count("set-aside")) == (12, 1, 3)
    assert "1 mail had arrived before the window" in said
    assert re.search(r"One of the 9 acknowledgments that went out", said)
    assert "| Auto-Submitted: auto-replied" in said
    assert "DUE WITHIN 24 HOURS (2)" in said
    same = r"seems the same as SEC-\w{4}-\w{4} \(medium\): both name the endpoint /v1/invoices/\*; the same title"
    assert re.search(same, said)
    assert f"{sys.executable} -m triaged --config {tmp_path}/triaged.yaml show CASE" in said
    assert f"{tmp_path}/digest.html" in said
    assert (tmp_path / "digest.html").read_text().startswith("<!doctype html>")
    assert "\x1b" not in said
    assert triaged("--config", str(tmp_path / "triaged.yaml"), "cases").count("SEC-") == 12


def test_without_its_servers_it_says_how_this_checkout_brings_them():
    # Isolated from what is installed beside it: the servers are not found.
    code = "import sys; sys.modules.update(pymap=None); from triaged.cli import run; sys.exit(run(['demo']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 69
    root = Path(__file__).resolve().parents[2]
    assert done.stderr.endswith(f"not installed: {sys.executable} -m pip install '{root}[demo]'\n")
