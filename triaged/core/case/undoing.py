"""Which events of a history count: all except the decisions that a person took back, and the events that took them back."""

from collections.abc import Sequence

from triaged.core.case.events import Event, Requeued, TeamEvent, Undone


def in_force(history: Sequence[Event]) -> tuple[Event, ...]:
    """The events that count, in order; the history object itself if nothing was taken back."""
    return tuple(history[place] for place in places_in_force(history))


def places_in_force(history: Sequence[Event]) -> tuple[int, ...]:
    """The positions in the history of the events that count."""
    places: list[int] = []
    for place, event in enumerate(history):
        if not isinstance(event, Undone):
            places.append(place)
        elif (taken := _decision(history, places, event)) is not None:
            places.remove(taken)
    return tuple(places)


def _decision(history: Sequence[Event], places: Sequence[int], undone: Undone) -> int | None:
    """The position of the decision that is taken back; None if it is missing or was taken back already."""
    return next((place for place in reversed(places) if _names(undone, history[place])), None)


def _names(undone: Undone, event: Event) -> bool:
    decided = isinstance(event, TeamEvent | Requeued)
    return decided and event.kind == undone.decision and event.at == undone.decided_at
