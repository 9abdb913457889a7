"""Mail that uses us as a cannon, or takes over somebody's case: the rows T1, T4 and T5 of the threat table."""

import cProfile
import re
from base64 import b64encode

import pytest
from structlog.testing import capture_logs

from tests.stories.mails import INCOMPLETE, deliver_all, hostile, mail
from tests.support.flood import flood, forged, over_a_cap

pytestmark = pytest.mark.slow

FLOOD = 600


@pytest.fixture(scope="module")
def flooded(tmp_path_factory):
    with capture_logs(), flood(tmp_path_factory.mktemp("flood")) as desk:
        for _ in range(6):
            desk.feed(FLOOD // 6)
        yield desk


def test_in_a_flood_every_mail_is_filed_and_answers_stay_within_the_caps(flooded):
    assert flooded.filed == flooded.fed == FLOOD
    assert len(flooded.acknowledgments) == 60
    assert over_a_cap(flooded.acknowledgments) == []
    assert flooded.alarms == 1
    sizes = [size for _, to, size, answer in flooded.submission.taken if answer]
    assert max(sizes) < 2048


def test_the_digest_of_a_flood_is_small_and_says_how_many_answers_are_held(flooded):
    text, html = flooded.digest()
    assert len(text.encode()) + len(html.encode()) < 100_000
    held = FLOOD - len(flooded.acknowledgments)
    assert re.search(rf"^.*\b{held}\b.*(?:withheld|held|cap)", text, re.MULTILINE), text


def test_a_mail_late_in_a_flood_costs_no_more_work_than_one_before_it(tmp_path):
    def calls(desk) -> int:
        profile = cProfile.Profile()
        profile.runcall(desk.feed, 1)
        return sum(entry.callcount for entry in profile.getstats())

    with capture_logs(), flood(tmp_path) as desk:
        desk.feed(150)
        # The same mail but for its number, each time; the caps are used up.
        desk.forged = lambda number: forged(7).replace(b"evil.example>", b"%d.example>" % number)
        # The twenty newest cases of a reporter are looked at, so there are twenty before the first is counted.
        desk.feed(21)
        early = calls(desk)
        desk.feed(FLOOD // 2)
        late = calls(desk)
        assert desk.filed == desk.fed
    assert late < early * 1.02, f"{early} calls for a mail early in the flood, {late} late in it"


def test_at_the_sink_no_address_and_no_domain_gets_more_than_its_cap(house):
    # Each with a Message-ID of its own: what shares one is a copy of the same mail.
    one = [
        hostile(f"one{number}", sender="one@hostile.example", subject=f"Report {number} on the gateway")
        for number in range(12)
    ]
    domain = [hostile(f"p{number}", sender=f"p{number}@victims.example") for number in range(30)]
    strangers = [hostile(f"s{number}", sender=f"s{number}@host{number}.example") for number in range(60)]
    deliver_all(house, [*one, *domain, *strangers])
    house.run("run", "--once")
    alarms = [recipients for _, recipients, raw in house.sink.mails if b"auto-generated" in raw]
    assert alarms == [[house.team]]
    answered = [to for _, (to,), _ in house.acknowledgments()]
    domains = [to.partition("@")[2] for to in answered]
    assert answered.count("one@hostile.example") == 5
    assert domains.count("victims.example") == 20
    assert len(answered) == 60
    assert sum(len(raw) for _, _, raw in house.sink.mails) < 60 * 2048
    cases = house.cases()
    assert len(cases) == 102
    states = [case["acknowledgment"]["state"] for case in cases]
    # Of the one who wrote twelve times, five wait for tomorrow; two would come too late for their promise.
    assert (states.count("owed"), states.count("withheld")) == (40, 2)
    for case in cases:
        if case["acknowledgment"]["state"] == "submitted":
            continue
        assert {each["name"]: each["state"] for each in case["deadlines"]}["acknowledge"] == "pending"
    assert "0 mails taken in, 0 mails sent, 40 still owed" in house.run("run", "--once")
    status = house.json("status")
    assert (status["owed"], status["held"]) == (40, 40)
    assert "40 held back by the caps, not before 2" in house.run("status")


def claims(case_id: str, ours: str, subject: str) -> dict[str, bytes]:
    """A stranger's ways to claim a case."""
    victim = "incomplete@hopper.example"

    def claim(name: str, tag: str, *fields: str, sender: str = "") -> bytes:
        return hostile(name, *fields, sender=sender or f"{name}@mallory.example", subject=tag)

    local = b64encode(b"grace@hopper.example").decode()
    return {
        "the subject as it was": claim("as-was", f"Re: {subject}"),
        "a bare id": claim("bare", f"Concerning {case_id}, more details"),
        "another system's form": claim("other-form", f"[smallest.ai #{case_id}] AutoReply: marmalade Ticket#{case_id}"),
        "in lower case": claim("lower", f"[{case_id.lower()}] marmalade"),
        "our Message-ID": claim("ours", "Re: yours", f"In-Reply-To: {ours}", f"References: <{victim}> {ours}"),
        "the reporter's Message-ID": claim("theirs", "Re: mine", f"References: <{victim}>"),
        "the reporter's name": claim(
            "name", f"Re: {subject}", f"References: {ours}", sender='"grace@hopper.example" <name@mallory.example>'
        ),
        "the reporter in an encoded name": claim(
            "encoded", f"Re: {subject}", f"References: {ours}", sender=f"=?utf-8?b?{local}?= <encoded@mallory.example>"
        ),
        "the reporter as Sender and Reply-To": claim(
            "sender",
            f"Re: {subject}",
            f"References: {ours}",
            "Sender: grace@hopper.example",
            "Reply-To: grace@hopper.example",
        ),
        "the reporter's address tagged": claim("tag", f"Re: {subject}", sender="grace+x@hopper.example"),
        "a look-alike domain": claim("alike", f"Re: {subject}", sender="grace@xn--hpper-fpe.example"),
        "the reporter and a second author": claim(
            "both", f"Re: {subject}", f"References: {ours}", sender="grace@hopper.example, both@mallory.example"
        ),
        "a Cc of the reporter": claim("cc", f"Re: {subject}", f"References: {ours}", "Cc: grace@hopper.example"),
    }


def test_a_stranger_joins_no_case_by_whatever_claim_and_learns_nothing_of_it(house):
    house.append(INCOMPLETE)
    house.run("run", "--once")
    ((_, _, answer),) = house.acknowledgments()
    (before,) = house.cases()
    forged_claims = claims(before["id"], answer["Message-ID"], answer["Subject"])
    deliver_all(house, forged_claims.values())
    house.run("run", "--once")
    cases = house.cases()
    assert len(cases) == 1 + len(forged_claims)
    (after,) = [case for case in cases if case["id"] == before["id"]]
    assert after == before
    for _, (to,), told in house.acknowledgments()[1:]:
        assert to != "grace@hopper.example"
        assert before["id"] not in told.as_string()
    assert [to for _, (to,), _ in house.acknowledgments()].count("grace@hopper.example") == 1
    related = {case["reporter"]["address"]: case["related"] for case in cases}
    assert related["as-was@mallory.example"] == related["ours@mallory.example"] == before["id"]


BORDER = "trust: {authserv_id: mx.smallest.ai}\n"


def follow_up(house, verdict: str) -> list[dict]:
    """A case, then a mail in its reporter's name of which our border says so."""
    house.configure(extra=BORDER)
    passed = b"Authentication-Results: mx.smallest.ai; dmarc=pass header.from=hopper.example\r\n"
    house.append(passed + INCOMPLETE)
    house.run("run", "--once")
    (case,) = house.cases()
    said = f"Authentication-Results: mx.smallest.ai; dmarc={verdict} header.from=hopper.example\r\n"
    subject = f"Re: [{case['id']}] We received your report"
    house.append(said.encode() + mail("grace@hopper.example", subject, "Please close it.\n", "forged@hopper.example"))
    house.run("run", "--once")
    return house.cases()


def test_a_reporter_whom_our_border_vouches_for_joins_and_a_forged_one_does_not(house):
    cases = follow_up(house, "fail")
    assert [len([each for each in case["messages"] if each["direction"] == "in"]) for case in cases] == [1, 1]
    assert cases[1]["acknowledgment"]["state"] == "withheld"
    assert len(house.acknowledgments()) == 1


def test_where_our_border_is_asked_a_reporter_whom_it_does_not_vouch_for_joins_nothing(house):
    assert len(follow_up(house, "none")) == 2
