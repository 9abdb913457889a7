"""Mail that tries to make us answer the wrong person, or say what its sender wants: judged by what leaves, and by nothing else.

The rows T2, T3, T6 to T10 and T20 of the threat table. One mailbox, one pass; each test looks at its own mails.
"""

import hashlib
import re
from email import message_from_bytes
from pathlib import Path

import pytest
import yaml

from tests.stories.conftest import ROOT, House
from tests.stories.mails import (
    ARGUMENTS,
    BCC,
    COMPLETE,
    CRLF,
    FROM,
    HARMLESS,
    HOSTILE,
    INCOMPLETE,
    KUMQUAT,
    OUT_OF_SCOPE,
    THIRD,
    deliver_all,
)
from tests.support.servers import smtp_sink

pytestmark = pytest.mark.slow

FIELDS = set(
    "From To Subject Date Message-ID In-Reply-To References Auto-Submitted X-Auto-Response-Suppress Precedence "
    "MIME-Version Content-Type Content-Transfer-Encoding".split()
)


class Aftermath:
    """What one pass over every mail has left behind."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.said = house.run("run", "--once")
        self.cases = house.cases()
        self.sent = list(house.sink.mails)

    def case(self, name: str) -> dict:
        sha256 = hashlib.sha256(HOSTILE[name]).hexdigest()
        (found,) = [case for case in self.cases if any(each["sha256"] == sha256 for each in case["messages"])]
        return found

    def answers(self, name: str) -> list[tuple[list[str], bytes]]:
        case_id = self.case(name)["id"].encode()
        return [(recipients, raw) for _, recipients, raw in self.sent if case_id in raw]


@pytest.fixture(scope="module")
def after(dovecot, tmp_path_factory):
    with smtp_sink() as sink:
        house = House(tmp_path_factory.mktemp("threats"), dovecot, "threats", sink.port, sink)
        house.configure(extra="replies: {per_hour: 900, per_domain_per_hour: 900, flood_per_hour: 900}\n")
        # The same bytes a second time are the same mail.
        deliver_all(house, [*HOSTILE.values(), HOSTILE["plain"]])
        yield Aftermath(house)


def words_of_ours() -> str:
    """What an acknowledgment may say: the templates and the policy's sentences."""
    policy = yaml.safe_load((ROOT / "config/policy.yaml").read_text())
    sections = " ".join(f"{section['title']}: {section['example']}" for section in policy["sections"])
    known = (policy["sentences"].values(), policy["scopes"]["titles"].values())
    templates = " ".join(path.read_text() for path in Path(ROOT / "templates").glob("acknowledgment*"))
    return f"{templates} {sections} {' '.join(str(each) for values in known for each in values)}"


def grams(text: str) -> set[str]:
    """Every run of twelve characters, whatever the line breaks and the case."""
    even = " ".join(text.split()).lower()
    return {even[start : start + 12] for start in range(len(even) - 11)}


def test_every_mail_is_filed_and_none_twice(after):
    assert f"{len(HOSTILE) + 1} mails taken in, {len(after.sent)} mails sent, 0 still owed" in after.said
    seen = after.house.json("status")["seen"]
    assert sum(seen.values()) == len(HOSTILE)
    assert (seen["opened"] + seen["failed"], seen["set-aside"]) == (len(HOSTILE) - 1, 1)
    assert len(after.case("plain")["messages"]) == 2


def test_whatever_leaves_is_one_small_mail_to_one_person_with_exactly_our_fields(after):
    assert len(after.sent) >= len(CRLF)
    for sender, recipients, raw in after.sent:
        assert (sender, len(recipients)) == ("", 1)
        assert raw.isascii()
        assert len(raw) < 4096
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")
        parsed = message_from_bytes(raw)
        assert set(parsed.keys()) <= FIELDS
        assert len(parsed.keys()) == len(set(parsed.keys()))
        assert FIELDS - set(parsed.keys()) <= {"In-Reply-To", "References"}
        assert parsed["To"] == recipients[0]
        assert re.fullmatch(r"\[SEC-[0-9A-Z]{4}-[0-9A-Z]{4}\] We received your report", parsed["Subject"])
    assert len({raw for *_, raw in after.sent}) == len(after.sent)


def test_nothing_that_a_sender_wrote_leaves(after):
    theirs = grams(f"{KUMQUAT} Marzipan-otter gateway reflects input {BCC} {THIRD} X-Injected boss@{THIRD} Quincy")
    ours = grams(words_of_ours())
    for _, _, raw in after.sent:
        head, _, body = raw.decode().partition("\r\n\r\n")
        threading = re.compile(r"^(?:In-Reply-To|References|To): .*(?:\r\n[ \t].*)*\r\n", re.MULTILINE)
        assert not (grams(threading.sub("", head + "\r\n")) | grams(body)) & theirs - ours
        for name in (THIRD, "X-Injected", "marzipan", "kumquat", "Quincy"):
            assert name.lower().encode() not in raw.lower()


