import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.values import by, case, message, opened, policy
from triaged.core.intake.duplicates import SURE, Duplicates, known_issues
from triaged.core.mail.message import Attachment
from triaged.core.policy.rules import KnownIssue
from triaged.core.report.reading import read_report

XSS = (
    "The dashboard stores the name of a project without escaping it, and shows it to every member of the organisation. "
    "Create a project whose name holds an image tag with an error handler, invite a second account, and open the list of "
    "projects there: the handler runs in the session of the victim and reads the token from the storage of the browser."
)
LEAK = (
    "When a document is uploaded to the assistant, white text on its last page is read as an instruction of the operator. "
    "I asked for a summary, and it answered with the whole system prompt, the names of its tools and the keys in them, "
    "which lets anybody who can send a customer a file take over the conversation and mail its content to themselves."
)
FILE = Attachment("poc.zip", "application/zip", "application/zip", 5000, "ee" * 32)
LOGO = Attachment("logo.png", "image/png", "image/png", 5000, "ff" * 32)


def named(number):
    return f"SEC-0000-{number:04d}"


def told(number, text, *, author=None, subject="", **changes):
    author = author or f"reporter{number}@x.example"
    return opened(by(author, text=text, subject=subject, **changes), case_id=named(number))


def link(one, other):
    """The grade and the evidence of two cases' link, the same from both sides."""
    index = Duplicates([one, other])
    (forth, back) = index.of(one), index.of(other)
    assert [each.grade for each in forth] == [each.grade for each in back]
    assert [each.of for each in forth] == [other.id][: len(forth)]
    return (forth[0].grade, forth[0].why) if forth else None


def test_the_same_text_of_another_reporter_is_strong():
    grade, why = link(told(1, XSS), told(2, XSS + " Thank you."))
    assert grade == "strong"
    assert why[0].startswith("nearly the same text (")


def test_other_findings_are_not_linked():
    assert link(told(1, XSS), told(2, LEAK)) is None


def test_the_same_attachment_is_strong_and_a_logo_is_nothing():
    assert link(told(1, XSS, attachments=(FILE,)), told(2, LEAK, attachments=(FILE,))) == (
        "strong",
        ("the same attachment, poc.zip",),
    )
    assert link(told(1, XSS, attachments=(LOGO,)), told(2, LEAK, attachments=(LOGO,))) is None
    tiny = replace(FILE, size=100)
    assert link(told(1, XSS, attachments=(tiny,)), told(2, LEAK, attachments=(tiny,))) is None


def test_the_same_id_is_medium_and_strong_beside_the_same_place():
    one, other = told(1, XSS + " See CVE-2024-12345."), told(2, LEAK + " It is cve-2024-12345.")
    assert link(one, other) == ("medium", ("both name CVE-2024-12345",))
    grade, why = link(
        told(1, XSS + " See CVE-2024-12345 in src/names/list.py."), told(2, LEAK + " CVE-2024-12345, ./names/list.py:7")
    )
    assert (grade, why) == ("strong", ("both name CVE-2024-12345", "both name the file names/list.py"))


def test_an_id_that_one_only_mentions_is_weak():
    one = told(1, XSS, subject="CVE-2024-1111: names are not escaped")
    other = told(2, LEAK + " It reminds of CVE-2024-1111.", subject="CVE-2024-2222: white text")
    assert link(one, other) == ("weak", ("both name CVE-2024-1111",))


def test_a_list_of_ids_links_nothing():
    ids = " ".join(f"CVE-2024-{number}" for number in range(1000, 1006))
    assert link(told(1, XSS + ids), told(2, LEAK + " CVE-2024-1003")) is None


def test_one_place_is_weak_two_kinds_of_place_are_medium():
    one = told(1, f"{XSS}\nPOST /v1/projects/17/members and the function render_members()")
    assert link(one, told(2, f"{LEAK}\nhttps://api.smallest.ai/v1/projects/99/members?x=1")) == (
        "weak",
        ("both name the endpoint /v1/projects/*/members",),
    )
    grade, why = link(one, told(2, f"{LEAK}\nGET /v1/projects/3/members, in `render_members()`"))
    assert grade == "medium"
    assert len(why) == 2


