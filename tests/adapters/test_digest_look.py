"""How the digest looks: its length, its weight, and whether everybody can read it."""

import re
from dataclasses import replace
from datetime import UTC, date, timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.letters import digest_words
from tests.support.month import LAWFUL, NOW, cases, month, parts
from tests.support.values import HOUR, NOON, case, opened, policy, received
from triaged.adapters.letters.render import JinjaRenderer
from triaged.config.loading import example
from triaged.core.case.events import Assessed
from triaged.core.case.folding import fold
from triaged.core.commands.answer import read_answer
from triaged.core.commands.reading import Order
from triaged.core.team.digest import Health, Inputs, digest

WELL = Health(NOON, (), 0, None, "1.0")
WRITER = JinjaRenderer(example().settings.identity, policy(), bytes(32), answers=True)
TODAY = date(2026, 11, 23)
AA = 4.5
"""The least contrast of text, WCAG 2.2 success criterion 1.4.3."""
VOID = {"meta", "br"}


def written(*some, now=NOON, rules=None, health=WELL, weekly=False):
    composed = digest(Inputs(some, (), {}, health, now - 24 * HOUR, weekly), rules or policy(), now, TODAY, UTC)
    return digest_words(WRITER, composed)


def numbered(count, at=NOON - timedelta(days=9)):
    history = (received(at=at, received_at=at), Assessed(at=at, report=opened().report))
    return [fold(f"SEC-{number // 10_000:04d}-{number % 10_000:04d}", history) for number in range(count)]


# Nothing overdue is lost.


@pytest.mark.parametrize("count", [11, 1_000])
def test_whatever_is_overdue_is_named_in_both_parts(count):
    some = numbered(count)
    _, text, html = written(*some)
    for part in (text, html):
        assert {each.id for each in some} <= set(re.findall(r"SEC-\d{4}-\d{4}", part))
        assert f"and {count - 10} more:" in part


@given(st.lists(st.integers(0, 400), max_size=25))
def test_whatever_is_overdue_is_named_in_both_parts_among_what_is_not(hours):
    some = [
        fold(f"SEC-0000-{number:04d}", (received(received_at=NOON - hour * HOUR),)) for number, hour in enumerate(hours)
    ]
    _, text, html = written(*some)
    late = {each.id for each, hour in zip(some, hours, strict=True) if hour > 48}
    assert late <= set(re.findall(r"SEC-0000-\d{4}", text))
    assert late <= set(re.findall(r"SEC-0000-\d{4}", html))


# It is short, and light.


def test_ten_open_cases_take_one_screen():
    some = [each for each in cases() if each.closed_at is None][-10:]
    _, text, _ = written(*some, now=NOW, rules=LAWFUL)
    assert len(text.splitlines()) <= 60
    assert max(map(len, text.splitlines())) <= 130


@pytest.mark.parametrize("weekly", [False, True])
def test_a_thousand_cases_weigh_less_than_mail_clients_cut_off(weekly):
    asked = numbered(500) + [replace(each, id=f"SEC-1{each.id[5:]}") for each in numbered(500, NOON - HOUR)]
    _, text, html = written(*asked, weekly=weekly)
    assert len(html.encode()) < 100_000
    assert len(text.splitlines()) < 300
    assert "and 490 more:" in html
    assert "and 495 more:" in html


def test_ten_thousand_overdue_ones_are_all_in_the_text_and_the_page_says_how_many_it_leaves_out():
    _, text, html = written(*numbered(10_000))
    assert len(set(re.findall(r"SEC-\d{4}-\d{4}", text))) == 10_000
    assert len(html.encode()) < 102_400
    assert re.search(r"and \d+ more</div>", html)


def test_thousands_overdue_and_thousands_new_share_what_a_page_has_room_for():
    new = [replace(each, id=f"SEC-1{each.id[5:]}") for each in numbered(4_000, NOON - HOUR)]
    _, text, html = written(*numbered(4_000), *new)
    assert len(set(re.findall(r"SEC-\d{4}-\d{4}", text))) == 8_000
    assert len(html.encode()) < 102_400


# Everybody can read it.


