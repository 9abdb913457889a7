"""Machine mail on a running daemon: a platform's notice is a case, a forged one is set aside, and a person opens it once."""

import pytest

from tests.stories.mails import mail
from tests.support.servers import until

pytestmark = pytest.mark.slow

LINK = "https://github.com/smallest/sdk/security/advisories/GHSA-2f9x-7h2q-8m4p"
TEXT = f"ann reported a vulnerability in smallest/sdk.\n{LINK}\n"
TRUST = "trust: {authserv_id: mx.smallest.ai}\n"


def notice(number, verdict):
    return mail(
        "notifications@github.com",
        "[smallest/sdk] Privately reported: path traversal",
        TEXT,
        f"notice-{number}@github.com",
        f"Authentication-Results: mx.smallest.ai; dmarc={verdict} header.from=github.com",
        "Auto-Submitted: auto-generated",
    )


def test_a_notice_opens_a_case_and_its_forgery_does_not_until_a_person_says_so(house):
    house.configure(extra=TRUST)
    house.append(notice(1, "pass"))
    house.append(notice(2, "fail"))
    with house.daemon() as daemon:
        daemon.told("READY=1")
        until(lambda: house.json("set-aside", "--json"), what="nothing was set aside")
        (case,) = house.cases()
        (row,) = house.json("set-aside", "--json")
        assert (row["sign"], row["sender"]) == ("forged-door", "notifications@github.com")
        said = house.run("set-aside", "open", row["sha256"][:10], "--by", "bo")
        assert said.startswith("SEC-")
        assert "already" in house.run("set-aside", "open", row["sha256"], code=65)
        assert len(house.cases()) == 2
    assert {fact["value"] for fact in case["facts"] if fact["kind"] == "reference"} == {"GHSA-2f9x-7h2q-8m4p"}
    assert case["acknowledgment"]["reason"].endswith(
        "hxxps[:]/[/]github[.]com/smallest/sdk/security/advisories/GHSA-2f9x-7h2q-8m4p"
    )
    assert [each["name"] for each in case["deadlines"]] == ["triage", "update", "door"]
    assert house.acknowledgments() == []
    assert house.json("set-aside", "--json") == []
