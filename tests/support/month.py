"""A month of a team's work, made from a seed: what docs/digest.txt, .html and .png show.

`make example` writes them again; the picture needs Chromium.
"""

import hashlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.support.letters import digest_words
from tests.support.values import by, decide, house, owed, policy, vouched
from triaged.adapters.letters.render import JinjaRenderer
from triaged.config.loading import example
from triaged.core.case.case import Case
from triaged.core.case.events import Answered, Closed, Event, OwnerSet, Received, Submitted, Triaged, Waiting
from triaged.core.case.folding import fold
from triaged.core.mail.arrival import Arrival
from triaged.core.mail.message import Attachment
from triaged.core.mail.sender import Trust
from triaged.core.policy.profiles import promised
from triaged.core.team.digest import Digest, Health, Inputs, digest

DOCS = Path(__file__).parents[2] / "docs"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""A Monday, 09:00 in Berlin."""
MANY = 60
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SEED = 22
LAWFUL = policy().model_copy(update={"promises": promised(("policy", "eu-cra"), ())})

_PNG_HEADER = 33
"""The signature and the first chunk."""
_STEPS = "Steps to reproduce\n1. {how}\n2. Look at the answer.\n\n"
_TOPICS = (
    ("IDOR in the {thing} endpoint", "GET /v1/{thing}/{number} answers with another tenant's {thing}.",
     "An attacker can read any tenant's {thing}."),
    ("Prompt injection through {thing} leaks the system prompt", "Hide an instruction in the {thing}: the model obeys it.",
     "An attacker can read the system prompt and call the tools of another user."),
    ("Guardrail bypass with {thing} role play", "Ask the model to act as a {thing}: its safety filter lets everything pass.",
     "Anybody can get what the safety filter is there to refuse."),
    ("Stored XSS in the {thing} page of the dashboard", "Put <script>alert({number})</script> into the {thing} name.",
     "An attacker can act in the session of an administrator."),
    ("SDK writes the API key into its {thing} log", "Set debug in the Python client library 2.{number}; it logs the key.",
     "Whoever reads the log can use the key."),
    ("SSRF in the {thing} webhook", "POST /v1/{thing}/hooks with a url of http://169.254.169.254/.",
     "An attacker can read the credentials of the cloud instance."),
    ("Wrong answers about {thing}", "The model says that {thing} are open on Sundays. They are not.", ""),
    ("Something odd in {thing}", "Open {thing} number {number} and look: that cannot be right.", ""),
    ("Question about your {thing} API", "Is there a bounty for reports on the {thing} API?", ""),
)  # fmt: skip
_THINGS = "invoice voice transcript document billing agent avatar export calendar project memory upload".split()
_PEOPLE = "ann ben chloe dev elif farid grace hugo ines jun kofi lena".split()
_TEAM = ("mira", "mira", "tomas", "tomas", "yuki", "")
_BY = "mira"


def month(seed: int = SEED) -> Digest:
    """The digest of a Monday after a month of 60 reports."""
    return digest(_inputs(seed), LAWFUL, NOW, date(2026, 11, 23), ZoneInfo("Europe/Berlin"))


def parts() -> tuple[str, str, str]:
    """Its subject, text and HTML."""
    identity = example().settings.identity
    return digest_words(JinjaRenderer(identity, LAWFUL, bytes(32), answers=True), month())


@cache
def cases(seed: int = SEED) -> tuple[Case, ...]:
    """The month's cases, the oldest first: reports thin out at night and at weekends, and get owners, answers and ends."""
    chance = random.Random(seed)
    arrived = sorted(NOW - timedelta(minutes=chance.randrange(90, 31 * 24 * 60)) for _ in range(MANY))
    return tuple(_case(number, at, chance) for number, at in enumerate(arrived))


def _inputs(seed: int) -> Inputs:
    aside = [
        Arrival(f"{number:064x}", NOW, NOW, 900, end="set-aside", reason=reason)
        for number, reason in enumerate(
            ["it is a delivery report"] * 3 + ["it comes from a mailing list"] * 2 + ["it is an absence notice"]
        )
    ]
    seen = {"opened": MANY, "joined": 14, "set-aside": 131}
    well = Health(last_poll_at=NOW, problems=(), owed=0, oldest_owed_at=None, version="1.0")
    return Inputs(cases(seed), aside, seen, well, NOW - 3 * DAY, weekly=True)


