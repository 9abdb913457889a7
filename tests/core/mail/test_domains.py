import pytest

from triaged.core.mail.domains import aligned, domain_of, organisational_domain


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [
        ("example.org", "example.org"),
        ("Mail.Example.ORG", "example.org"),
        ("a.b.c.example.org.", "example.org"),
        ("mail.example.co.uk", "example.co.uk"),
        ("example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("mail.example.com.au", "example.com.au"),
        ("mail.example.com", "example.com"),
        ("mail.firm.de", "firm.de"),
        ("one.onmicrosoft.com", "one.onmicrosoft.com"),
        ("com", "com"),
        ("", ""),
    ],
)
def test_the_organisational_domain_is_the_registered_name(domain, organisation):
    assert organisational_domain(domain) == organisation


def test_domains_of_one_organisation_are_aligned():
    assert aligned("mail.example.co.uk", "example.co.uk")
    assert not aligned("other.co.uk", "example.co.uk")
    assert not aligned("one.onmicrosoft.com", "two.onmicrosoft.com")
    assert not aligned("", "")


def test_a_property_may_give_an_address_or_a_domain():
    assert domain_of("ann@Example.org") == "example.org"
    assert domain_of("@example.org") == "example.org"
    assert domain_of("<ann@example.org>") == "example.org"
    assert domain_of("example.org") == "example.org"
