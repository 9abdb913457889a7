"""How mail programs quote the digest that a colleague answers: what they wrote is carried out, and nothing of the quotation."""

import html
from base64 import encodebytes

import pytest

from tests.support.colleague import KIM, VOUCHED, digest_in, kinds, page_of, receive, transcripts
from tests.support.values import mail
from triaged.core.letters.spoken import words_of

SUBJECT = "waiting > triaged case SEC-7Q4K-2M8D close spam"
"""Of the case, so that the digest quotes it."""
US = "Smallest.AI Security triage"
ADDRESS = "security@smallest.ai"
WROTE = {
    "gmail": {
        "en": f"On Mon, Nov 23, 2026 at 1:00 PM {US} <{ADDRESS}>\nwrote:",
        "de": f"Am Mo., 23. Nov. 2026 um 13:00 Uhr schrieb {US} <\n{ADDRESS}>:",
        "fr": f"Le lun. 23 nov. 2026 à 13:00, {US} <{ADDRESS}> a\nécrit :",
        "ja": f"2026年11月23日(月) 13:00 {US} <{ADDRESS}>:",
    },
    "apple": {
        "en": f"On 23. Nov 2026, at 13:00, {US} <{ADDRESS}> wrote:",
        "de": f"Am 23.11.2026 um 13:00 schrieb {US} <{ADDRESS}>:",
        "fr": f"Le 23 nov. 2026 à 13:00, {US} <{ADDRESS}> a écrit :",
        "ja": f"2026/11/23 13:00、{US} <{ADDRESS}>のメール:",
    },
    "thunderbird": {
        "en": f"On 23.11.26 13:00, {US} wrote:",
        "de": f"Am 23.11.26 um 13:00 schrieb {US}:",
        "fr": f"Le 23/11/2026 à 13:00, {US} a écrit :",
        "ja": f"On 2026/11/23 13:00, {US} wrote:",
    },
}
FIELDS = {
    "en": ("From", "Sent", "To", "Subject"),
    "de": ("Von", "Gesendet", "An", "Betreff"),
    "fr": ("De", "Envoyé", "À", "Objet"),
    "ja": ("差出人", "送信日時", "宛先", "件名"),
}
DEVICE = {
    "en": "Sent from my iPhone",
    "de": "Von meinem iPhone gesendet",
    "fr": "Envoyé de mon iPhone",
    "ja": "iPhoneから送信",
}
LANGUAGES = tuple(FIELDS)


def marked(text: str, mark: str = "> ") -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in text.splitlines())


def wrapped(text: str, width: int = 76) -> str:
    """As a client wraps what it quotes: what is over the width goes on in the next line, marked too."""
    return "\n".join(line[at : at + width] for line in text.splitlines() for at in range(0, max(len(line), 1), width))


def gmail(language: str, said: str, plain: str, page: str) -> dict[str, str]:
    quoted = f"{WROTE['gmail'][language]}\n\n{marked(wrapped(plain))}"
    said_html = html.escape(said).replace("\n", "<br>")
    wrote = html.escape(WROTE["gmail"][language].replace("\n", " "))
    return {
        "plain": f"{said}\n\n{quoted}",
        "html": f'<div dir="ltr">{said_html}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{wrote}<br>'
        f'</div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{page}</blockquote></div>',
    }


def outlook(language: str, said: str, plain: str, page: str) -> dict[str, str]:
    values = (f"{US} <{ADDRESS}>", "23 November 2026 13:00", f"Kim <{KIM}>", "[triaged] 1 new - 2026-11-23")
    pairs = list(zip(FIELDS[language], values, strict=True))
    block = "\n".join(f"{name}: {value}" for name, value in pairs)
    page_block = "<br>".join(f"<b>{name}:</b> {html.escape(value)}" for name, value in pairs)
    paragraphs = "".join(f'<p class="MsoNormal">{html.escape(line)}</p>' for line in said.splitlines())
    return {
        "plain": f"{said}\n\n________________________________\n{block}\n\n{plain}",
        "html": f'<div class="WordSection1">{paragraphs}<div style="border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal">'
        f"{page_block}</p></div>{page}</div>",
    }