def test_a_reporter_who_tells_it_again_in_other_words_is_medium():
    one = told(1, f"{XSS}\nPOST /v1/projects/17/members", author="a@x.example")
    again = told(2, f"{LEAK}\nPOST /v1/projects/18/members", author="A@X.example")
    assert link(one, again) == ("medium", ("both name the endpoint /v1/projects/*/members", "the same reporter"))
    assert link(told(1, XSS, author="a@x.example"), told(2, LEAK, author="a@x.example")) is None


def test_the_same_title_is_weak_whatever_stands_before_it():
    title = "Stored XSS in the project list"
    assert link(told(1, XSS, subject=title), told(2, LEAK, subject=f"Fwd: [ext] {title}")) == (
        "weak",
        ("the same title",),
    )
    assert link(told(1, XSS, subject="Security issue"), told(2, LEAK, subject="Security issue")) is None


def test_a_place_that_very_many_name_links_nothing():
    cases = [told(number, f"Finding {number} is in POST /v1/projects/members.") for number in range(12)]
    assert [each.grade for each in Duplicates(cases[:5]).of(cases[0])] == ["weak"] * 4
    assert Duplicates(cases).of(cases[0]) == ()


def test_a_flood_of_one_text_is_linked_to_the_first_of_it_and_not_to_all():
    cases = [told(number, XSS) for number in range(60)]
    found = Duplicates(cases).of(cases[-1])
    assert [each.of for each in found] == [named(number) for number in range(10)]
    assert {each.grade for each in found} == {"strong"}


def test_asked_about_few_the_index_finds_the_same():
    cases = [told(1, XSS), told(2, XSS), told(3, LEAK)]
    assert Duplicates(cases, cases[:1]).of(cases[0]) == Duplicates(cases).of(cases[0]) != ()


def test_a_case_that_could_not_be_read_is_compared_by_its_files():
    assert Duplicates([case()]).of(case()) == ()


def test_both_reporters_are_acknowledged_alike():
    first, second = told(1, XSS), told(2, XSS)
    assert link(first, second)
    assert [letter.state for letter in second.letters] == [letter.state for letter in first.letters] == ["owed"]
    assert (second.state, second.duplicate_of) == ("new", None)


KNOWN = KnownIssue(
    id="KI-1",
    title="The login page tells who has an account",
    accepted_risk="decided in 2026",
    cve=("CVE-2025-1000",),
    endpoints=("POST /login",),
    functions=("check_user",),
    phrases=("who has an account",),
)


@pytest.mark.parametrize(
    ("text", "grade", "why"),
    [
        (f"{XSS} CVE-2025-1000", "medium", ("it names CVE-2025-1000",)),
        (f"{XSS}\nPOST /login", "weak", ("it names the endpoint /login",)),
        (
            f"{XSS}\nPOST /login calls check_user()",
            "medium",
            ("it names the endpoint /login", "it names the function check_user"),
        ),
        (f"{XSS}\nPOST /login and CVE-2025-1000", "strong", ("it names CVE-2025-1000", "it names the endpoint /login")),
    ],
)
def test_a_known_issue_is_known_by_what_the_report_names(text, grade, why):
    (found,) = known_issues(read_report(message(text=text), policy()), [KNOWN])
    assert (found.of, found.grade, found.why) == ("KI-1", grade, why)


def test_the_home_page_is_no_place_that_a_known_issue_is_known_by():
    home = KnownIssue(id="KI-2", title="a", fixed_in="1", endpoints=("GET /",))
    assert known_issues(read_report(message(text="GET / of https://smallest.ai/ is slow"), policy()), [home]) == ()


