from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import message, policy
from triaged.core.report.parts import parts_of
from triaged.core.report.prose import prose_of

FILL = "We looked at it for some time and wrote down here what we saw and in the way in which we saw it. " * 6


def parts(**changes):
    return parts_of(prose_of(message(**changes), policy()), policy())


def texts(**changes):
    return {part.name: part.text for part in parts(**changes)}


def test_every_part_is_there_each_with_its_own_text():
    found = texts(
        subject="A title",
        text=f"The lead.\n{FILL}\nThe body.\n## Impact\nAll is read.\n## Steps\nSend it.",
        quoted="Old words.",
    )
    assert list(found) == ["title", "lead", "body", "impact", "quoted"]
    assert found["title"] == "A title"
    assert found["lead"].startswith("The lead.")
    assert "The body." in found["body"]
    assert found["impact"].strip() == "All is read."
    assert "All is read." not in found["lead"] + found["body"]
    assert "Send it." in found["body"]
    assert found["quoted"] == "Old words."


def test_what_a_heading_for_impact_goes_on_to_say_is_impact():
    assert texts(text="A flaw.\nImpact: all is read")["impact"] == "all is read"


def test_a_list_of_keywords_is_blanked_where_shapes_are_looked_for():
    keywords = (
        "jailbreak, xss, csrf, ssrf, prompt injection, idor, deserialization, npm install, pip install, graphql, "
    )
    lead = parts(text=keywords * 2)[1]
    assert lead.found == {}
    assert lead.text.strip(" ,") == ""
    assert {"xss", "idor"} <= lead.every


@given(st.text(max_size=500), st.sampled_from(["", "xss csrf ssrf idor " * 10, "Impact\n", "this is in scope "]))
def test_any_text_is_cut_without_losing_its_places(text, more):
    for part in parts(subject=text[:80], text=f"{text}\n{more}{text}", quoted=text):
        assert set(part.found) <= part.every
        assert all(0 <= each.start < each.end <= len(part.words.text) for each in part.found.values())
        assert all(
            part.words.text[a:b].lower() == word
            for a, b, word in zip(part.words.starts, part.words.ends, part.words.words, strict=True)
        )


def test_a_quote_holds_what_it_quotes_among_whole_words():
    (part,) = (each for each in parts(text=f"{FILL}an attacker gains control{FILL}") if each.name == "body")
    start = part.words.text.index("gains")
    quote = part.quote(start, start + len("gains"))
    assert "an attacker gains control" in quote
    assert f" {quote} " in f" {' '.join(part.words.text.split())} "


def test_a_quote_of_a_writing_without_spaces_keeps_what_stands_around_it():
    text = "攻击者可以读取所有用户的数据并且修改系统配置" * 20
    lead = parts(text=text)[1]
    assert len(lead.quote(200, 203)) > 50


@given(st.text(st.sampled_from("ab \n漏é"), min_size=1, max_size=300), st.integers(0, 299), st.integers(1, 20))
def test_a_quote_always_holds_what_it_quotes(text, start, length):
    part = parts(subject="", text=text)[1]
    start = min(start + 1, len(part.words.text) - 1)
    if start >= 1:
        asked = part.words.text[start : start + length]
        assert " ".join(asked.split()) in part.quote(start, start + len(asked))
