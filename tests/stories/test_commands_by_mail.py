"""The team acts from its mail program: it answers the digest, and then the transcript, at a running daemon."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from tests.stories.mails import COMPLETE
from tests.support.servers import DOMAIN, until

pytestmark = pytest.mark.slow

VOUCHED = f"Authentication-Results: mx.{DOMAIN}; dmarc=pass header.from={DOMAIN}\r\n"


def sent(house, subject: str) -> list[EmailMessage]:
    """The mails of that subject that went to the team."""
    mails = [message_from_bytes(raw, policy=policy.default) for _, to, raw in house.sink.mails if to == [house.team]]
    return [each for each in mails if each["Subject"].startswith(subject)]


def answer(house, to: EmailMessage, text: str, *, vouched: str = VOUCHED) -> bytes:
    """As Gmail's app on a telephone answers: the words on top, the whole mail quoted below."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"Kim <{house.team}>", house.address, f"Re: {to['Subject']}"
    mail["Message-ID"] = f"<{abs(hash((text, vouched)))}@mail.gmail.com>"
    mail["Date"] = to["Date"]
    mail["In-Reply-To"] = mail["References"] = to["Message-ID"]
    plain, page = (to.get_body((kind,)) for kind in ("plain", "html"))
    quoted = "".join(f"> {line}\n" for line in plain.get_content().splitlines())
    wrote = f"On Mon, Nov 23, 2026 at 9:00 AM Smallest.AI Security triage <{house.address}> wrote:"
    mail.set_content(f"{text}\n\n{wrote}\n\n{quoted}")
    if page:
        mail.add_alternative(
            f'<div dir="ltr">{text}</div><br><div class="gmail_quote"><div class="gmail_attr">{wrote}</div>'
            f'<blockquote class="gmail_quote">{page.get_content()}</blockquote></div>',
            subtype="html",
        )
    return vouched.encode() + bytes(mail)


@pytest.fixture
def bordered(house):
    """A house whose border vouches for senders, and whose digest is due at once."""
    house.configure(extra=f"trust: {{authserv_id: mx.{DOMAIN}}}\n")
    house.config.write_text(house.config.read_text().replace('"09:00"', '"00:00"'))
    return house


def test_a_colleague_answers_the_digest_and_then_the_transcript(bordered):
    house = bordered
    house.append(COMPLETE)
    house.run("run", "--once")
    (case,) = house.cases()
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        until(lambda: sent(house, "[triaged]"), what="no digest")
        (digest,) = sent(house, "[triaged]")
        assert f"subject=Re%3A%20{'%5Btriaged%5D'}" in digest.get_body(("html",)).get_content()

        house.append(answer(house, digest, f"{case['id']} triage --severity high --owner me"))
        until(lambda: sent(house, "Re: [triaged]"), what="no transcript")
        (transcript,) = sent(house, "Re: [triaged]")
        assert f"DONE: {case['id']} triage --severity high --owner me" in transcript.get_content()
        assert transcript["Auto-Submitted"] == "auto-replied"

        house.append(answer(house, transcript, "undo", vouched=""))
        house.append(answer(house, transcript, "waiting\nnonsense"))
        until(lambda: len(sent(house, "Re: [triaged]")) > 1, what="no second transcript")
        said = sent(house, "Re: [triaged]")[-1].get_content()
        daemon.stop()
    assert "DONE: waiting" in said
    assert "NOT DONE: nonsense" in said
    (case,) = house.cases()
    assert (case["state"], case["severity"]) == ("waiting", "high")
    kinds = [(event["kind"], event["by"]) for event in house.json("show", case["id"])["history"] if "by" in event]
    assert kinds == [("triaged", house.team), ("waiting", house.team)]
    assert house.json("status")["seen"] == {"opened": 1, "joined": 0, "command": 3, "set-aside": 0, "failed": 0}
