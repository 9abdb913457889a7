"""The words and classes of flaw that a report is known by."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.values import message, policy
from triaged.core.phrases import words_of
from triaged.core.report.border import is_sound
from triaged.core.report.flaws import FLAWS, MOST_FLAWS, flaws_in
from triaged.core.report.places import endpoint_end, symbol_end
from triaged.core.report.reading import merged, read_report
from triaged.core.report.terms import LONGEST_TERM, MOST_TERMS, terms_of
from triaged.core.text import is_visible


def terms(text):
    return terms_of(words_of(text).words)


def test_terms_are_the_words_once_without_small_ones_and_in_order():
    assert terms("The invoice of the Invoices-Service is not checked by refund_order 17 2041") == (
        "invoice", "service", "checked", "refund_order", "2041",
    )  # fmt: skip


def test_in_scripts_without_spaces_a_term_is_two_characters():
    assert terms("管理画面。") == ("管理", "理画", "画面")
    assert terms("関 x 数") == ()


def test_a_hostile_text_has_few_short_terms():
    many = terms(" ".join(f"w{number}" for number in range(5000)))
    assert len(many) == MOST_TERMS
    assert terms("x" * 1_000_000) == ()
    assert max(map(len, terms("y" * LONGEST_TERM + " " + "z" * (LONGEST_TERM + 1)))) == LONGEST_TERM


@given(st.text(max_size=300))
@example("p\u0430ypal \u3164\u3164 a\u200db \u202eabc \ufeffxyz \U000e0041bc")
def test_a_report_of_any_words_is_sound(text):
    report = read_report(message(text=text, subject=text), policy())
    assert all(is_visible(term, LONGEST_TERM) for term in report.terms)
    assert is_sound(report, policy())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Stored XSS in the list", ("cross-site scripting",)),
        ("Server-side request forgery reads 169.254.169.254", ("server-side request forgery",)),
        ("La inyección SQL permite leer", ("sql injection",)),
        ("nothing of the kind", ()),
    ],
)
def test_classes_of_flaw_are_named_in_any_of_their_words(text, named):
    assert flaws_in(words_of(text)) == named


def test_a_list_of_all_classes_names_none_and_a_cwe_names_its_class():
    assert flaws_in(words_of(" ".join(phrases[0].rstrip("*") for phrases in FLAWS.values()))) == ()
    assert flaws_in(words_of("it is bad"), frozenset({"CWE-918", "CWE-999999"})) == ("server-side request forgery",)
    assert len(FLAWS) > MOST_FLAWS


@pytest.mark.parametrize(
    ("endpoint", "end"),
    [
        ("GET /v1/billing/invoices/17/pdf", "/invoices/*/pdf"),
        ("https://api.smallest.ai/invoices/b7c1/pdf?x=1", "/invoices/*/pdf"),
        ("/gateway/api/v2/seats", "/seats"),
        ("POST /login", ""),
        ("/", ""),
    ],
)
def test_an_endpoint_ends_where_it_tells_something(endpoint, end):
    assert endpoint_end(endpoint) == end


@pytest.mark.parametrize(
    ("symbol", "end"),
    [("pkg.cache.load_entry", "load_entry"), ("load_entry", "load_entry"), ("os.path.join_all", ""), ("a.run", "")],
)
def test_a_symbol_ends_in_its_last_segment_if_that_is_its_own(symbol, end):
    assert symbol_end(symbol) == end


def test_the_first_text_of_a_case_keeps_its_terms_when_more_is_written():
    first, later = (
        read_report(message(text=text), policy()) for text in ("Stored XSS in quokka.", "The numbat is SSRF.")
    )
    both = merged(first, later, policy())
    assert both.terms == first.terms
    assert both.flaws == first.flaws