def _case(number: int, at: datetime, chance: random.Random) -> Case:
    case_id = "SEC-" + "".join(chance.choices("23456789ABCDEFGHJKMNPQRSTVWXYZ", k=4)) + f"-{number + 2222}"
    subject, how, impact = chance.choice(_TOPICS)
    words = {"thing": chance.choice(_THINGS), "number": number}
    text = _STEPS.format(how=how.format(**words)) + (f"Impact\n{impact.format(**words)}\n" if impact else "")
    if number == MANY - 7:
        text += "This is exploited in the wild: our honeypot saw it twice this week.\n"
    picture = Attachment("screen.png", "image/png", "image/png", 48_210, "ab" * 32)
    odd = replace(picture, media_type="text/html", warnings=("type mismatch: says image/png, is text/html",))
    attached = () if chance.random() < 0.4 else (odd if chance.random() < 0.2 else picture,)
    author = f"{chance.choice(_PEOPLE)}@{chance.choice(('example.org', 'research.example', 'uni.example'))}"
    read = by(
        author, subject=subject.format(**words), text=text, attachments=attached, message_id=f"m{number}@x.example"
    )
    read = vouched(read) if chance.random() < 0.7 else read
    decision = decide(read, new_id=case_id, now=at + HOUR, ours=house(trust=Trust("mx.smallest.ai"), policy=LAWFUL))
    letter = f"ack-{number}@smallest.ai"
    begun = [replace(event, at=at) for event in decision.events]
    sent = (owed(at=at, message_id=letter), Submitted(at=at + timedelta(seconds=40), message_id=letter, answer="250"))
    later = sorted(_later(begun[0], at, chance), key=lambda event: event.at)
    return fold(case_id, (*begun, *(sent if decision.reply else ()), *(each for each in later if each.at < NOW)))


def _later(opening: Event, at: datetime, chance: random.Random) -> Iterator[Event]:
    """What the team and the reporter do, as far as it has come."""
    owner = chance.choice(_TEAM)
    answered, triaged = (at + chance.uniform(*hours) * HOUR for hours in ((3, 70), (20, 180)))
    yield OwnerSet(at=at + 5 * HOUR, by=_BY, owner=owner)
    if chance.random() < 0.9:
        for again in range(5 if chance.random() < 0.9 else 1):
            yield Answered(at=answered + again * chance.uniform(6, 13) * DAY, by=_BY)
    if chance.random() < 0.92:
        yield Triaged(at=triaged, by=_BY, severity=chance.choice(("critical", "high", "medium", "medium", "low")))
        if chance.random() < 0.15:
            yield Waiting(at=triaged + DAY, by=_BY)
        elif chance.random() < 0.85:
            yield Closed(at=triaged + chance.uniform(10, 300) * HOUR, by=_BY, reason="fixed")
    if chance.random() < 0.1 and isinstance(opening, Received):
        yield replace(opening, at=answered + 9 * HOUR, message_id=None, attachments=())


def _picture(page: Path, path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        print("no Chromium is installed: the picture stays as it is")
        return
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}",
             f"--screenshot={path}", "--window-size=600,1150", page.as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    drawn = path.read_bytes()
    path.write_bytes(drawn[:_PNG_HEADER] + stamp(page.read_text(encoding="utf-8")) + drawn[_PNG_HEADER:])


def stamp(html: str) -> bytes:
    """What a picture of that page carries: a text chunk (PNG 1.2, section 4.2.3) with the page's SHA-256."""
    content = b"tEXtPage\0" + hashlib.sha256(html.encode()).hexdigest().encode()
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))


def main() -> None:
    subject, text, html = parts()
    page, picture = DOCS / "digest.html", DOCS / "digest.png"
    (DOCS / "digest.txt").write_text(f"Subject: {subject}\n\n{text}", encoding="utf-8")
    page.write_text(html, encoding="utf-8")
    # Two browsers draw one page differently: as long as the page is the same, so is its picture.
    if not picture.exists() or stamp(html) not in picture.read_bytes():
        _picture(page, picture)
    print(f"A month's digest: {DOCS / 'digest.txt'}, {page}, {picture}")


if __name__ == "__main__":
    main()
