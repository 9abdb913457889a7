"""A round of rooms with fakes in them, and the same round with some of its parts changed."""

from dataclasses import fields, replace

from tests.support.fakes import (
    FakeClock,
    FakeDecisions,
    FakeMailbox,
    FakeReader,
    FakeSpool,
    FakeSubmission,
)
from tests.support.values import NOON, house
from triaged.composition import renderer
from triaged.config.loading import example
from triaged.service.rooms import Mailroom, Outgoing, Pageroom, Scanroom, UnderWay, WritingDesk
from triaged.service.round import Round

KEY = b"k" * 32
EXAMPLE = example()
ROOMS = ("desk", "outgoing", "scanroom", "pageroom")


def furnished(store, **parts) -> Round:
    """A round on this store; whatever `parts` does not name is a fake or as the example has it."""
    key = parts.get("key", KEY)
    kept = UnderWay(store, FakeSpool(), FakeReader(), FakeDecisions(), key, FakeClock(NOON))
    ours = house()
    desk = WritingDesk(kept, ours, renderer(EXAMPLE, key), EXAMPLE.settings.digest)
    rooms = Round(
        kept,
        (Mailroom(kept, desk, FakeMailbox()),),
        desk,
        Outgoing(kept, ours, FakeSubmission()),
        Scanroom(kept),
        Pageroom(kept),
    )
    return changed(rooms, **parts)


def changed(rooms: Round, **parts) -> Round:
    """The round with these parts in every room that has them; what is under way goes on, but for what `parts` names of it."""
    kept = replace(rooms.under_way, **_of(rooms.under_way, parts))
    new = {name: _with(getattr(rooms, name), parts, kept) for name in ROOMS}
    if "pager" in parts:
        new["desk"] = replace(new["desk"], paged=parts["pager"] is not None)
    mailrooms = tuple(replace(_with(room, parts, kept), desk=new["desk"]) for room in rooms.mailrooms)
    unknown = parts.keys() - {name for room in (kept, *new.values(), *mailrooms) for name in _of(room, parts)}
    assert not unknown, unknown
    return Round(kept, mailrooms, **new)


def _of(room, parts) -> dict:
    names = {field.name for field in fields(room)}
    return {name: part for name, part in parts.items() if name in names}


def _with(room, parts, kept):
    return replace(room, under_way=kept, **_of(room, parts))
