"""Each untyped library has one door: import-linter's contracts are proved on a copy that breaks them."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOL = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
UNTYPED = {module.removesuffix(".*") for table in TOOL["mypy"]["overrides"] for module in table["module"]}
LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command(['--no-cache']))"


def guarded():
    for contract in TOOL["importlinter"]["contracts"]:
        yield from contract.get("protected_modules", ())
        if contract.get("source_modules") == ["triaged"]:
            yield from contract["forbidden_modules"]


def test_every_library_that_mypy_takes_untyped_has_a_door():
    assert set(guarded()) >= UNTYPED


def test_no_other_module_may_import_them_not_even_a_new_one(tmp_path):
    shutil.copytree(ROOT / "triaged", tmp_path / "triaged", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    new = tmp_path / "triaged" / "adapters" / "brand_new.py"
    new.write_text("".join(f"import {library}\n" for library in sorted(UNTYPED)))
    linted = subprocess.run([sys.executable, "-c", LINT], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert linted.returncode == 1, linted.stdout + linted.stderr
    for library in UNTYPED:
        assert f"triaged.adapters.brand_new -> {library} (l." in linted.stdout, library
