import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.values import message, policy
from triaged.core.policy import Assets, Scopes
from triaged.core.report.scope import classify
from triaged.core.report.signs import SIGNS

FILL = "We looked at it for some time and wrote down here what we saw in the order in which we saw it. " * 6


def verdict(title="", text="", quoted="", rules=None):
    return classify(message(subject=title, text=text, quoted=quoted), rules or policy())


def with_assets(**names):
    shipped = policy().scopes
    scopes = Scopes(titles=shipped.titles, rules=shipped.rules, assets=Assets(**names))
    return policy().model_copy(update={"scopes": scopes})


@pytest.mark.parametrize(
    ("title", "text", "scope"),
    [
        ("Prompt injection through a shared document", "The assistant obeys the text in the document.", "model"),
        ("Membership inference", "One can tell which records were in the training data.", "model"),
        ("Jailbreak", "With this role-play the guardrails are gone.", "model"),
        ("SSRF in the image proxy", "The endpoint fetches any url.", "infrastructure"),
        ("Public S3 bucket", "The bucket of the backups can be listed.", "infrastructure"),
        ("Stored XSS in the dashboard", "A script runs in the browser of another user.", "infrastructure"),
        ("Prototype pollution", "In the npm package, function merge(), versions before 1.2.0.", "sdk"),
        ("Unsafe deserialization in your Python SDK", "pickle is used in the client library.", "sdk"),
        ("Wrong answers", "The model hallucinates dates.", "out-of-scope"),
        ("Phishing emails in your name", "I received a phishing mail; your company should know.", "out-of-scope"),
        ("DDoS attack", "A botnet could be flooding you.", "out-of-scope"),
        ("Hello", "I have found something and would like to talk.", "unclear"),
        ("", "", "unclear"),
    ],
)
def test_the_plain_cases_of_the_policy_are_told_apart(title, text, scope):
    assert verdict(title, text).scope == scope


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Hallucination lets me bypass the safety filter", "The model makes up a persona and answers."),
        ("Incorrect output leaks the system prompt", "The answer begins with it."),
        ("Incorrect Authorization in the endpoint", "Another user's data is shown."),
        ("Denial of service attack on the parser of the library", "One pattern (ReDoS) in versions before 1.2.0."),
        ("Heap overflow, at first a DoS attack", "The function of the package writes out of bounds."),
        ("Phishing page possible by open redirect", "The login page forwards to any url."),
    ],
)
def test_a_guard_keeps_a_real_report_from_being_called_out_of_scope(title, text):
    assert verdict(title, text).scope != "out-of-scope"


def test_a_consequence_in_the_impact_paragraph_is_not_what_was_found():
    text = f"The endpoint takes any url (SSRF).\n{FILL}\nImpact: could lead to phishing emails and a ddos attack."
    assert verdict("SSRF in the API", text).scope == "infrastructure"
    assert not [reason for reason in verdict("SSRF in the API", text).reasons if reason.scope == "out-of-scope"]


def test_what_was_quoted_hardly_counts():
    assert verdict("Re: your mail", "Thank you.", quoted="A jailbreak by prompt injection.").band == "low"
    assert verdict("A jailbreak by prompt injection", "Thank you.").scope == "model"


def test_a_guard_that_is_only_quoted_guards_nothing():
    assert verdict("Wrong answers", "It hallucinates.", quoted="jailbreak injection attacker").scope == "out-of-scope"


def test_the_organisations_own_names_outweigh_vocabulary():
    title, text = "SQL injection in the dashboard", "The package acme-client builds it."
    assert verdict(title, text).scope == "infrastructure"
    named = with_assets(packages=("acme-client",))
    assert verdict("SQL injection in acme-client", "See the function query().", rules=named).scope == "sdk"
    assert verdict("SQL injection in acme-client", "See.", rules=named).reasons[0].rule == "asset.package"


@pytest.mark.parametrize(
    ("names", "text", "scope"),
    [
        ({"hosts": ("api.acme.example",)}, "It is at https://api.acme.example/v1 only.", "infrastructure"),
        ({"packages": ("@acme/client",)}, "Found in @acme/client this week.", "sdk"),
        ({"models": ("acme-7b",)}, "Found in ACME-7B this week.", "model"),
    ],
)
def test_an_asset_is_found_in_any_spelling_of_case(names, text, scope):
    assert verdict("A flaw", text, rules=with_assets(**names)).scope == scope


def test_the_reasons_for_the_verdict_stand_before_those_against_it():
    reasons = verdict("Prompt injection", f"The assistant obeys.\n{FILL}\nSeen in the dashboard.").reasons
    scopes = [reason.scope for reason in reasons]
    assert scopes[0] == "model"
    assert scopes == sorted(scopes, key=lambda scope: scope != "model")
    assert "infrastructure" in scopes


def test_a_reason_quotes_the_words_it_spoke_on():
    (reason, *_) = verdict("Seen: a Prompt-\nInjection, twice").reasons
    assert (reason.rule, reason.part, reason.quote) == (
        "model.prompt-injection",
        "title",
        "Seen: a Prompt- Injection, twice",
    )


def test_one_word_in_a_long_text_makes_no_verdict_and_many_make_a_sure_one():
    assert verdict("A question", f"{FILL}\nIs there an api?").scope == "unclear"
    assert verdict("Jailbreak by prompt injection", "The guardrails and the system prompt.").band == "high"


def test_what_speaks_for_two_scopes_alike_is_not_sure():
    both = verdict("Prompt injection in the dashboard by stored XSS", "The chatbot and the api endpoint.")
    assert both.band == "low" or both.scope == "unclear"


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ("http-request", "POST /v1/chat HTTP/1.1"),
        ("http-request", "curl -k https://x.example/"),
        ("live-url", "see https://app.x.example/login"),
        ("package-version", "in lodash@4.17"),
        ("package-version", "all versions before 2.1.0"),
        ("import-line", "import requests\n"),
        ("import-line", "const x = require('y')"),
        ("chat-transcript", "User: tell me\nAssistant: I tell you"),
    ],
)
def test_a_sign_is_found_where_its_shape_is(sign, text):
    assert SIGNS[sign].search(text)


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ("http-request", "we get / what we post"),
        ("live-url", "see https://github.com/a/b and https://pypi.org/x and http://localhost/"),
        ("package-version", "on 23.11.2026 at 10:15"),
        ("import-line", "it is import for us"),
        ("chat-transcript", "User: tell me"),
    ],
)
def test_a_sign_is_not_found_in_prose(sign, text):
    assert not SIGNS[sign].search(text)


WORDS = [
    "jailbreak",
    "ddos attack",
    "hallucination",
    "npm package",
    "xss",
    "api",
    "the",
    "bypass",
    "\n",
    "curl https://x.example/",
    ".",
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)


@given(TEXTS, TEXTS, TEXTS)
def test_any_report_has_a_verdict_with_reasons_that_can_be_shown(title, text, quoted):
    found = verdict(title, text, quoted)
    assert found == verdict(title, text, quoted)
    assert (found.scope == "unclear") or found.reasons[0].scope == found.scope
    assert found.band == "low" or found.scope != "unclear"
    assert all(0 < len(reason.quote) <= 120 for reason in found.reasons)


@given(TEXTS, TEXTS)
def test_out_of_scope_is_said_only_surely_and_never_beside_a_bypass(title, text):
    assert verdict(title, f"{text} bypass").scope != "out-of-scope"
    found = verdict(title, text)
    assert found.scope != "out-of-scope" or found.band == "high"
