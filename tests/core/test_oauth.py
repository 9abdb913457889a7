"""The strings of a login by token, and tokens that are none."""

import pytest

from triaged.core.oauth import TokenRefusedError, oauthbearer, xoauth2


def test_xoauth2_is_what_microsoft_and_google_document() -> None:
    assert xoauth2("a@example.org", "tok") == "user=a@example.org\x01auth=Bearer tok\x01\x01"


def test_oauthbearer_is_the_example_of_rfc_7628() -> None:
    said = oauthbearer("user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", "server.example.com", 143)
    assert said == (
        "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01"
        "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01"
    )


def test_a_comma_in_the_user_cannot_end_the_gs2_header() -> None:
    assert oauthbearer("a,b=c", "t", "h", 1).startswith("n,a=a=2Cb=3Dc,\x01")


@pytest.mark.parametrize("token", ["a\x01b", "a b", "a\r\nb", "", "é", "t" * 16_385])
def test_a_token_that_could_end_its_field_is_none(token: str) -> None:
    with pytest.raises(TokenRefusedError):
        xoauth2("a@example.org", token)
