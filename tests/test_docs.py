"""What the documents say is held to what the code is."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from triaged.cli import _COMMANDS
from triaged.config.loading import load
from triaged.config.settings import Settings
from triaged.core.case.events import Event
from triaged.crash import POINTS

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/design.md",
    "docs/operations.md",
    "docs/file-format.md",
    "docs/reliability.md",
    "docs/deadlines.md",
    "docs/metrics.md",
)


def read(name):
    return (ROOT / name).read_text()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", read(name)):
        if not target.startswith("https://"):
            assert ((ROOT / name).parent / target).exists(), target


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_are_named_exist(name):
    for path in re.findall(
        r"`((?:triaged|core|adapters|config|templates|docs|bench)/[\w./-]+\.(?:py|md|yaml|j2))`", read(name)
    ):
        assert (ROOT / path).exists() or (ROOT / "triaged" / path).exists(), path


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_target_that_is_named_exists(name):
    targets = set(re.findall(r"^([\w-]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"`make ([\w-]+)", read(name))) <= targets


def test_every_command_is_in_the_readme():
    for name in _COMMANDS:
        assert f"`triaged {name}" in read("README.md")


def test_the_acknowledgment_in_the_readme_is_one_that_is_sent():
    """Apart from the fields of the header that no reader of a README looks for."""
    (shown,) = re.findall(r"```\n(From: .*?)```", read("README.md"), re.DOTALL)
    sent = (ROOT / "tests/adapters/golden/needs-info.txt").read_text()
    (header, text), (sent_header, _, sent_text) = shown.split("\n\n", 1), sent.partition("\n\n")
    assert set(header.splitlines()) <= set(sent_header.splitlines())
    assert text == sent_text


def test_every_kind_of_event_is_in_the_file_format():
    kinds = [get_args(each.__annotations__["kind"])[0] for each in get_args(get_args(Event)[0])]
    assert len(kinds) == len(set(kinds)) > 15
    for kind in kinds:
        assert f"`{kind}`" in read("docs/file-format.md")


def keys(model):
    for name, field in model.model_fields.items():
        yield name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys(field.annotation)


def test_every_setting_is_in_the_example_and_the_example_is_valid():
    assert load(ROOT / "config/triaged.yaml").settings.digest.to == ("team@smallest.ai",)
    for key in keys(Settings):
        assert re.search(rf"^ *(?:# *)?{key}:", read("config/triaged.yaml"), re.MULTILINE), key


def test_every_crash_point_is_in_the_table_and_the_table_names_no_other():
    named = re.findall(r"^\| (`.*?) \|", read("docs/reliability.md"), re.MULTILINE)
    assert sorted(re.findall(r"`([\w-]+)`", " ".join(named))) == sorted(POINTS)


@pytest.mark.parametrize(("name", "lines"), [("docs/design.md", 200), ("docs/reliability.md", 150)])
def test_the_design_stays_short(name, lines):
    assert len(read(name).splitlines()) <= lines
