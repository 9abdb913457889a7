import pytest

from triaged.config import yaml_source
from triaged.config.yaml_source import SettingsError, read_yaml
from triaged.resources import resource


def read(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    return read_yaml(path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("18:30", "18:30"),
        ("08:30", "08:30"),
        ("012", "012"),
        ("0x1f", "0x1f"),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("2026-12-25", "2026-12-25"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("true", True),
        ("null", None),
        ("", None),
        ('"true"', "true"),
        ("'12'", "12"),
    ],
)
def test_a_plain_scalar_is_what_it_looks_like(tmp_path, written, meant):
    assert read(tmp_path, f"key: {written}\n").data == {"key": meant}


def test_a_key_given_twice_is_a_fault_with_both_lines(tmp_path):
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    assert [fault.split("a.yaml", 1)[1] for fault in caught.value.faults] == [
        ":4: b.c: is given twice (first on line 3); keep one",
        ":5: a: is given twice (first on line 1); keep one",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [1\n", ":2: is not valid YAML"),
        ("a: !!python/object:os.system x\n", "the tag tag:yaml.org,2002:python/object:os.system is not allowed here"),
        ("? [a]\n: b\n", "a key must be plain text"),
        ("a: \x01\n", "is not valid YAML"),
    ],
)
def test_what_is_not_plain_yaml_is_a_fault_with_its_place(tmp_path, text, says):
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert says in caught.value.faults[0]


def test_a_file_that_is_not_there_or_not_text_is_one_sentence(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        read_yaml(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xff\n")
    with pytest.raises(SettingsError, match=r"is not UTF-8 text \(byte 3\)"):
        read_yaml(tmp_path / "latin.yaml")


def test_a_fault_is_placed_on_its_line_or_its_nearest_parents(tmp_path):
    source = read(tmp_path, "a:\n  b:\n    - c: 1\n")
    assert source.fault(("a", "b", 0, "c"), "x").endswith(":3: a.b[0].c: x")
    assert source.fault(("a", "z"), "is missing").endswith(":1: a.z: is missing")


def test_an_empty_file_is_an_empty_mapping(tmp_path):
    assert read(tmp_path, "# nothing\n").data == {}


def test_libyaml_and_pyyaml_read_the_shipped_policy_alike(monkeypatch):
    path = resource("config/policy.yaml")
    fast = read_yaml(path)
    monkeypatch.setattr(yaml_source, "_FastLoader", yaml_source._StrictLoader)
    assert read_yaml(path) == fast


def test_a_fault_is_worded_alike_with_and_without_libyaml(tmp_path, monkeypatch):
    with pytest.raises(SettingsError) as fast:
        read(tmp_path, "a:\n  - b: [c\nd: e\n")
    monkeypatch.setattr(yaml_source, "_FastLoader", yaml_source._StrictLoader)
    with pytest.raises(SettingsError) as plain:
        read(tmp_path, "a:\n  - b: [c\nd: e\n")
    assert fast.value.faults == plain.value.faults
    assert ": is not valid YAML: " in plain.value.faults[0]
