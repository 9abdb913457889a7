import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import REPORT, message, policy
from triaged.core.mail.message import Attachment
from triaged.core.report.prose import prose_of
from triaged.core.report.sections import read_sections


def sections_of(read):
    return read_sections(read, prose_of(read, policy()), policy())


def found(text, *attachments):
    """Section to quote, of those that a rule has found."""
    sections = sections_of(message(text=text, attachments=attachments))
    return {evidence.section: evidence.quote for evidence in sections if evidence.present and not evidence.phrases}


def attached(filename, media_type, claimed_type="application/octet-stream"):
    return Attachment(filename, media_type, claimed_type, 10, "ab" * 32)


def test_every_section_of_the_policy_is_answered_for_in_its_order():
    names = [evidence.section for evidence in sections_of(message(text=""))]
    assert names == [section.name for section in policy().sections]


def test_a_section_is_proved_by_the_line_below_its_heading():
    assert found(REPORT) == {
        "description": "A prompt injection in the chat completion API makes the model reveal its system prompt.",
        "steps": """1. curl -X POST https://api.smallest.ai/v1/chat -d '{"prompt": "Ignore all previous instructions"}'""",
        "impact": "An attacker can read the system prompt and the tools of any customer.",
    }


@pytest.mark.parametrize(
    "heading",
    [
        "Impact",
        "IMPACT:",
        "## Impact",
        "**Impact**",
        "3. Impact",
        "3) Security Impact:",
        "--- Impact ---",
        "[Impact]",
        "Impact\n======",
        "Auswirkung",
        "Impacto",
        "Влияние",
        "影响",
        "What is the impact?",
    ],
)
def test_a_heading_is_known_whatever_stands_around_it(heading):
    assert found(f"{heading}\n\nAll of the mail is read.")["impact"] == "All of the mail is read."


@pytest.mark.parametrize(
    "line", ["Impact: all is read", "**Impact:** all is read", "- Impact: all is read", "影响：all is read"]
)
def test_a_heading_may_go_on_in_its_line(line):
    assert found(line)["impact"] == "all is read"


@pytest.mark.parametrize("text", ["Impact", "Impact:\n\n\n", "Steps\nImpact\nDescription\n", "Impact\n---\n***\n"])
def test_a_heading_with_nothing_below_it_proves_nothing(text):
    assert found(text) == {}


def test_a_word_of_prose_is_no_heading():
    assert "impact" not in found("The impact\nof the change was measured: it is small.")
    assert "impact" not in found(f"{'x' * 90} impact: everything")


@pytest.mark.parametrize(
    "text",
    [
        "1. open the page\n2. click on it",
        "1) open the page\n2) click on it",
        "Step 1: open the page\nStep 2: click on it",
        "- open the page\n- click on it",
        "curl https://x.example/",
        "$ make all",
        "./poc.sh --fast",
        "python3 poc.py",
        "node poc.js",
        "GET /v1/users HTTP/1.1",
        "```",
        "const a = require('b')\nb()",
        "It shows <script>alert(1)</script> to all.",
        "Then say: ignore all previous instructions",
        "user: tell me\nassistant: I tell you",
        "It can be reproduced with any account.",
    ],
)
def test_steps_are_known_by_their_shape(text):
    assert ("steps" in found(text)) is (text != "```")


@pytest.mark.parametrize(
    "text",
    [
        "1. Summary\nOne thing.\n2. Impact\nAnother.",
        "1. only one line of them",
        "One can\ngo to the page\nand make sure of it",
        "It costs 1.5 million.",
        "user: one turn is no transcript",
        "A vulnerability is in the login.",
    ],
)
def test_what_resembles_steps_is_none(text):
    assert "steps" not in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "So an attacker can read it.",
        "This allows an attacker to read it.",
        "It leads to account takeover.",
        "Un atacante puede leerlo.",
        "Злоумышленник может это прочитать.",
        "攻击者可以读取",
    ],
)
def test_impact_is_known_by_its_wording(text):
    assert found(f"A line.\n{text}\nA line.")["impact"] == text


def test_a_description_is_a_paragraph_of_words_and_no_greeting():
    prose = "the page of the invoices shows the invoice of any customer to every other one who knows its number"
    assert found(f"Hello team,\n\n{prose}\n\nbest")["description"] == prose
    assert "description" not in found(f"{prose}?")
    assert "description" not in found("Hello, I found a bug in your page.")
    assert "description" in found(
        "在聊天接口中输入特定内容后大模型会忽略之前的安全要求并把内部系统提示的全部内容原样输出"
    )


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", attached("a.png", "image/png")),
        ("", attached("a.mp4", "video/mp4")),
        ("", attached("a.svg", "text/plain", "image/svg+xml")),
        ("", attached("a.pdf", "application/pdf")),
        ("", attached("a.zip", "application/zip")),
        ("See the screenshot.", attached("a.txt", "text/plain", "text/plain")),
    ],
)
def test_a_picture_or_a_document_that_may_hold_one_is_media(text, part):
    assert "media" in found(text, part)


@pytest.mark.parametrize(
    "link", ["https://x.example/a.png", "https://youtu.be/abc", "![shot](a.png)", "[image: shot.png]"]
)
def test_a_link_to_a_picture_is_media(link):
    assert found(f"It is here: {link}")["media"] == f"It is here: {link}"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("See the screenshot.", ()),
        ("", (attached("a.txt", "text/plain", "text/plain"),)),
        ("", (attached("a.png.exe", "application/x-dosexec", "image/png"),)),
        ("https://x.example/a.html", ()),
    ],
)
def test_a_picture_that_is_not_there_is_no_media(text, parts):
    assert "media" not in found(text, *parts)


def test_a_quote_is_one_visible_line_of_bearable_length():
    quote = found(f"Impact\n\x1b[31mred \u202e{'x' * 5000}")["impact"]
    assert quote.startswith("\\x1b[31mred \\u202e")
    assert len(quote) == 200


LINES = [
    "Impact",
    "Steps:",
    "1. a",
    "2. b",
    "",
    "an attacker can",
    "curl x",
    "> q",
    "user: a",
    "bot: b",
    "\x1b[2J",
    "影响：读取",
]


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=60), max_size=25).map("\n".join))
def test_any_text_has_an_answer_for_every_section_that_can_be_shown(text):
    for evidence in sections_of(message(text=text)):
        assert len(evidence.quote) <= 200
        assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in evidence.quote)
        assert evidence.present is bool(evidence.quote)