def test_a_known_issue_is_known_by_its_words_when_the_mail_is_read():
    ours = policy().model_copy(update={"known_issues": (KNOWN,)})
    text = "The answer of the page tells who has an account there."
    (found,) = known_issues(read_report(message(text=text), ours), [KNOWN])
    assert found.grade == "medium"
    assert "who has an account" in found.why[0]
    assert known_issues(read_report(message(text=text), policy()), [KNOWN]) == ()


@pytest.mark.skipif("TRIAGED_DATA" not in os.environ, reason="needs $TRIAGED_DATA/scope-dev.jsonl")
def test_reports_of_different_things_are_hardly_ever_linked():
    """Of 470,000 pairs of real texts: those that are graded medium or strong share an id, a template or a text."""
    text = (Path(os.environ["TRIAGED_DATA"]) / "scope-dev.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.split("\n") if line]
    # Templates and form letters are the same text many times over.
    rows = [row for row in rows if not row["source"].startswith(("bugcrowd/templates", "datenanfragen"))]
    cases = []
    for number, row in enumerate(rows):
        report = read_report(by(f"{number}@x.example", subject=row["title"], text=row["text"]), policy())
        bare = told(number, "", subject=row["title"])
        cases.append(replace(bare, report=report))
    index = Duplicates(cases)
    pairs = {frozenset((each.id, found.of)) for each in cases for found in index.of(each) if found.grade in SURE}
    related = {frozenset((each.id, found.of)) for each in cases for found in index.of(each) if _is_related(found.why)}
    assert len(pairs) > 15
    assert len(pairs - related) <= 8


def _is_related(why):
    return any(words.startswith(("both name CVE-", "nearly the same text")) for words in why)


def alike_in(one, other):
    found = Duplicates([one, other]).of(one)
    return next(((each.grade, each.why[0]) for each in found if each.grade != "similar"), None)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (
            "smallestai.cache.load_entry() unpickles",
            "the function load_entry() trusts",
            "both name the function load_entry",
        ),
        ("GET /v1/billing/invoices/17/pdf", "GET /invoices/abcd/pdf?x", None),
        ("GET /v1/billing/invoices/17/pdf", "POST /invoices/18/pdf", "both name the endpoint /invoices/*/pdf"),
        (
            "GET /mobile/v1/sessions",
            "POST https://a.example/api/mobile/v1/sessions",
            "both name the endpoint /mobile/v1/sessions",
        ),
        ("agent agt_8f3k2q91 answers", "I used agt_8f3k2q91 for it", "both name agt_8f3k2q91"),
    ],
)
def test_a_place_is_known_with_and_without_what_stands_before_it(one, other, why):
    assert alike_in(told(1, f"{XSS}\n{one}"), told(2, f"{LEAK}\n{other}")) == (why and ("weak", why))


FORM = (
    "Dear security team, I am an independent researcher and report this in good faith under your policy. I did not touch data "
    "of other people and deleted all that I had made for the test. Please confirm that you received my mail and tell me when "
    "you expect a fix, so that we can agree on a day of publication. I wish to be named in your hall of fame as shown below. "
)


def test_a_form_that_two_flaws_are_told_in_is_weak_at_most():
    one = told(1, f"{FORM}{FORM[:200]} There is stored XSS in the project list.", subject="XSS in projects")
    other = told(2, f"{FORM}{FORM[:200]} SQL injection by the sort column.", subject="Injection in sorting")
    assert alike_in(one, other)[0] == "weak"
    one = told(1, f"{FORM} POST /v1/projects/17/members has a fault.", subject="Members")
    other = told(2, f"{FORM} GET /v1/invoices/1/items has a fault.", subject="Items of invoices")
    assert alike_in(one, other)[0] == "weak"


def test_two_places_with_another_flaw_are_weak():
    where = "\nPOST /v1/projects/17/members and the function render_members()"
    one, other = told(1, f"Stored XSS: {XSS}{where}"), told(2, f"SQL injection in the order of rows.{where}")
    assert alike_in(one, other)[0] == "weak"
    assert alike_in(one, told(3, f"Cross-site scripting by a picture.{where}"))[0] == "medium"
