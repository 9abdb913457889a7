import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.phrases import words_of
from triaged.core.report import shingles
from triaged.core.report.shingles import bands, likeness

TEXT = (
    "The dashboard stores the name of a project without escaping it, and shows it to every member of the organisation. "
    "Create a project whose name holds an image tag with an error handler, invite a second account, and open the list of "
    "projects there: the handler runs in the session of the victim and reads the token from the storage of the browser."
)
OTHER = (
    "When a document is uploaded to the assistant, white text on its last page is read as an instruction of the operator. "
    "I asked for a summary, and it answered with the whole system prompt, the names of its tools and the keys in them, "
    "which lets anybody who can send a customer a file take over the conversation and mail its content to themselves."
)


def signature(text):
    return shingles.signature(words_of(text).words)


def test_a_text_is_like_itself_and_like_a_copy_with_a_few_words_changed():
    assert likeness(signature(TEXT), signature(TEXT)) == 1
    changed = TEXT.replace("second account", "colleague of yours").upper()
    assert 0.6 < likeness(signature(TEXT), signature(changed)) < 1


def test_other_texts_are_not_alike():
    assert likeness(signature(TEXT), signature(OTHER)) < 0.15


def test_line_breaks_and_punctuation_make_no_difference():
    assert signature(TEXT) == signature(TEXT.replace(" ", "\n  ").replace(",", " -"))


@pytest.mark.parametrize("text", ["", "I found a bug, do you pay?", "漏洞" * 5, "a " * 100_000])
def test_a_text_of_few_words_has_none_and_is_like_nothing(text):
    assert signature(text) == ""
    assert likeness(signature(text), signature(text)) == 0
    assert bands(signature(text)) == ()


def test_scripts_without_spaces_are_compared_by_their_characters():
    one = "攻击者可以通过上传文件绕过过滤器并读取系统提示词以及所有客户的工具列表和密钥"
    assert likeness(signature(one), signature(one + "谢谢")) > 0.8


def test_like_texts_share_a_key_and_unlike_ones_do_not():
    assert set(bands(signature(TEXT))) & set(bands(signature(TEXT + " Thank you for looking at it.")))
    assert not set(bands(signature(TEXT))) & set(bands(signature(OTHER)))


def test_a_signature_is_the_same_on_every_machine():
    assert signature(TEXT)[:16] == "3d17dec01b84d6a1"


@given(st.text(), st.text())
def test_likeness_is_symmetric_and_a_share(one, other):
    signed = signature(one), signature(other)
    assert likeness(*signed) == likeness(*reversed(signed))
    assert 0 <= likeness(*signed) <= 1


def test_a_megabyte_is_signed_at_once():
    begun = time.perf_counter()
    signature("word after word " * 70_000)
    assert time.perf_counter() - begun < 10
