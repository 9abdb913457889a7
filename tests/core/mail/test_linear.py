"""Our own readers on text made to hurt: four times the text is some four times the work, and never sixteen."""

import pytest

from tests.support.hostile import KB, MB, SLOW
from tests.support.linear import assert_linear, seconds
from triaged.core.mail.parsing.headers import degraded_message
from triaged.core.mail.parsing.hidden import hidden_apart
from triaged.core.mail.parsing.html import text_of
from triaged.core.mail.parsing.limits import over_limit
from triaged.core.mail.parsing.quoting import split

SMALL, LARGE = 60 * KB, 240 * KB
TAGS = (
    "<a ",
    "<a href=",
    "<!--",
    "<!-- x -->",
    "</a",
    "</",
    "<![CDATA[",
    "<![",
    "<!",
    "<?",
    "<",
    "<p><b>",
    "<div>",
    "<p></b>",
    "<script>",
    "<script></script>",
    "<script </script",
    "<title><style>",
    "&",
    "&#1",
    "&#x41;",
    "&lt;",
    "&notanentity",
    "<img alt='",
    "\n \n",
    " ",
    "> <",
)
LINES = ("> ", "> words\n", "\n", "On ", "On 2020, @ wrote: ", "From: a\n", "From: a\nSent: b\n", "-", "--\n", "_", "*")


@pytest.mark.parametrize("piece", TAGS)
def test_a_page_of_one_thing_over_and_over_costs_as_much_as_it_is_long(piece):
    assert_linear(text_of, piece * (SMALL // len(piece)), piece * (LARGE // len(piece)))


@pytest.mark.parametrize("piece", TAGS)
def test_a_page_that_closes_nothing_of_what_it_opens_costs_no_more(piece):
    assert_linear(text_of, "<div><p " + piece * (SMALL // len(piece)), "<div><p " + piece * (LARGE // len(piece)))


@pytest.mark.parametrize(
    "piece", [*TAGS, "<p hidden>", "<p style='", "<p style=color:white>", "background:", '"', "\n"]
)
def test_what_a_page_hides_is_told_apart_in_one_pass(piece):
    assert_linear(hidden_apart, piece * (SMALL // len(piece)), piece * (LARGE // len(piece)))


@pytest.mark.parametrize("piece", LINES)
def test_a_text_of_one_thing_over_and_over_is_told_from_what_it_quotes_in_one_pass(piece):
    assert_linear(split, piece * (SMALL // len(piece)), piece * (LARGE // len(piece)))


@pytest.mark.parametrize("name", SLOW)
def test_the_limits_are_looked_for_in_one_pass(name):
    make, _ = SLOW[name]
    assert_linear(over_limit, make(SMALL), make(LARGE))


@pytest.mark.parametrize("name", SLOW)
def test_what_is_read_without_a_parser_is_read_in_one_pass(name):
    make, _ = SLOW[name]
    assert_linear(lambda raw: degraded_message(raw, "why"), make(SMALL), make(LARGE))


def test_the_largest_mail_is_looked_through_in_good_time():
    make, size = SLOW["attachments without a name"]
    raw = make(size)
    assert len(raw) > 24 * MB
    assert seconds(over_limit, raw) < 2
