import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import message, policy
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import Kinds, Treatment
from triaged.core.report.languages import in_known_language
from triaged.core.report.prose import prose_of
from triaged.core.report.reading import assess

LETTERS = {
    "spam": "Congratulations, you have won a cash bonus! Click here to claim your free gift, act now, limited time.",
    "newsletter": "This week in gardens: top stories, read more. You are receiving this newsletter because you "
    "subscribed. Unsubscribe here or view in browser. Follow us.",
    "sales": "I came across your website. We help companies like yours. Do you have 15 minutes to hop on a call? "
    "Book a demo, our clients include many.",
    "recruiting": "Please find my resume attached; I am applying for the position of gardener. My cover letter and "
    "my CV tell of ten years of experience and my salary expectations.",
    "privacy": "Under article 15 of the GDPR I hereby request a copy of my personal data and the legal basis of the "
    "processing of my data. Otherwise I will lodge a complaint with the supervisory authority.",
    "support": "How do I change my email? I can't log in and my order has not arrived; where is my parcel? Please help.",
    "billing": "I was charged twice on my invoice. Please refund the subscription fee, the receipt is below.",
    "press": "I am a journalist and write for a weekly. I am working on a story; may I have a statement from your "
    "spokesperson? The deadline is tomorrow. Press inquiry.",
    "extortion": "We have your data. Pay us two bitcoin to this wallet address within 48 hours to keep it, or we "
    "will publish it on the dark web.",
    "beg-bounty": "Hello sir, do you have a bug bounty program? Do you pay? Whom should I contact, before I share "
    "it, is there any reward for it?",
}


def assessed(title, text, rules=None):
    rules = rules or policy()
    return assess(prose_of(message(subject=title, text=text), rules), rules)


def kind(text="", title=""):
    return assessed(title, text)[0].name


@pytest.mark.parametrize("name", LETTERS)
def test_what_is_no_report_is_known_for_what_it_is(name):
    assert kind(LETTERS[name]) == name


@pytest.mark.parametrize("name", LETTERS)
def test_it_has_no_scope_and_the_reasons_of_its_kind(name):
    verdict = assessed("", LETTERS[name])[1]
    assert verdict.scope == "none"
    assert {reason.rule for reason in verdict.reasons} <= {f"kind.{name}", f"table.{name}"}
    assert all(reason.quote for reason in verdict.reasons)


@pytest.mark.parametrize("name", LETTERS)
def test_a_report_below_a_letter_makes_it_a_report(name):
    text = (
        f"{LETTERS[name]}\n\nI found a vulnerability: an attacker can exploit the SQL injection in your API endpoint.\n"
        "Steps to reproduce: send the payload to /api/v1/users?id=1'. The proof of concept leaks credentials of other users.\n"
        "Impact\nAccount takeover of any victim."
    )
    assert kind(text) == "report"


@pytest.mark.parametrize(
    "text",
    [
        "I have found something on your site and would like to talk.",
        "Hello, there is a bug.",
        "我发现了一个漏洞",
        "Нашел уязвимость на вашем сайте, могу рассказать подробнее, если это вам интересно, напишите мне",
        "I asked the model for a poem and it told me how to make a bomb, step by step and without any warning at all.",
        "",
        "?",
    ],
)
def test_a_few_words_that_may_begin_a_report_are_one(text):
    assert kind(text) == "report"


def test_silence_means_nothing_in_a_language_that_no_rule_covers():
    assert (
        kind("Tere, mul on teile üks väga tähtis jutt rääkida ja ma loodan et te vastate mulle varsti tagasi")
        == "report"
    )
    assert not in_known_language("tere, see jutt teile väga tähtis üks".split())
    assert in_known_language("this is what we have to say to you".split())


def test_a_heading_for_impact_makes_a_report_whatever_else_is_said():
    assert kind(f"{LETTERS['spam']}\n## Impact\nDiscounts can be had twice.") == "report"


@given(st.text(max_size=300), st.sampled_from(sorted(LETTERS)))
def test_any_text_has_a_kind_with_reasons(text, name):
    found, verdict = assessed(text[:50], f"{text}\n{LETTERS[name]}")
    assert found.name == "report" or (verdict.scope in {"none", "out-of-scope"} and verdict.reasons)


@pytest.mark.parametrize("name", LETTERS)
def test_where_the_policy_knows_no_kinds_everything_is_a_report(name):
    fields = {field: getattr(policy(), field) for field in Policy.model_fields}
    assert assessed("", LETTERS[name], Policy(**{**fields, "kinds": Kinds()}))[0].name == "report"


def test_a_report_is_never_treated_as_another_kind():
    with pytest.raises(ValueError, match="a report is always a case"):
        Kinds(treatment={"report": Treatment(then="set-aside", acknowledge=False)})
