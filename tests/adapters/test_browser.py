"""Every HTML mail in a real browser: in a wide and in a narrow window, light and dark."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.browser import Shown, Text, browser, program
from tests.support.pages import PAGES
from triaged.resources import resource

pytestmark = pytest.mark.slow

AA = 4.5
"""The least contrast of text, WCAG 2.2 success criterion 1.4.3."""
WIDTHS = (600, 360)
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\.\w+")
_PLACE = re.compile(r"(?:\w+://)?(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)


@pytest.fixture(scope="module")
def chromium():
    program()
    with browser() as opened:
        yield opened


@pytest.fixture
def show(chromium, tmp_path):
    def shown(html: str, *, width: int = 600, dark: bool = False) -> Shown:
        page = tmp_path / "page.html"
        page.write_text(html, encoding="utf-8")
        return chromium.show(page, width=width, dark=dark)

    return shown


def luminance(colour: tuple[float, ...]) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    shares = (part / 255 for part in colour)
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(text: Text) -> float:
    dark, light = sorted((luminance(text.ink), luminance(text.paper)))
    return (light + 0.05) / (dark + 0.05)


def faint(shown: Shown) -> list[Text]:
    return [text for text in shown.texts if contrast(text) < AA]


def lies(shown: Shown) -> list[tuple[str, str]]:
    """The links that lead elsewhere than they say, or that a mail should not have."""
    return [(words, target) for words, target in shown.links if not honest(words, target)]


def honest(words: str, target: str) -> bool:
    if target.startswith("mailto:"):
        named = _ADDRESS.findall(words)
        return bool(words) and named in ([], [target.removeprefix("mailto:").partition("?")[0]])
    named = _PLACE.findall(words)
    if "://" in words:
        return words == target
    return bool(words) and target.startswith("https://") and all(place == urlsplit(target).netloc for place in named)


def test_every_template_of_html_is_shown_here():
    templates = {path.name for path in Path(resource("templates")).glob("*.html.j2")}
    assert {template for template, _ in PAGES} == templates


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_a_mail_fits_its_window_is_legible_and_its_links_are_what_they_say(show, page, width, dark):
    shown = show(PAGES[page](), width=width, dark=dark)
    assert len(shown.texts) > 5
    assert shown.too_wide == ()
    assert faint(shown) == []
    assert {luminance(text.paper) < 0.5 for text in shown.texts} == {dark}
    assert lies(shown) == []
    assert shown.requests == ()


# What the browser finds in pages that are wrong on purpose.


def test_what_sticks_out_or_is_cut_off_is_found(show):
    wide = '<!doctype html><body style="margin:0"><p>words</p><div style="width:500px">wide</div>'
    assert show(wide, width=600).too_wide == ()
    assert show(wide, width=360).too_wide == ("<div> wide", "the page, 500 px")
    long = f"<!doctype html><p>{'W' * 200}"
    assert any(each.startswith("text W") for each in show(long).too_wide)
    cut = f'<!doctype html><div style="overflow:hidden;width:100px">{"W" * 50}</div>'
    assert any(each.startswith("cut off: <div>") for each in show(cut).too_wide)
    assert show('<!doctype html><div style="display:none;width:5000px">words</div>').too_wide == ()


def test_contrast_is_that_of_what_is_shown(show):
    page = (
        "<!doctype html><style>:root { color-scheme: light dark } @media (prefers-color-scheme: dark) "
        "{ .ground { background: #000 } }</style>"
        '<body style="background:#fff"><div class="ground"><p style="color:#222">words</p>'
        '<p style="color:#000;opacity:.4">faded</p></div>'
    )
    light, dark = (faint(show(page, dark=dark)) for dark in (False, True))
    assert [text.words for text in light] == ["faded"]
    assert [text.words for text in dark] == ["words", "faded"]
    (black,) = show('<!doctype html><body style="background:#fff;color:#000">words').texts
    assert contrast(black) == pytest.approx(21)


def test_a_link_that_leads_elsewhere_and_a_request_are_found(show):
    shown = show(
        '<!doctype html><a href="https://a.example/x">https://a.example/x</a> <a href="https://a.example/">a.example</a> '
        '<a href="mailto:a@a.example">a@a.example</a> <a href="https://a.example/">read it</a>'
    )
    assert lies(shown) == []
    assert len(shown.links) == 4
    lying = (
        '<!doctype html><a href="https://b.example/">https://a.example/</a><a href="https://a.example.b.example/">a.example</a>'
        '<a href="mailto:b@a.example">a@a.example</a><a href="javascript:alert(1)">read it</a><a href="https://a.example/"></a>'
    )
    assert len(lies(show(lying))) == 5
    assert len(show('<!doctype html>words<img src="http://127.0.0.1:9/a.png">').requests) == 1
