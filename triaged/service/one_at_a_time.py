"""The turn at the store: one thread at a time may read and write it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from triaged.ports import StateFault

Part = TypeVar("Part")

_LOOK_EVERY = 0.2
"""Seconds between a waiting thread's checks that turns have ended."""


class TurnsOver(StateFault):
    """The process is ending, and no thread may touch the store any more."""


class OneAtATime:
    """The turn, which a thread may take again while it holds it. A thread that gives it up queues behind those waiting."""

    def __init__(self) -> None:
        # The thread that waits for the turn holds the queue, so that a thread in a loop cannot overtake it.
        self._queue, self._turn = threading.Lock(), threading.Lock()
        self._holder: int | None = None
        self._over = False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Hold the turn; raises TurnsOver once turns have ended. A fault of the store ends them."""
        if self._mine:
            yield
            return
        self._take()
        try:
            yield
        except StateFault:
            self._over = True
            raise
        finally:
            self._give()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Give up the turn while waiting for something outside; raises TurnsOver if turns end meanwhile."""
        if not self._mine:
            yield
            return
        self._give()
        try:
            yield
        finally:
            self._take()

    def end(self, seconds: float) -> bool:
        """End all turns; True if the current one ended within `seconds`."""
        self._over = True
        return self._turn.acquire(timeout=seconds)

    @property
    def _mine(self) -> bool:
        return self._holder == threading.get_ident()

    def _take(self) -> None:
        with self._queue:
            while not self._turn.acquire(timeout=_LOOK_EVERY):
                if self._over:
                    raise TurnsOver
            self._holder = threading.get_ident()
        if self._over:
            self._give()
            raise TurnsOver

    def _give(self) -> None:
        if self._mine:
            self._holder = None
            self._turn.release()


class _ByTurns:
    def __init__(self, part: object, turn: OneAtATime) -> None:
        self._part, self._turn = part, turn

    def __getattr__(self, name: str) -> Callable[..., object]:
        there = getattr(self._part, name)

        def call(*arguments: object, **named: object) -> object:
            with self._turn():
                return there(*arguments, **named)

        return call


def by_turns(part: Part, turn: OneAtATime) -> Part:
    """The same part, taking a turn for each call, for a caller that waits for something outside between its calls."""
    return cast("Part", _ByTurns(part, turn))
