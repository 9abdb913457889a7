"""Mail made to be shown: what the team reads of it on terminals, in logs and in the digest is text, whatever its sender meant.

The rows T15 to T19 of the threat table. Ten mails, two passes, one of each log format; each test looks at one way of showing.
"""

import json
import re
import unicodedata
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.stories.conftest import ROOT, House
from tests.stories.mails import attached, deliver_all, hostile, word
from tests.support.servers import smtp_sink

pytestmark = pytest.mark.slow

ESCAPES = "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m\x1b]8;;http://evil.example/\x1b\\kiwi\x1b]8;;\x1b\\\x7f\x08\x08"
MARKUP = '"><script src=//evil.example/x.js></script><img src=http://evil.example/p.gif onerror=alert(1)><svg onload=alert(2)>'
TEMPLATE = '{{ 7*7 }}{% include "/etc/passwd" %}'
FORGED = '\r\n{"event": "kiwi-forged", "level": "error"}\r\n<3>event=kiwi-forged level=error\n'
HIDDEN = "a\u202eb\u200bc\U000e0041d\u00ade\u2028f\u3164g"
SHOWN = (
    hostile("markup", subject=word(MARKUP, "b"), sender=f"{word(MARKUP[:60], 'b')} <markup@hostile.example>"),
    hostile("template", subject=word(TEMPLATE, "q")),
    hostile("terminal", subject=word(ESCAPES, "b"), sender=f"{word(ESCAPES, 'b')} <terminal@hostile.example>"),
    hostile("hidden", subject=word(HIDDEN, "b"), sender=f"{word(HIDDEN, 'b')} <hidden@hostile.example>"),
    hostile("forged", subject=word(f"kiwi{FORGED}", "b"), sender=f"{word(FORGED, 'b')} <forged@hostile.example>"),
    attached("files", f"filename*=utf-8''{''.join(f'%{byte:02X}' for byte in (ESCAPES + HIDDEN).encode())}.exe"),
    hostile(
        "link", subject="[read this](https://evil.example/claim) https://evil.example/claim <https://evil.example>"
    ),
    hostile("homograph", subject=word("Sign in at p\u0430yp\u0430l.example to see the report", "b")),
    hostile("in-text").replace(b"kumquat-flavoured session", f"{ESCAPES}{HIDDEN}{MARKUP}{TEMPLATE}".encode()),
    hostile("command", subject=word("; rm -rf ~ $(touch /tmp/kiwi) `id` | tee", "q")),
)
# Words of senders, of which no log line may hold any.
THEIRS = (
    "kiwi",
    "evil.example",
    "hostile.example",
    "zebrafish",
    "kumquat",
    "7*7",
    "passwd",
    "paypal",
    "claim",
    "Marzipan",
)


class Shown:
    """A house that has taken the mails in, and what its commands then print."""

    def __init__(self, house: House) -> None:
        self.house = house
        half = len(SHOWN) // 2
        deliver_all(house, SHOWN[:half])
        self.preview = house.run("run", "--dry-run")
        self.json_log = house.run("run", "--once", "--verbose", "--log-format", "json")
        deliver_all(house, SHOWN[half:])
        self.logfmt_log = house.run("run", "--once", "--verbose", "--log-format", "logfmt")
        self.digest = house.run("digest")
        house.run("digest", "--send")
        self.cases = house.cases()
        self.shows = [house.run("show", case["id"]) for case in self.cases]

    @property
    def mailed(self):
        """The digest as it left, parsed."""
        ((_, recipients, raw),) = [each for each in self.house.sink.mails if b"auto-generated" in each[2]]
        assert recipients == [self.house.team]
        return message_from_bytes(raw, policy=policy.default)

    def part(self, kind: str) -> str:
        return self.mailed.get_body((kind,)).get_content()


@pytest.fixture(scope="module")
def shown(dovecot, tmp_path_factory):
    with smtp_sink() as sink:
        yield Shown(House(tmp_path_factory.mktemp("shown"), dovecot, "shown", sink.port, sink))


def hidden_in(text: str) -> list[str]:
    """Every character that moves a cursor, turns the writing or is not seen."""
    return [
        f"U+{ord(char):04X}" for char in text if char != "\n" and unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}
    ]


def test_no_command_prints_a_character_that_a_terminal_obeys_or_a_reader_does_not_see(shown, tmp_path):
    for number, raw in enumerate(SHOWN):
        (tmp_path / f"{number}\x1b[2J\u202ekiwi.eml").write_bytes(raw)
    house = shown.house
    explained = house.run("explain", "--mail", str(tmp_path))
    printed = [shown.preview, shown.digest, *shown.shows, house.run("cases"), explained, house.run("status")]
    assert explained.count("  reply ") == len(SHOWN)
    for text in printed:
        assert hidden_in(text) == []
    assert "\\x1b" in explained
    assert "\\u202e" in explained


