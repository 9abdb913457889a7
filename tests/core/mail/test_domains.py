import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.mail.domains import aligned, domain_of, organisational_domain, unicode_form


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
        ("mail.one.onmicrosoft.com", "one.onmicrosoft.com"),
        ("one.mail.onmicrosoft.com", "one.mail.onmicrosoft.com"),
        ("onmicrosoft.com", "onmicrosoft.com"),
        ("com", "com"),
        ("", ""),
        ("mail.victim.asso.fr", "victim.asso.fr"),
        ("mail.victim.priv.at", "victim.priv.at"),
        ("mail.victim.tokyo.jp", "victim.tokyo.jp"),
        ("a.b.city.kawasaki.jp", "city.kawasaki.jp"),
        ("a.victim.dpdns.org", "victim.dpdns.org"),
        ("a.victim.is-a.dev", "victim.is-a.dev"),
        ("victim.wixsite.com", "victim.wixsite.com"),
        ("wixsite.com", "wixsite.com"),
        ("asso.fr", "asso.fr"),
        ("a.firm.nosuchtld", "firm.nosuchtld"),
        ("mail.пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("mail.XN--E1AFMKFD.xn--p1ai.", "xn--e1afmkfd.xn--p1ai"),
        ("mail.食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
        ("mail。ＥＸＡＭＰＬＥ．org", "example.org"),
        ("straße.de", "xn--strae-oqa.de"),
        ("192.0.2.1", "192.0.2.1"),
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("[ipv6:2001:db8::1]", "[ipv6:2001:db8::1]"),
        ("2001:db8::1", "2001:db8::1"),
        ("a..b", "a..b"),
    ],
)
def test_the_organisational_domain_is_the_registered_name(domain, organisation):
    assert organisational_domain(domain) == organisation


def test_domains_of_one_organisation_are_aligned():
    assert aligned("mail.example.co.uk", "example.co.uk")
    assert not aligned("other.co.uk", "example.co.uk")
    assert not aligned("one.onmicrosoft.com", "two.onmicrosoft.com")
    assert not aligned("", "")
    assert aligned("asso.fr", "asso.fr")
    assert aligned("mail.bücher.example", "xn--bcher-kva.example")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("victim.asso.fr", "mallory.asso.fr"),
        ("victim.priv.at", "mallory.priv.at"),
        ("victim.tokyo.jp", "mallory.tokyo.jp"),
        ("victim.dpdns.org", "mallory.dpdns.org"),
        ("victim.is-a.dev", "mallory.is-a.dev"),
        ("victim.wixsite.com", "mallory.wixsite.com"),
        ("wixsite.com", "mallory.wixsite.com"),
        ("victim.公司.cn", "mallory.xn--55qx5d.cn"),
        ("victim.mail.onmicrosoft.com", "mallory.mail.onmicrosoft.com"),
        ("strasse.de", "straße.de"),
        ("192.0.2.1", "198.51.2.1"),
        ("[192.0.2.1]", "[198.51.2.1]"),
        ("victim", "mallory"),
    ],
)
def test_strangers_under_one_suffix_are_not_one_organisation(one, other):
    assert not aligned(one, other)


@given(st.text(max_size=80) | st.text("a.。．é漢[]:0@ß", max_size=400))
def test_whatever_a_name_is_it_has_one_organisation_and_that_is_its_own(name):
    found = organisational_domain(name)
    assert organisational_domain(found) == found
    assert aligned(name, name) == bool(found)


def test_a_property_may_give_an_address_or_a_domain():
    assert domain_of("ann@Example.org") == "example.org"
    assert domain_of("@example.org") == "example.org"
    assert domain_of("<ann@example.org>") == "example.org"
    assert domain_of("example.org") == "example.org"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("ann@xn--bcher-kva.example", "bücher.example"),
        ("ann@mail.xn--80a1acny.xn--p1ai", "mail.почта.рф"),
        ("ann@example.org", ""),
        ("ann@xn--.example", ""),
        ("ann@xn--a.example", ""),
        ("ann@xn--zz9999999.example", ""),
        (f"ann@xn--{'a' * 70_000}.example", ""),
        ("", ""),
    ],
)
def test_an_idn_domain_has_a_form_in_letters_where_idna_allows_it(address, name):
    assert unicode_form(address) == name