def apple(language: str, said: str, plain: str, page: str) -> dict[str, str]:
    quoted = marked(f"{WROTE['apple'][language]}\n\n{plain}")
    said_html = html.escape(said).replace("\n", "<br>")
    wrote = html.escape(WROTE["apple"][language])
    return {
        "plain": f"{said}\n\n{DEVICE[language]}\n\n{quoted}",
        "html": f'{said_html}<br><br><div dir="ltr">{DEVICE[language]}</div><div dir="ltr"><br><blockquote type="cite">{wrote}'
        f'<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">{page}</div></blockquote>',
    }


def thunderbird(language: str, said: str, plain: str, page: str) -> dict[str, str]:
    """It puts the cursor below the quotation."""
    said_html = "".join(f"<p>{html.escape(line)}</p>" for line in said.splitlines())
    wrote = html.escape(WROTE["thunderbird"][language])
    return {
        "plain": f"{WROTE['thunderbird'][language]}\n{marked(plain)}\n\n{said}\n-- \nKim\n",
        "html": f'<div class="moz-cite-prefix">{wrote}<br></div><blockquote type="cite">{page}</blockquote>{said_html}'
        '<pre class="moz-signature">-- \nKim</pre>',
    }


CLIENTS = {"gmail": gmail, "outlook": outlook, "apple": apple, "thunderbird": thunderbird}


def raw(bodies: dict[str, str], to: str, subject: str) -> bytes:
    """A mail with these bodies, one or both as alternatives, as a client sends them."""
    head = (
        f"{VOUCHED}From: Kim <{KIM}>\r\nTo: {ADDRESS}\r\nSubject: {subject}\r\nDate: Mon, 23 Nov 2026 13:05:00 +0100\r\n"
        f"Message-ID: <a1@laptop.example>\r\nIn-Reply-To: <{to}>\r\nReferences: <{to}>\r\nMIME-Version: 1.0\r\n"
    )
    parts = [
        f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + encodebytes(text.encode()).decode().replace("\n", "\r\n")
        for kind, text in bodies.items()
    ]
    if len(parts) == 1:
        return f"{head}{parts[0]}".encode()
    both = "".join(f"--b\r\n{part}\r\n" for part in parts)
    return f'{head}Content-Type: multipart/alternative; boundary="b"\r\n\r\n{both}--b--\r\n'.encode()


FORMS = [(client, form) for client in CLIENTS for form in ("plain", "html", "plain html")]
# HTML shows no end of a quotation below which something stands. Thunderbird sends it without a plain text on request alone.
FORMS.remove(("thunderbird", "html"))


@pytest.mark.parametrize(("client", "form"), FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_beside_the_quotation_is_carried_out_and_nothing_else(office, client, form, language):
    office.receive(mail(subject=SUBJECT))
    digest = digest_in(office)
    letter = next(each for _, each in office.store.owed() if each.message_id == digest)
    said = f"{office.case.id} triage --severity high\n{office.case.id} note it's “real”"
    bodies = CLIENTS[client](language, said, words_of(letter), page_of(letter))
    receive(office, raw({kind: bodies[kind] for kind in form.split()}, digest, "Re: [triaged] 1 new - 2026-11-23"))
    assert kinds(office) == ["triaged", "noted"]
    assert office.case.history[-1].text == "it's real"
    (transcript,) = transcripts(office)
    assert "NOT DONE" not in words_of(transcript)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_quotation_alone_commands_nothing(office, client, language):
    office.receive(mail(subject=SUBJECT))
    digest = digest_in(office)
    letter = next(each for _, each in office.store.owed() if each.message_id == digest)
    bodies = CLIENTS[client](language, "", words_of(letter), page_of(letter))
    receive(office, raw(bodies, digest, "Re: [triaged] 1 new - 2026-11-23"))
    assert kinds(office) == []
    assert transcripts(office) == []
