"""A policy's sections with a scope."""

import pytest
import yaml

from tests.support.values import policy
from triaged.config.loading import SettingsError, load_policy
from triaged.resources import resource


def shipped():
    return yaml.safe_load(resource("config/policy.yaml").read_text("utf-8"))


def faults(tmp_path, *sections):
    data = shipped()
    data["sections"] += sections
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(SettingsError) as told:
        load_policy(path)
    return " ".join(told.value.faults)


def test_the_shipped_policy_asks_of_each_scope():
    assert {detail.scope for detail in policy().details} == {"model", "sdk", "infrastructure"}
    assert [section.name for section in policy().sections] == ["description", "steps", "impact", "media"]


@pytest.mark.parametrize(
    ("section", "told"),
    [
        (
            {"name": "steps", "scope": "sdk", "title": "x", "example": "y"},
            "a section with a `scope` is one of model-version",
        ),
        ({"name": "audio", "title": "x", "example": "y"}, "a section with no `scope` is one of description"),
        ({"name": "audio", "scope": "model", "required": True, "title": "x", "example": "y"}, "required is no setting"),
        ({"name": "audio", "scope": "model", "title": "x", "example": "y"}, "'audio' must be there once, not 2 times"),
        (
            {"name": "audio", "scope": "moon", "title": "x", "example": "y"},
            "must be 'model', 'infrastructure' or 'sdk'",
        ),
        (
            {"name": "audio", "scope": "model", "titel": "x", "example": "y"},
            "is no setting; allowed here: name, required",
        ),
    ],
)
def test_a_section_of_a_scope_that_cannot_be_is_a_fault(tmp_path, section, told):
    assert told in faults(tmp_path, section)


def test_a_policy_may_leave_them_out(tmp_path):
    data = shipped()
    data["sections"] = [each for each in data["sections"] if "scope" not in each]
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    assert load_policy(path).details == ()
