import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.mail.parsing.html import text_of


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain", "plain"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<b>bo</b>ld", "bold"),
        ("<ol><li>first</li><li>second</li></ol>", "- first\n\n- second"),
        ("<tr><td>a</td><td>b</td></tr>", "a  b"),
        ("a &lt;script&gt; &amp; &eacute;&nbsp;&#x41;", "a <script> & é A"),
        ('<a href="https://x.example/a?b=1">here</a>', "(https://x.example/a?b=1) here"),
        ("<a href='javascript:alert(1)'>here</a>", "here"),
        ('<img src="cid:1" alt="a screenshot">', "[a screenshot]"),
        ("a<script>var hidden = '<p>'</script>b", "ab"),
        ("a<STYLE>p { }</Style >b", "ab"),
        ("İİİİ<script>x</script>seen", "İİİİseen"),
        ("<head><title>no</title><meta x>yes", "yes"),
        ("<html><header>yes</header>", "yes"),
        ("<noscript>yes</noscript>", "yes"),
        ("a<!-- hidden -->b", "ab"),
        ("<!DOCTYPE html><?xml x?>a", "a"),
        ("<!--[if !mso]><!-->a<!--<![endif]-->", "a"),
        ("a <b", "a"),
        ("1 < 2 and 3 <4", "1 < 2 and 3 <4"),
        ("a<script>never closed", "a"),
        ("a<!-- never closed", "a"),
        ("  a \n\n  b\t c ", "a b c"),
        ("", ""),
    ],
)
def test_what_a_reader_of_the_page_would_see(source, text):
    assert text_of(source) == text


def test_a_character_of_five_thousand_digits_is_none():
    assert text_of(f"a&#{'1' * 5000};b&#x{'f' * 5000};c") == "a\ufffdb\ufffdc"


def test_of_a_page_over_the_limit_the_beginning_is_read():
    assert len(text_of("word " * 300_000)) <= 512 * 1024


PIECES = [*'<script> </script> <style <!-- --> <p> </ <a\thref= " &# &amp x > < İ'.split(" "), "1" * 30, " "]


@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_any_page_has_a_text_no_longer_than_itself(source):
    text = text_of(source)
    assert len(text) <= 3 * len(source)
    assert not re.search(r"\n\n\n", text)


@given(st.text("abc <>&;\n", max_size=40), st.sampled_from(["script", "style", "template", "title"]))
def test_what_is_between_hidden_tags_is_never_shown(inside, name):
    assert text_of(f"before <{name}>SECRET{inside}</{name}> after").split() == ["before", "after"]
