"""The whole way of `triaged explain` for one mutant: read, decided, answered, told, and a second time as a follow-up."""

import json
import logging
import random
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

import click

from tests.support.letters import Writer
from tests.support.mutants import Mutant
from tests.support.oracle import Explained
from tests.support.values import BORDER, HOUR, NOON, by, house, opened
from triaged.adapters.reader.reader import ChildReader
from triaged.cli.explain import _BLOCKS, _Told
from triaged.cli.shapes import explanation_shape
from triaged.composition import renderer
from triaged.config.loading import example
from triaged.core.case.case import Case
from triaged.core.case.events import Closed, Owed, Submitted
from triaged.core.case.folding import fold
from triaged.core.case.naming import case_id
from triaged.core.intake.correlate import Known
from triaged.core.intake.decision import Decision
from triaged.core.intake.incoming import Mail, Past
from triaged.core.intake.triage import triage
from triaged.core.letters.caps import Sent
from triaged.core.letters.house import House
from triaged.core.mail.message import Message
from triaged.core.mail.parsing.reading import read_message
from triaged.core.mail.sender import Trust
from triaged.core.policy.policy import Policy

KEY = b"fuzz"
INTERRUPT_AFTER = 5.0
"""Seconds of processor time after which a mutant is given up in this process."""
APART, FOLLOWED, HIJACKED = 40, 6, 7
"""One of so many mutants: through the child too; once more as a follow-up; to a stranger's case."""
STRANGER = opened(by("stranger@unique.example"))
STRANGERS = Past(Known(lambda _id: STRANGER, lambda _id: STRANGER))
"""A past in which every id is that of one stranger's case."""


class TooSlow(BaseException):
    """No Exception: nothing that is read may catch it."""


@cache
def writer() -> Writer:
    """What writes the mails."""
    return Writer(renderer(example(), KEY), example().policy)


def told(path: str, message: Message, decision: Decision, policy: Policy) -> Iterator[str]:
    """The lines of `triaged explain`."""
    whole = _Told(path, message, decision, policy)
    return (line for block in _BLOCKS for line in block(whole))


@dataclass(frozen=True)
class Product:
    """The functions that a mutant goes through."""

    read: Callable[[bytes], Message] = read_message
    decide: Callable[[Mail, House, Past, datetime], Decision] = triage
    write: Callable[..., Owed] = field(default_factory=lambda: writer().reply)
    tell: Callable[..., Iterable[str]] = told
    shape: Callable[..., dict[str, Any]] = explanation_shape


def explained(one: Mutant, index: int, product: Product, reader: ChildReader | None = None) -> Explained:
    """One mutant all the way; raises whatever the product raises, TooSlow when it takes too long."""
    dice = random.Random(index)
    ours = house(trust=Trust(BORDER)) if one.vouched or dice.random() < 0.2 else house()
    path = dice.choice(("mail.eml", "a\x1b[31m\u202e.eml"))
    peak, began = _peak(), time.process_time()
    with _interrupted():
        message = product.read(one.raw)
        decision = product.decide(Mail(message, NOON - HOUR, case_id(KEY, message.sha256)), ours, Past(), NOON)
        rest = _said(path, message, decision, product)
    seconds, growth = time.process_time() - began, _peak() - peak
    with _interrupted():
        second = product.read(one.raw)
    apart = reader.read(one.raw).message if reader and chosen(index, APART) else None
    hijack = None
    if chosen(index, HIJACKED):
        hijack = product.decide(Mail(message, NOON, "SEC-1111-1111"), ours, STRANGERS, NOON)
    return Explained(one, message, second, decision, *rest, ours, seconds, growth, apart, hijack)


def chosen(index: int, one_of: int) -> bool:
    """The same for an index, whichever worker has it."""
    return random.Random(f"{index} {one_of}").randrange(one_of) == 0


def again(found: Explained, product: Product) -> Explained:
    """The same mail in answer to our closed case of it: what goes out then is a notice, to the same rules."""
    answered = Submitted(at=NOON, message_id=found.owed.message_id, answer="250 ok")
    case = fold("SEC-0000-0000", (*filed(found).history, answered, Closed(at=NOON, by="team", reason="fixed")))
    message = replace(found.message, references=(found.owed.message_id,))
    past = Past(Known(lambda _id: case, lambda _id: case), [Sent.of(letter, verified=False) for letter in case.letters])
    decision = product.decide(Mail(message, NOON, "SEC-1111-1111"), found.house, past, NOON + HOUR)
    owed, lines, shape = _said("mail.eml", message, decision, product)
    return replace(found, decision=decision, owed=owed, told=lines, shape=shape)


def _said(
    path: str, message: Message, decision: Decision, product: Product
) -> tuple[Owed | None, tuple[str, ...], str]:
    """The answer, and the explanation as text and as JSON."""
    owed = product.write(decision.reply, NOON) if decision.reply else None
    lines = tuple(product.tell(path, message, decision, house().policy))
    return owed, lines, json.dumps(product.shape(path, message, decision), ensure_ascii=True)


def filed(found: Explained) -> Case:
    """The case that it opens."""
    return fold(found.decision.case_id, (*found.decision.events, *([found.owed] if found.owed else [])))


@contextmanager
def quiet() -> Iterator[None]:
    """Without mail-parser's own log, and without the terminal's styles: every escape that is left is a sender's."""
    style, level = click.style, logging.root.manager.disable
    click.style = lambda text, **_: str(text)
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        click.style = style
        logging.disable(level)


@contextmanager
def _interrupted() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, INTERRUPT_AFTER)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
