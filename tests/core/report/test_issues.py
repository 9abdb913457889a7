import pytest

from triaged.core.report.issues import count_issues

TEXT = "The profile page shows the name of its owner without escaping it."


def numbered(*headings):
    return "\n\n".join(f"{heading}\n{TEXT}" for heading in headings)


@pytest.mark.parametrize(
    ("headings", "count"),
    [
        (("Issue 1", "Issue 2"), 2),
        (("Vulnerability #1", "Vulnerability #2", "Vulnerability #3"), 3),
        (("Finding 1: stored XSS", "Finding 2: IDOR"), 2),
        (("Bug 1 - XSS", "Bug 2 - IDOR"), 2),
        (("## Issue 1: XSS", "## Issue 2: IDOR"), 2),
        (("**Issue 1:** XSS", "**Issue 2:** IDOR"), 2),
        (("[Issue 01] XSS", "[Issue 02] IDOR"), 1),
        (("[Issue 01]: XSS", "[Issue 02]: IDOR"), 2),
        (("Issue 1 of 2:", "Issue 2 of 2:"), 2),
        (("Issue No. 1:", "Issue no. 2:"), 2),
        (("Schwachstelle 1:", "Schwachstelle 2:"), 2),
        (("Faille n° 1 :", "Faille n° 2 :"), 2),
        (("Vulnerabilidad 1:", "Vulnerabilidad 2:"), 2),
        (("Уязвимость №1:", "Уязвимость №2:"), 2),
        (("漏洞1：", "漏洞2："), 2),
        (("Issue 1:", "Issue 1:"), 1),
        (("Issue 1:",), 1),
        (("Step 1:", "Step 2:"), 1),
        (("1.", "2."), 1),
        (("Issue 1.1: a", "Issue 1.2: b"), 1),
        (("Issue 10231:", "Issue 10232:"), 1),
        (("Issue 1 is the same as", "Issue 2 is not"), 1),
    ],
)
def test_issues_are_counted_by_their_numbered_headings(headings, count):
    assert count_issues(numbered(*headings)) == count


def test_headings_with_nothing_to_them_are_no_issues():
    assert count_issues("Issue 1:\nIssue 2:\nIssue 3:\n") == 1
    assert count_issues(f"Issue 1:\nIssue 2:\n{TEXT}") == 1


def test_a_table_of_contents_counts_each_issue_once():
    assert count_issues("Issue 1: XSS\nIssue 2: IDOR\n\n" + numbered("Issue 1: XSS", "Issue 2: IDOR")) == 2


@pytest.mark.parametrize("text", ["", "\n" * 200_000, "Issue 1: " * 50_000, "#" * 500_000, "Issue 1:\n" * 50_000])
def test_a_text_of_any_size_reports_at_least_one_issue(text):
    assert count_issues(text) == 1
