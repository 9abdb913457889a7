import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import message, policy
from triaged.core.report.declared import said
from triaged.core.report.facts import read_facts, united
from triaged.core.report.pointers import file_key, function_key, path_key
from triaged.core.report.prose import prose_of
from triaged.core.report.report import Fact, Facts

PROSE = """\
Hello team,

while testing lightning-v2 on https://waves.smallest.ai/app?next=//evil.example I found that the streaming endpoint takes any
token. I tested on 2026-11-02 with smallestai==3.1.0 and with npm install @smallest/client@2.4.0 (all versions before 2.4.1):

POST /api/v1/lightning/stream?x=1 HTTP/1.1
Host: waves-api.smallest.ai
Authorization: Bearer AAAA

The check in src/auth/session.py never calls `TokenStore.validate(token)`; it is CWE-287 and looks like CVE-2024-12345.
CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:N, if you ask me.

This is being exploited in the wild: our honeypot saw it twice last week.
I plan to publish the details on March 1st, 2026. Please credit me as Ada. This report was drafted with ChatGPT.
Is there a bounty?
"""


def facts(text, subject=""):
    prose = prose_of(message(text=text, subject=subject), policy())
    return read_facts(prose, said(prose, policy().hints), policy())


def values(text, *kinds):
    return [fact.value for fact in facts(text).of(*kinds)]


def test_the_facts_of_a_real_report():
    found = {kind: values(PROSE, kind) for kind in dict.fromkeys(fact.kind for fact in facts(PROSE).found)}
    assert found == {
        "url": ["https://waves.smallest.ai/app?next=//evil.example"],
        "host": ["waves.smallest.ai", "waves-api.smallest.ai"],
        "id": ["CVE-2024-12345"],
        "weakness": ["CWE-287"],
        "severity": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:N = 9.1 critical"],
        "version": ["2.4.1"],
        "package": ["smallestai@3.1.0", "@smallest/client@2.4.0"],
        "endpoint": ["POST /api/v1/lightning/stream"],
        "function": ["TokenStore.validate"],
        "file": ["src/auth/session.py"],
        "model": ["lightning-v2"],
        "tested": ["2026-11-02"],
        "publish": ["2026-03-01"],
        "exploited": ["being exploited", "exploited in the wild"],
        "reward": ["bounty"],
        "credit": ["Ada"],
        "assistance": ["drafted with chatgpt"],
    }


def test_each_fact_has_the_words_it_was_found_in():
    quotes = {fact.kind: fact.quote for fact in facts(PROSE).found}
    assert "looks like CVE-2024-12345" in quotes["id"]
    assert "publish the details on March 1st, 2026" in quotes["publish"]
    assert "Please credit me as Ada" in quotes["credit"]


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("see cve 2021\u201144228 and GHSA-AAAA-bbbb-CCCC", "id", ["CVE-2021-44228", "GHSA-aaaa-bbbb-cccc"]),
        ("AV:N/AC:L/Au:N/C:P/I:P/A:P", "severity", ["AV:N/AC:L/Au:N/C:P/I:P/A:P = 7.5 high"]),
        (
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            "severity",
            ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N = 9.3 critical"],
        ),
        (
            "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "severity",
            ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H = 9.8 critical"],
        ),
        ("CVSS:3.1/AV:N/AC:L/PR:Q/UI:N", "severity", ["CVSS:3.1/AV:N/AC:L/PR:Q/UI:N is not a valid vector"]),
        ("hxxp://evil[.]example/a).", "url", ["hxxp://evil[.]example/a"]),
        ("hxxp://evil[.]example/a).", "host", ["evil.example"]),
        ("https://user:pw@Api.Example.com:8443/x", "host", ["api.example.com"]),
        ("gem install rails -v 7.0.1", "package", ["rails@7.0.1"]),
        ("go get example.com/mod/sub@v1.2.3", "package", ["example.com/mod/sub@1.2.3"]),
        ("pip install -r requirements.txt", "package", []),
        ("in @smallest/node 2.7.1 of today", "version", ["2.7.1"]),
        ("write to ann@example.org", "package", []),
        ("the server at 10.0.0.1 answers", "version", []),
        ("Ann is away until 15.12.2026, or ask widget 4.12.2026.", "version", []),
        ("widget 15.12.2 and widget 2026.1.3, since version 1.2.2026", "version", ["1.2.2026", "15.12.2", "2026.1.3"]),
        ("affects v2.3 and versions prior to 1.4.0-rc.1.", "version", ["2.3", "1.4.0-rc.1"]),
        ("GET https://x.example/v1/users/7#top", "endpoint", ["GET /v1/users/7"]),
        ("the path /api/v1/users/{id} is open, /etc/passwd too", "endpoint", ["/api/v1/users/{id}"]),
        (
            "the function merge_options() and mergeDeep(a) call a::b::parse_header(x)",
            "function",
            ["merge_options", "mergeDeep", "a::b::parse_header"],
        ),
        ("`parser.py` in Node.js", "function", []),
        ("lib/vtls/x.c:120 and ./a/b.py, with #include <stdio.h> in Node.js", "file", ["lib/vtls/x.c", "a/b.py"]),
        ("https://github.com/a/b/blob/main/src/core/x.rs#L10", "file", ["src/core/x.rs"]),
        ("on GPT-4o, Claude 3.5 and llama-3-8b", "model", ["gpt-4o", "claude 3.5", "llama-3-8b"]),
    ],
)
def test_a_pointer_is_read_in_one_spelling(text, kind, found):
    assert values(text, kind) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I will publish this on 2026-05-04.", ["2026-05-04"]),
        ("We intend to disclose it in 90 days", ["in 90 days"]),
        ("On 1 June 2026 I will publish a post.", ["2026-06-01"]),
        ("Ich werde das am 01.06.2026 veröffentlichen.", ["2026-06-01"]),
        ("I plan to publish on 03/04/2026", ["03/04/2026"]),
        ("I will publish once it is fixed. Sent on 2026-05-04.", []),
        ("I will publish it when you are done.", []),
        ("The CVE was published on 2024-01-01.", []),
    ],
)
def test_a_plan_to_publish_is_told_where_it_is_plainly_said(text, found):
    assert values(text, "publish") == found


