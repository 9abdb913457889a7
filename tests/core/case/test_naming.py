import re

from hypothesis import given
from hypothesis import strategies as st

from triaged.core.case.naming import CASE_ID_PATTERN, case_id, message_id, wrote


@given(st.binary(min_size=16, max_size=64), st.text("0123456789abcdef", min_size=64, max_size=64))
def test_a_case_id_is_of_its_form_and_the_same_again(key, sha256):
    assert re.fullmatch(CASE_ID_PATTERN, case_id(key, sha256))
    assert case_id(key, sha256) == case_id(key, sha256)


def test_another_key_gives_another_name():
    assert case_id(b"a" * 32, "00" * 32) != case_id(b"b" * 32, "00" * 32)
    assert message_id(b"a" * 32, "x", "example.com") != message_id(b"b" * 32, "x", "example.com")


def test_a_message_id_is_in_our_domain_and_plain():
    assert re.fullmatch(r"[0-9a-z]{24}@example\.com", message_id(b"key", "SEC-1 acknowledgment", "example.com"))


@given(st.binary(min_size=16, max_size=32), st.text(max_size=40), st.sampled_from(["example.com", "smallest.ai"]))
def test_our_own_message_ids_are_known_again_and_others_are_not(key, what, domain):
    made = message_id(key, what, domain)
    assert wrote(key, made)
    assert not wrote(key + b"x", made)
    assert not wrote(key, f"0{made[1:]}" if made[0] != "0" else f"1{made[1:]}")
    assert not wrote(key, what)


def test_a_thousand_mails_have_a_thousand_ids():
    assert len({case_id(b"key", f"{number:064x}") for number in range(1000)}) == 1000
