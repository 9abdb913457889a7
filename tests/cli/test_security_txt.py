"""security.txt from the settings, and our key in them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from triaged.core.letters.security_txt import SecurityTxt, security_txt

FINGERPRINT = "0123 4567 89ab cdef 0123 4567 89ab cdef 0123 4567"
KEY = f'{{url: https://smallest.ai/key.asc, fingerprint: "{FINGERPRINT}"}}'
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def configured(config, key=KEY, more=""):
    config.write_text(
        config.read_text().replace("security@smallest.ai}", f"security@smallest.ai, key: {key}}}", 1) + more
    )


def test_the_file_has_every_field_of_the_settings(triaged, config):
    configured(
        config,
        more="security_txt: {canonical: [https://smallest.ai/.well-known/security.txt], languages: [en, de],"
        " contact: [https://smallest.ai/report], acknowledgments: https://smallest.ai/thanks}\n",
    )
    lines = triaged("security-txt").splitlines()
    assert [line for line in lines if not line.startswith(("Expires", "Policy"))] == [
        "Contact: mailto:security@smallest.ai",
        "Contact: https://smallest.ai/report",
        "Encryption: https://smallest.ai/key.asc",
        "Acknowledgments: https://smallest.ai/thanks",
        "Preferred-Languages: en, de",
        "Canonical: https://smallest.ai/.well-known/security.txt",
    ]
    (expires,) = [line.partition(": ")[2] for line in lines if line.startswith("Expires: ")]
    ahead = datetime.fromisoformat(expires) - datetime.now(UTC)
    assert timedelta(days=300) < ahead < timedelta(days=365)


def test_the_least_of_it_is_a_valid_file_and_what_lacks_is_said(triaged, config):
    assert triaged("security-txt").startswith("Contact: mailto:security@smallest.ai\nExpires: ")
    assert "security_txt.canonical" in triaged("security-txt", err=True)


def test_its_expiry_goes_by_the_clock_that_it_is_given():
    assert "Expires: 2027-10-19T00:00:00Z\n" in security_txt(SecurityTxt(address="s@example.org"), NOON)


@pytest.mark.parametrize(
    "key",
    [
        "{url: http://smallest.ai/key.asc}",
        '{url: "https://smallest.ai/a b"}',
        '{url: "https://smallest.ai/key\\nX: y"}',
        '{url: "https://smallest.ai/key", fingerprint: "0123"}',
        '{url: "https://smallest.ai/key", fingerprint: 1234567890}',
        '{fingerprint: "0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567"}',
    ],
)
def test_a_key_that_nobody_could_use_is_a_fault_with_its_line(triaged, config, key):
    configured(config, key)
    assert re.match(r"triaged: .*triaged\.yaml:1: identity\.key", triaged("security-txt", code=78, err=True))