@pytest.mark.parametrize(
    "text",
    [
        "It is actively exploited.",
        "We see exploitation in the wild.",
        "Die Lücke wird aktiv ausgenutzt.",
        "La faille est activement exploitée.",
        "La vulnerabilidad está siendo explotada.",
        "A falha está sendo explorada.",
        "Уязвимость уже эксплуатируется.",
        "该漏洞正在被利用",
    ],
)
def test_use_by_attackers_is_heard_in_many_languages(text):
    assert values(text, "exploited")


@pytest.mark.parametrize(
    "text",
    [
        "I am not aware of any attempt to have it exploited in the wild.",
        "This could be exploited in the wild.",
        "There is no evidence that it is actively exploited.",
        "Fix it before it is being exploited.",
        "Es gibt keine Hinweise, dass sie bereits ausgenutzt wird.",
        "目前没有发现在野利用",
        "An attacker exploits the endpoint.",
    ],
)
def test_use_by_attackers_that_is_denied_or_supposed_is_not_told(text):
    assert values(text, "exploited") == []


def test_a_denial_behind_hundreds_of_others_is_still_heard():
    assert values("If not, why not? " * 300 + "It could be exploited in the wild.", "exploited") == []


def test_a_denial_in_another_sentence_takes_nothing_back():
    assert values("It is not new. It is actively exploited.", "exploited") == ["actively exploited"]


def test_of_each_kind_few_are_kept_and_each_once():
    text = "\n".join(
        f"GET /v1/thing/{number} and GET /v1/thing/{number} and CVE-2024-{number:05d}" for number in range(90)
    )
    assert values(text, "endpoint") == [f"GET /v1/thing/{number}" for number in range(8)]
    assert len(facts(text).of("id")) == 8


def test_what_a_stranger_wrote_is_made_visible_and_short():
    found = facts("https://x.example/\u202egpj" + "a" * 900 + " and credit me\x1b[31m now").found
    assert {"url", "credit"} <= {fact.kind for fact in found}
    for fact in found:
        assert len(fact.value) <= 200
        assert len(fact.quote) <= 100
        assert "\u202e" not in fact.value + fact.quote
        assert "\x1b" not in fact.value + fact.quote


def test_the_facts_of_two_mails_are_united_each_once_the_first_mail_s_first():
    one = Facts((Fact("id", "CVE-1", "a"), Fact("url", "u", "")), 1)
    two = Facts((Fact("url", "u", "again"), Fact("id", "CVE-2", "")), 3)
    assert united(one, two) == Facts((Fact("id", "CVE-1", "a"), Fact("id", "CVE-2", ""), Fact("url", "u", "")), 3)
    many = Facts(tuple(Fact("id", f"CVE-{number}", "") for number in range(8)))
    assert united(many, two).of("id") == many.found


@pytest.mark.parametrize(
    ("endpoint", "key"),
    [
        ("POST /v1/users/1042/keys?x=1", "/v1/users/*/keys"),
        ("https://api.smallest.ai/V1/users/7f9c24e8-3b1a-4c55-9f2e-0a1b2c3d4e5f/keys", "/v1/users/*/keys"),
        ("/v1/users/{id}/keys", "/v1/users/*/keys"),
        ("GET /login", ""),
        ("/api/v1", ""),
        ("https://github.com/a/b", ""),
        ("https://x.example", ""),
    ],
)
def test_an_endpoint_is_compared_by_its_path(endpoint, key):
    assert path_key(endpoint) == key


def test_what_is_in_reports_of_every_kind_is_no_key():
    assert [function_key(name) for name in ("eval", "os.system", "console.log", "parse", "new")] == [""] * 5
    assert function_key("merge_options()") == "merge_options"
    assert function_key("client.auth.TokenStore.validate") == "TokenStore.validate"
    assert (file_key("main.py"), file_key("./src/Auth/session.py")) == ("", "auth/session.py")
    assert (path_key("/login", plain=True), function_key("eval", plain=True)) == ("/login", "eval")


PIECES = [
    "http://",
    "a.",
    "/",
    "GET /",
    "CVE-2021-1",
    "CVSS:3.1/AV:N/",
    "1.2.",
    "v1",
    "pip install ",
    "a@1.",
    "a::b(",
    "`x()`",
    ".py",
    "\n",
]
PIECES += [
    "2026-01-01 ",
    "publish ",
    "exploited in the wild ",
    "not ",
    "漏洞",
    "\u202e",
    "\x00",
    "issue 1:\n",
    "[.]",
    "%zz",
    " ",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_any_text_has_facts(text):
    found = facts(text, text[:20])
    assert found.issues >= 1
    for fact in found.found:
        assert fact.value
        assert fact.value.isprintable()
        path_key(fact.value), function_key(fact.value), file_key(fact.value)


@pytest.mark.parametrize("piece", ["1.2.", "a/b.py/", "a::", "https://a.", "will publish on 1.1.", "GET /a", "`a", "x"])
def test_a_line_of_a_megabyte_costs_what_a_short_one_does_a_character(piece):
    def seconds(length):
        begun = time.perf_counter()
        facts((piece * length)[:length])
        return time.perf_counter() - begun

    seconds(10_000)
    assert seconds(1_000_000) < 100 * max(seconds(50_000), 0.02)
