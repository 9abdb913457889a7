import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.phrases import Found, Phrasebook, words_of


def found(phrases, text):
    return [(each.phrase, text[each.start : each.end]) for each in Phrasebook(phrases).found(words_of(text))]


@pytest.mark.parametrize(
    ("phrase", "text", "places"),
    [
        ("prompt injection", "a Prompt Injection", ["Prompt Injection"]),
        ("prompt injection", "prompt-injection, prompt\ninjection; prompt/injection", 3),
        ("prompt-injection", "prompt injection", ["prompt injection"]),
        ("prompt injection", "prompt injections", 0),
        ("prompt injection", "prompts injection", 0),
        ("xss", "xss xssx x_ss XSS", ["xss", "XSS"]),
        ("user_id", "the user_id and user id", ["user_id"]),
        ("yaml.load", "yaml.load(x) and yaml load", ["yaml.load"]),
        ("eval()", "eval() and eval(x)", ["eval()"]),
        (".git", "/.git/config and a git", [".git"]),
        ("越狱", "模型越狱了", ["越狱"]),
        ("模型", "大模型", ["模型"]),
        ("инъекция", "SQL-Инъекция", ["Инъекция"]),
        ("a a", "a a a", ["a a", "a a"]),
        ("@acme/client", "npm i @acme/client", ["@acme/client"]),
        ("", "anything", 0),
        ("!?", "anything !?", 0),
    ],
)
def test_a_phrase_is_found_as_whole_words(phrase, text, places):
    shown = [shown for _, shown in found([phrase], text)]
    assert len(shown) == places if isinstance(places, int) else shown == places


def test_phrases_that_begin_alike_are_all_found_in_the_order_of_the_text():
    assert found(["a b", "a", "b c"], "a b c") == [("a b", "a b"), ("a", "a"), ("b c", "b c")]


def test_phrases_at_one_place_come_in_the_order_of_the_book():
    assert [phrase for phrase, _ in found(["a b", "ab*", "a*", "a", "abc b", "a* b"], "abc b")] == [
        "ab*",
        "a*",
        "abc b",
        "a* b",
    ]


def test_a_phrase_given_twice_is_found_once():
    assert found(["a", "a"], "a") == [("a", "a")]


def is_wide(char):
    return "\u2e80" <= char <= "\uffff"


def cut(text):
    """The words of a text by looking at one character after the other: the oracle."""
    words, start = [], None
    for at, char in enumerate(f"{text}\n"):
        inside = (char.isalnum() or char == "_") and not is_wide(char)
        if inside and start is None:
            start = at
        elif not inside and start is not None:
            words.append((start, at))
            start = None
        if not inside and (is_wide(char) or char in ".()=@"):
            words.append((at, at + 1))
    return words


def naively(phrases, text):
    lowered = [(text[start:end].lower(), start, end) for start, end in cut(text)]
    for at in range(len(lowered)):
        for phrase in dict.fromkeys(phrases):
            sought = [(phrase[start:end].lower(), phrase[end : end + 1] == "*") for start, end in cut(phrase)]
            window = lowered[at : at + len(sought)]
            fits = (
                word.startswith(begun) if starred else word == begun
                for (word, _, _), (begun, starred) in zip(window, sought, strict=False)
            )
            if sought and len(window) == len(sought) and all(fits):
                yield Found(phrase, window[0][1], window[-1][2])


SMALL = st.text("ab.()@_ -\n大模é", max_size=40)
PHRASES = st.lists(st.text("ab.()@_ -大模é*", min_size=1, max_size=8), max_size=8)


@given(PHRASES, SMALL | st.text(max_size=60))
def test_what_is_found_is_what_a_naive_search_finds(phrases, text):
    assert sorted(Phrasebook(phrases).found(words_of(text)), key=repr) == sorted(naively(phrases, text), key=repr)


@given(st.text(max_size=200))
def test_words_stand_where_they_say(text):
    words = words_of(text)
    assert [text[start:end].lower() for start, end in zip(words.starts, words.ends, strict=True)] == list(words.words)
    assert list(words.starts) == sorted(words.starts)