def test_json_is_pure_ascii_without_controls(shown, tmp_path):
    (tmp_path / "hidden.eml").write_bytes(SHOWN[3])
    house = shown.house
    case_id = shown.cases[2]["id"]
    for arguments in (("cases",), ("show", case_id), ("explain", str(tmp_path))):
        printed = house.run(*arguments, "--json")
        assert printed.isascii()
        assert hidden_in(printed) == []


def test_bidi_zero_width_and_tag_characters_are_shown_escaped(shown):
    for text in (shown.house.run("cases"), "\n".join(shown.shows), shown.part("plain"), shown.part("html")):
        for escape in ("\\u202e", "\\u200b", "\\U000e0041", "\\xad"):
            assert escape in text


def test_a_template_in_a_subject_is_shown_as_it_was_written(shown):
    for text in (shown.house.run("cases"), "\n".join(shown.shows), shown.digest, shown.part("plain")):
        # In quotation marks of ours a stranger cannot close, so theirs are single ones.
        assert TEMPLATE in text or TEMPLATE.replace('"', "'") in text
        assert "root:" not in text
    assert "{{ 7*7 }}{% include &#39;/etc/passwd&#39; %}" in shown.part("html")


def test_the_log_holds_whole_lines_and_not_a_word_of_a_sender(shown):
    lines = [line for line in shown.json_log.splitlines() if not line.endswith("still owed")]
    parsed = [json.loads(line) for line in lines]
    assert len([line for line in parsed if line["event"] == "mail settled"]) == len(SHOWN) // 2
    assert {line["level"] for line in parsed} <= {"info", "debug"}
    plain = [line for line in shown.logfmt_log.splitlines() if not line.endswith("still owed")]
    assert len([line for line in plain if 'event="mail settled"' in line]) == len(SHOWN) - len(SHOWN) // 2
    assert all(
        re.match(r'<[67]>event=(?:"[a-z ]+"|[a-z]+)(?: [a-z_0-9]+=\S+| [a-z_0-9]+="[^"]*")*$', line) for line in plain
    )
    for log in (shown.json_log, shown.logfmt_log):
        assert hidden_in(log) == []
        assert [each for each in THEIRS if each.lower() in log.lower()] == []


def test_no_password_is_printed_logged_or_kept(shown):
    secret = shown.house.dovecot.password
    kept = [path.read_bytes() for path in shown.house.state.rglob("*") if path.is_file()]
    assert len(kept) > len(SHOWN)
    said = [shown.json_log, shown.logfmt_log, shown.house.run("check"), shown.house.run("check", "--offline")]
    assert not [text for text in said if secret in text]
    assert not [raw for raw in kept if secret.encode() in raw]


class Tags(HTMLParser):
    """Every tag of a page, with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_the_html_digest_holds_no_markup_of_a_sender_and_loads_nothing(shown):
    page = shown.part("html")
    tags = Tags(page).found
    ours = Tags(Path(ROOT / "templates/digest.html.j2").read_text()).found
    assert {tag for tag, _ in tags} <= {tag for tag, _ in ours}
    assert {name for _, attributes in tags for name in attributes} <= {name for _, each in ours for name in each}
    assert not [
        tag for tag, _ in tags if tag in {"script", "img", "iframe", "link", "object", "svg", "form", "base", "a"}
    ]
    assert not [each for _, attributes in tags for each in attributes.values() if each and "evil" in each]
    assert not re.search(r"url\(|@import|javascript:|<!--", page)
    assert "&lt;script src=" in page


def test_the_digest_that_leaves_is_text_first_and_its_header_is_ours_alone(shown):
    mailed = shown.mailed
    bodies, calendar = mailed.iter_parts()
    assert [part.get_content_type() for part in bodies.iter_parts()] == ["text/plain", "text/html"]
    assert hidden_in(calendar.get_content().replace("\r", "")) == []
    assert re.fullmatch(r"\[triaged\] [a-z0-9, ]+ - \d{4}-\d\d-\d\d", mailed["Subject"])
    header = "".join(f"{name}: {value}\n" for name, value in mailed.items())
    assert [each for each in THEIRS if each.lower() in header.lower()] == []


def test_a_link_of_a_sender_is_no_link_in_the_digest(shown):
    for kind in ("plain", "html"):
        assert "evil[.]example" in shown.part(kind)
        assert not re.search(r"https?://(?:\S*\.)?evil", shown.part(kind))


def test_a_word_of_two_scripts_is_not_shown_as_what_it_pretends_to_be(shown):
    # The digest folds what is new after five.
    assert "p\\u0430yp\\u0430l" in shown.house.run("cases")
    for text in (shown.house.run("cases"), *shown.shows, shown.part("plain")):
        assert "p\u0430yp\u0430l" not in text
