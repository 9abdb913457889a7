"""Every HTML mail that we send, by its template: in its usual shape, with nothing in it, and with words made to burst it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, timedelta

from tests.support.letters import digest_words
from tests.support.month import parts
from tests.support.values import HOUR, NOON, opened, policy, received
from triaged.adapters.letters.render import JinjaRenderer
from triaged.config.loading import example
from triaged.core.case.case import Case
from triaged.core.case.events import Assessed, OwnerSet
from triaged.core.case.folding import fold
from triaged.core.case.owner import ToTeam
from triaged.core.team import drafts
from triaged.core.team.alerts import Manner, Told, alert
from triaged.core.team.digest import Health, Inputs, digest

_WELL = Health(NOON, (), 0, None, "1.0")
_ILL = replace(_WELL, problems=("the disk is full: " + "/var/lib/triaged" * 20,), owed=1, oldest_owed_at=NOON)
_BURSTING = (
    "W" * 300,
    "https://a.example/" + "path/" * 60,
    "版" * 200,
    "ש" * 200,
    "a b " * 80,
    "<b>&amp;" * 40,
)


def _page(*cases: Case, health: Health = _WELL, weekly: bool = False, organization: str = "Smallest.AI") -> str:
    rules = policy()
    composed = digest(Inputs(cases, (), {}, health, NOON - 24 * HOUR, weekly), rules, NOON, date(2026, 11, 23), UTC)
    identity = example().settings.identity.model_copy(update={"organization": organization})
    renderer = JinjaRenderer(identity, rules, bytes(32), answers=True)
    return digest_words(renderer, composed).html


def _alert_page(*cases: Case, organization: str = "Smallest.AI") -> str:
    rules = policy()
    identity = example().settings.identity.model_copy(update={"organization": organization})
    found = alert(cases, Told(), rules, Manner(UTC), NOON + timedelta(days=30))
    assert found is not None
    draft = drafts.alert(found, ToTeam("alert", "000001"), ("team@smallest.ai",), NOON)
    return JinjaRenderer(identity, rules, bytes(32), answers=True).words(draft).html


def _bursting() -> list[Case]:
    at = NOON - timedelta(days=9)
    return [
        fold(
            f"SEC-2222-{number + 2222}",
            (
                received(at=at, received_at=at, subject=words),
                Assessed(at=at, report=opened().report),
                OwnerSet(at=at, by="bo", owner=words[:200]),
            ),
        )
        for number, words in enumerate(_BURSTING)
    ]


PAGES: dict[tuple[str, str], Callable[[], str]] = {
    ("digest.html.j2", "month"): lambda: parts()[2],
    ("digest.html.j2", "quiet"): _page,
    ("digest.html.j2", "bursting"): lambda: _page(*_bursting(), health=_ILL, weekly=True, organization="W" * 200),
    ("alert.html.j2", "usual"): lambda: _alert_page(opened()),
    ("alert.html.j2", "bursting"): lambda: _alert_page(*_bursting(), organization="W" * 200),
}
