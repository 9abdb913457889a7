"""The wheel, installed where there is no checkout."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_wheel_and_sdist_carry_templates_config_and_the_unit(built):
    (wheel,) = built.glob("*.whl")
    (sdist,) = built.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
    with tarfile.open(sdist) as archive:
        in_sdist = {name.partition("/")[2] for name in archive.getnames()}
    for folder in ("templates", "config"):
        for path in filter(Path.is_file, (ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT)
            assert f"triaged/{name}" in in_wheel
            assert str(name) in in_sdist
    assert "triaged/triaged.service" in in_wheel
    assert "triaged/demo/mails/01-complete-prompt-injection.eml" in in_wheel
    assert {"triaged.service", "LICENSE", "README.md", "CHANGELOG.md", "Makefile", "docs/design.md"} <= in_sdist
    assert not [name for name in in_wheel if name.startswith("tests/")]


def test_the_installed_command_runs_outside_the_checkout(built, tmp_path):
    (wheel,) = built.glob("*.whl")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "TRIAGED"))}

    def run(*command, code=0):
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    run(sys.executable, "-m", "venv", "venv")
    run("venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel))
    triaged = "venv/bin/triaged"
    assert run(triaged, "--version").startswith("triaged, version ")
    sample = run(
        "venv/bin/python", "-c", "import triaged, pathlib; print(pathlib.Path(triaged.__file__).parent)"
    ).strip()
    assert str(ROOT) not in sample
    said = run(triaged, "explain", "--mail", f"{sample}/demo/mails/11-says-nothing.eml")
    assert "send the 'needs-info' acknowledgment to hunter@bounty.example" in said
    assert "| Subject: [SEC-" in said
    said = subprocess.run(
        [triaged, "demo"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    ).stderr
    assert (
        f"{tmp_path}/venv/bin/python -m pip install '.[demo]', in the checkout that triaged was installed from" in said
    )