class Page(HTMLParser):
    """What is shown: each text with its colours, as a light or a dark scheme gives them."""

    def __init__(self, html, *, dark):
        super().__init__()
        rules = re.findall(r"\.(\w+) \{ ([^}]+) \}", html) if dark else []
        self.scheme = {name: dict(re.findall(r"([\w-]+): (#\w{6})", body)) for name, body in rules}
        self.open = [("", "", "")]
        self.texts = []
        self.loads = []
        self.links = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.loads += [name for name in named if name in {"src", "href", "background", "srcset"}]
        if named.get("href", "").startswith("mailto:"):
            self.loads.remove("href")
            self.links.append(named["href"])
        style = dict(re.findall(r"([\w-]+):([^;]+)", named.get("style", "")))
        _, ink, paper = self.open[-1]
        ink, paper = style.get("color", ink), style.get("background", paper)
        for name in named.get("class", "").split():
            ink = self.scheme.get(name, {}).get("color", ink)
            paper = self.scheme.get(name, {}).get("background", paper)
        if tag not in VOID:
            self.open.append((tag, ink, paper))

    def handle_endtag(self, tag):
        assert self.open[-1][0] == tag, (self.open[-1], tag, self.getpos())
        self.open.pop()

    def handle_data(self, data):
        tag, ink, paper = self.open[-1]
        if data.strip() and tag not in {"style", "title"}:
            self.texts.append((data.strip(), ink, paper))


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    parts_ = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts_)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink, paper):
    dark, light = sorted((luminance(ink), luminance(paper)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_reckoned_as_the_standard_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


IN_TROUBLE = replace(WELL, problems=("the disk is full",), owed=1, oldest_owed_at=NOON)
PAGES = {
    "month": lambda: parts()[2],
    "quiet": lambda: written()[2],
    "trouble": lambda: written(*numbered(30), case(), health=IN_TROUBLE)[2],
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_its_ground_in_both_schemes(name, dark):
    page = Page(PAGES[name](), dark=dark)
    assert len(page.texts) > 7
    for text, ink, paper in page.texts:
        assert contrast(ink, paper) >= AA, (text, ink, paper)
    grounds = {paper for _, _, paper in page.texts}
    assert all((luminance(ground) < 0.5) == dark for ground in grounds), grounds


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing_and_says_its_language(name):
    html = PAGES[name]()
    assert Page(html, dark=False).loads == []
    assert not re.search(r"url\(|@import|<script|<link|<img", html)
    assert '<html lang="en">' in html
    assert html.lstrip().startswith("<!doctype html>")


def test_tables_that_hold_figures_name_their_columns_and_the_others_are_for_layout():
    html = parts()[2]
    assert html.count("<th ") == html.count("<th scope=") > 10
    assert len(re.findall(r"<table (?!role=)", html)) == 4


def test_the_preheader_is_the_first_thing_to_do():
    html = parts()[2]
    (shown,) = re.findall(r'<div class="word" style="display:none[^>]+>(.*?)</div>', html)
    assert shown.startswith("First: said to be exploited: ")
    assert "Nothing is due and nothing is new; 0 open" in written()[2]


def test_a_bar_is_as_long_as_its_figure_and_the_figure_stands_beside_it():
    html = parts()[2]
    bars = re.findall(r">(\d+)<table role=\"presentation\" width=\"(\d+)%\"", html)
    most = max(int(figure) for figure, _ in bars)
    assert len(bars) > 15
    for figure, width in bars:
        assert int(width) == max(100 * int(figure) // most, 4)


# The text is whole by itself.


def test_what_the_page_says_the_text_says():
    _, text, html = parts()
    said = " ".join(text.split()).lower()
    shown = Page(html, dark=False)
    for each, _, _ in shown.texts:
        words = " ".join(each.split()).lower().strip(" ·;:.")
        if (
            len(words) > 12
            and "in grey" not in words
            and not words.startswith(("first:", "to read", "once", "one person"))
        ):
            assert words in said or words in {"kept and not answered, because", "triaged digest --owner name"}, words


def test_no_clock_but_the_date_and_due_times_is_in_it():
    one, other = (written(case(), now=NOON + timedelta(seconds=seconds)) for seconds in (0, 29))
    assert one == other


# What is tapped on sends what is shown.


def test_every_line_on_a_case_has_a_link_that_writes_its_command():
    composed, (_, _, html) = month(), parts()
    links = [mailto.partition("?") for mailto in Page(html, dark=False).links]
    items = [item for section in composed.sections for item in section.items if item.case_id]
    assert len(links) == len(items) > 10
    for (to, _, query), item in zip(links, items, strict=True):
        fields = parse_qs(query, strict_parsing=True)
        assert to == "mailto:security@smallest.ai"
        (said,) = read_answer(fields["body"][0])
        assert isinstance(said.read, Order)
        assert said.read.cases == (item.case_id,)
        assert item.command in {f"triaged case {said.line}", f"triaged show {item.case_id}"}
        assert re.fullmatch(r"Re: \[triaged\] .+ \(triaged [0-9a-z]{24}\)", fields["subject"][0])


def test_a_link_holds_nothing_that_a_sender_wrote():
    at = NOON - timedelta(days=9)
    evil = fold("SEC-2222-2222", (received(at=at, received_at=at, subject="evil&body=SEC-0 close?cc=evil@x.example"),))
    links = Page(written(evil)[2], dark=False).links
    assert links
    assert not any("evil" in link for link in links)


def test_without_a_border_nothing_asks_for_an_answer():
    plain = JinjaRenderer(example().settings.identity, policy(), bytes(32))
    _, text, html = digest_words(plain, month())
    assert "mailto:" not in html
    assert "by mail" not in text + html
