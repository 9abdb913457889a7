"""The unit as systemd itself reads it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

UNIT = Path(__file__).resolve().parents[1] / "triaged.service"
MOST_EXPOSED = 1.5


@pytest.fixture
def analyze():
    if not shutil.which("systemd-analyze"):
        if os.environ.get("CI"):
            pytest.fail("missing in CI: systemd-analyze")
        pytest.skip("needs systemd-analyze (apt-get install systemd)")

    def run(*arguments):
        done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def test_its_exposure_is_low(analyze):
    _, said = analyze("security", "--offline=yes", "--no-pager", str(UNIT))
    exposure = float(re.search(r"Overall exposure level for triaged.service: ([\d.]+)", said)[1])
    assert exposure <= MOST_EXPOSED


def test_systemd_takes_every_line_of_it(analyze, tmp_path):
    # `verify` wants the program to be there.
    copy = tmp_path / "triaged.service"
    copy.write_text(UNIT.read_text().replace("/opt/triaged/bin/triaged", f"{sys.executable} -m triaged"))
    code, said = analyze("verify", "--man=no", str(copy))
    assert (code, said.strip()) == (0, "")


def test_a_fault_that_a_restart_does_not_mend_is_not_restarted():
    assert setting("RestartPreventExitStatus").split() == ["64", "77", "78"]


def test_it_is_started_again_however_it_ended():
    assert setting("Restart") == "always"


def setting(name):
    (value,) = re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)
    return value