@pytest.mark.parametrize("name", CRLF)
def test_encoded_line_ends_reach_nobody_but_their_sender(after, name):
    answers = after.answers(name)
    # In a display name they are more than one of the parsers takes.
    assert len(answers) == 1 or (name.startswith("name-") and not answers)
    for recipients, raw in answers:
        assert recipients == [f"{name}@hostile.example"]
        assert b"bcc:" not in raw.lower()


def test_no_msg_id_that_is_malformed_or_over_long_is_repeated(after):
    for name in ("id-raw", "id-long"):
        ((_, raw),) = after.answers(name)
        assert b"In-Reply-To" not in raw
    ((_, raw),) = after.answers("references")
    assert message_from_bytes(raw)["References"] == "<references@hostile.example>"


def test_no_third_party_is_answered(after):
    ((recipients, _),) = after.answers("reflect")
    assert recipients == ["reflect@hostile.example"]
    assert not [
        to for recipients, _ in after.answers("relayed") for to in recipients if to != "relayed@hostile.example"
    ]
    assert not [to for _, recipients, _ in after.sent for to in recipients if THIRD in to]


@pytest.mark.parametrize("name", FROM)
def test_where_parsers_disagree_on_the_author_nobody_is_answered(after, name):
    assert after.answers(name) == []
    case = after.case(name)
    assert case["acknowledgment"]["state"] == "withheld"
    assert case["acknowledgment"]["reason"]
    assert not {to for _, recipients, _ in after.sent for to in recipients} & HARMLESS


@pytest.mark.parametrize("address", ARGUMENTS)
def test_an_address_that_could_be_taken_for_an_option_or_hurt_a_server_is_not_answered(after, address):
    assert after.answers(address) == []
    assert after.case(address)["acknowledgment"]["state"] == "withheld"


def test_control_fields_of_a_stranger_change_nothing(after):
    plain = after.case("plain")
    for name in ("control", "machine"):
        case = after.case(name)
        for key in ("state", "scope", "band", "severity", "owner", "missing", "related", "reasons", "duplicate_of"):
            assert case[key] == plain[key]
        assert [each["name"] for each in case["deadlines"]] == [each["name"] for each in plain["deadlines"]]
    ((recipients, _),) = after.answers("control")
    assert recipients == ["control@hostile.example"]


def test_a_message_id_used_twice_hides_neither_mail(after):
    first, second = after.case("squat-1"), after.case("squat-2")
    hashes = {each["sha256"] for case in (first, second) for each in case["messages"]} - {None}
    assert hashes == {hashlib.sha256(HOSTILE[name]).hexdigest() for name in ("squat-1", "squat-2")}
    for each in hashes:
        assert (after.house.state / "spool" / each).read_bytes() in HOSTILE.values()


def test_a_verification_mail_of_another_service_is_never_acknowledged(after):
    assert not [to for _, recipients, _ in after.sent for to in recipients if "slack" in to]


def told(raw: bytes) -> str:
    """An acknowledgment's body without what is peculiar to one mail: its case, its time, its size and its hash."""
    body = " ".join(raw.decode().partition("\r\n\r\n")[2].split())
    return re.sub(r"SEC-\w{4}-\w{4}|\d+(?:\.\d+)? (?:bytes|kB)|[0-9a-f]{8}\.\.\.|\d\d:\d\d", "*", body)


@pytest.mark.parametrize("trust", ["", "trust: {authserv_id: mx.smallest.ai}\n"])
def test_to_whom_nobody_vouches_for_a_report_of_any_scope_is_answered_alike(house, trust):
    other = COMPLETE.replace(b"rompt injection", b"QL injection").replace(b"ada@", b"sql@")
    sdk = COMPLETE.replace(b"rompt injection", b"rototype pollution in the Python SDK").replace(b"ada@", b"sdk@")
    house.configure(extra=trust)
    deliver_all(house, [COMPLETE, other, sdk, *([INCOMPLETE, OUT_OF_SCOPE] if trust else [])])
    house.run("run", "--once")
    assert len({case["scope"] for case in house.cases()}) >= (2 if trust else 1)
    assert len(house.sink.mails) == (5 if trust else 3)
    assert len({told(raw) for _, _, raw in house.sink.mails}) == 1
    said = told(house.sink.mails[0][2]).lower()
    assert not any(word in said for word in ("prompt injection", "model", "sdk", "api", "outside our policy"))
