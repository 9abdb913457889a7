"""The forms in which mail servers write Authentication-Results, and what a stranger can have them write."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.mail.test_sender import BORDER, with_results
from triaged.core.mail.parsing.reading import read_message
from triaged.core.mail.sender import Trust, sender

_FORMS = (Path(__file__).parent / "borders.txt").read_text(encoding="utf-8").split("\n\n# ")[1:]
HONEST = {name: fields for name, _, fields in (form.rstrip().partition("\n") for form in _FORMS)}


def verdict(form, domain):
    """Of a mail from example.org about which a border wrote this, with that domain in it."""
    fields = HONEST[form].replace("BORDER", BORDER).replace("DOMAIN", domain)
    return sender(read_message(f"{fields}\nFrom: ann@example.org\n\nText.\n".encode()), Trust(BORDER)).verdict


@pytest.mark.parametrize("form", HONEST)
def test_what_borders_write_of_honest_mail_is_understood(form):
    assert verdict(form, "example.org") == "verified"


@pytest.mark.parametrize("form", HONEST)
def test_what_borders_write_of_mail_from_elsewhere_vouches_for_nobody(form):
    assert verdict(form, "elsewhere.example") == "unverified"


# What a sender gets a border to copy: the domains of a signature and of the envelope, and whatever stands in comments. The
# pieces are those of a field that would verify the victim; of an injected result all is there but the white space, which no
# domain holds.
_PIECES = (
    'example.org evil.example @ . ( ) " \\ ; = dmarc=pass dkim=pass spf=pass x header.d header.from smtp.mailfrom , < /'
)
_INJECTED = st.lists(st.sampled_from([*_PIECES.split(), "\t(", "\u00a0"]), max_size=8).map("".join)
_WITHOUT_SPACE = _INJECTED.filter(lambda text: not re.search(r"\s", text))


_NO_POLICY = st.sampled_from(("", "; dmarc=none header.from=example.org"))


@given(d=_WITHOUT_SPACE, selector=_WITHOUT_SPACE, comment=_INJECTED, policy=_NO_POLICY)
def test_no_signature_of_a_strangers_vouches_for_another_domain(d, selector, comment, policy):
    forged = (
        f"{BORDER}; dkim=pass (key of {comment}) header.d={d}.evil.example header.i=@{d}.evil.example header.s={selector}"
        f" header.b=x; spf=fail smtp.mailfrom=evil.example{policy}"
    )
    assert sender(with_results(forged), Trust(BORDER)).verdict != "verified"


@given(local=_WITHOUT_SPACE, helo=_WITHOUT_SPACE, comment=_INJECTED, policy=_NO_POLICY)
def test_no_envelope_of_a_strangers_vouches_for_another_domain(local, helo, comment, policy):
    for mailbox in (f"{local}@evil.example", f'"{local}"@evil.example'):
        forged = f"{BORDER}; spf=pass (domain of {mailbox} {comment}) smtp.mailfrom={mailbox} smtp.helo={helo}{policy}"
        assert sender(with_results(forged), Trust(BORDER)).verdict != "verified"


@given(wild=st.text('example.orgvil@;=()"\\ \t', max_size=60), at=st.integers(0, 200))
def test_whatever_is_put_into_a_field_a_failed_dmarc_verifies_nobody(wild, at):
    field = f"{BORDER}; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example; dmarc=fail header.from=x.example"
    field = field[: len(BORDER) + 1 + at] + wild + field[len(BORDER) + 1 + at :]
    assert sender(with_results(field), Trust(BORDER)).verdict != "verified"
