"""What an erasure does, before it is done: as lines for a person, and as JSON."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from triaged.adapters.disk.spool import FileSpool
from triaged.adapters.disk.state_dir import has_key, secret_key
from triaged.adapters.store.restoring import DRAFT
from triaged.cli.shapes import Json, instant
from triaged.cli.state import read_store
from triaged.composition import archive_of
from triaged.config.loading import Loaded
from triaged.core.erasure.plan import Plan
from triaged.core.mail.arrival import Arrival
from triaged.core.plural import counted
from triaged.core.text import defanged
from triaged.ports import Touched
from triaged.service.erasing import Archive, redaction


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would change."""

    plan: Plan
    touched: Touched
    mails: tuple[Arrival, ...]
    """The raw mails that go, each with the places where a copy may lie."""
    beside: tuple[Path, ...] = ()
    """Whole stores beside this one, which a restore left there."""


def preview(loaded: Loaded, planned: Callable[[Archive], Plan]) -> Preview:
    """Make a plan on what is kept now, and look what it would change; nothing is written."""
    state_dir = loaded.settings.state_dir
    with read_store(state_dir) as store:
        archive = archive_of(loaded, store, FileSpool(state_dir / "spool"), _key(state_dir))
        plan = planned(archive)
        touched = store.would_erase(redaction(archive, plan, ""))
        mails = tuple(each for sha256 in touched.mails if (each := store.arrival(sha256)))
    beside = (*state_dir.glob("before-restore-*"), *state_dir.glob(DRAFT))
    return Preview(plan, touched, mails, tuple(sorted(beside)))


def _key(state_dir: Path) -> bytes:
    return secret_key(state_dir) if has_key(state_dir) else b""


def lines(found: Preview, *, done: bool) -> Iterator[str]:
    """All of it for a person."""
    touched, plan = found.touched, found.plan
    said = "erased" if done else "would be erased"
    yield f"{counted(len(touched.cases), 'reporter')} and {counted(len(touched.mails), 'raw mail')} {said}"
    yield from _named("cases that lose their reporter", touched.cases)
    yield from _named("cases that only mention them", touched.mentions)
    if touched.letters:
        yield f"  {counted(touched.letters, 'letter')} not sent yet: cancelled"
    if touched.to_team:
        yield f"  {counted(touched.to_team, 'mail')} to the team: their words go; the team's own mailboxes keep them"
    yield from _named("on hold, and left as they are", sorted(plan.held))
    yield from _named(
        "other cases of the same person, left as they are (erase the address to reach them)", plan.elsewhere
    )
    yield from (f"remove {each}, which may still hold them: a restore left it" for each in found.beside)
    if found.mails:
        yield "remove the copies yourself, on the server and in its backups:"
        yield from (f"  {_copy(arrival)}" for arrival in found.mails)


def _named(what: str, ids: tuple[str, ...] | list[str]) -> Iterator[str]:
    if ids:
        yield f"  {what}: {', '.join(ids)}"


def _copy(arrival: Arrival) -> str:
    """Where it lies on the server, in words that do not name its author."""
    came = f"{instant(arrival.received_at)}, {counted(arrival.size, 'byte')}, sha256 {arrival.sha256[:12]}"
    if not arrival.places:
        return f"{came}: the server had it no more when it was taken in"
    place = arrival.places[-1]
    return f"{came}: folder {defanged(place.folder, 100)}, UID {place.uid} (UIDVALIDITY {place.uidvalidity})"


def shape(found: Preview, *, done: bool) -> Json:
    """All of it as JSON."""
    touched, plan = found.touched, found.plan
    return {
        "done": done,
        "cases": list(touched.cases),
        "mentions": list(touched.mentions),
        "held": sorted(plan.held),
        "elsewhere": list(plan.elsewhere),
        "letters_cancelled": touched.letters,
        "team_mails": touched.to_team,
        "beside": [str(each) for each in found.beside],
        "mails": [_mail_shape(arrival) for arrival in found.mails],
    }


def _mail_shape(arrival: Arrival) -> Json:
    places = [
        {"mailbox": each.mailbox, "folder": each.folder, "uidvalidity": each.uidvalidity, "uid": each.uid}
        for each in arrival.places
    ]
    return {
        "sha256": arrival.sha256,
        "case": arrival.case_id,
        "received_at": instant(arrival.received_at),
        "size": arrival.size,
        "places": places,
    }
