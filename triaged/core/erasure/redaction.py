"""A person taken out of histories, of mails to the team, and of what is noted of mails. What was found stays."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from triaged.core.case.case import Case
from triaged.core.case.events import (
    Assessed,
    Copied,
    CreditAgreed,
    Erased,
    Event,
    Failed,
    Owed,
    Received,
    TeamPurpose,
    TeamWrote,
)
from triaged.core.case.outbox import Letter, letters
from triaged.core.erasure.plan import Plan
from triaged.core.erasure.scrubbing import scrubbed
from triaged.core.erasure.words import ERASED
from triaged.core.mail.arrival import Arrival, Aside
from triaged.core.mail.sender import Sender

What = Literal["reporter", "mention", "raw-mail"]
_UNSENT = frozenset({"owed", "submitting"})
_WRITTEN_ANEW: frozenset[TeamPurpose] = frozenset({"digest", "alarm", "alert"})
"""Mails to the team that a pass writes again where there is none."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """A plan as it is carried out at an instant."""

    plan: Plan
    at: datetime
    by: str
    stand_in: str
    """The address that stands for the person from now on: the same in all of their cases, and nobody's."""

    def case(self, case: Case) -> tuple[Event, ...]:
        """The history of a case without the person, and the word that they were erased."""
        plan, history = self.plan, case.history
        at_home = case.id in plan.cases and case.hold is None
        everywhere = plan.everywhere and case.hold is None
        events = history
        if at_home or everywhere:
            events = tuple(self._event(event, at_home=at_home) for event in history)
        mails = self._gone(case)
        if events == history and not mails and not at_home:
            return history
        cancelled = self._cancelled(case.letters) if at_home else ()
        what: What = "reporter" if at_home else "mention" if everywhere else "raw-mail"
        return (*events, *cancelled, Erased(at=self.at, by=self.by, what=what, mails=mails))

    def _gone(self, case: Case) -> tuple[str, ...]:
        """Its raw mails that are erased now."""
        mails = (event.sha256 for event in case.history if isinstance(event, Received | TeamWrote | Copied))
        wanted = dict.fromkeys(each for each in mails if each in self.plan.mails)
        return tuple(each for each in wanted if case.mail_erased_at(each) is None)

    def arrival(self, arrival: Arrival) -> Arrival:
        """What is noted of a mail; its raw bytes are to be removed where it says so."""
        at_home = arrival.case_id in self.plan.cases
        gone = arrival.sha256 in self.plan.mails
        if arrival.sha256 in self.plan.kept or not (at_home or gone or self.plan.everywhere):
            return arrival
        aside = arrival.aside
        if aside and arrival.sha256 in self.plan.asides:
            aside = Aside("", ERASED, aside.sign)
        if aside and aside.sender.lower() in self.plan.words.addresses:
            aside = replace(aside, sender=self.stand_in)
        cleaned = scrubbed(replace(arrival, aside=aside), self.plan.words, at_home=at_home or gone)
        return replace(cleaned, erased_at=arrival.erased_at or self.at) if gone else cleaned

    def to_team(self, purpose: TeamPurpose, events: Sequence[Event], about: Iterable[str]) -> tuple[Event, ...]:
        """What happened to a mail to the team; nothing is left of one that was not sent and is written again by itself."""
        concerned = not self.plan.cases.isdisjoint(about)
        hit = {event.message_id for event in events if isinstance(event, Owed) and self._is_told(event, concerned)}
        if not hit:
            return scrubbed(tuple(events), self.plan.words, at_home=False) if self.plan.everywhere else tuple(events)
        box = letters(events)
        if purpose in _WRITTEN_ANEW and all(letter.state == "owed" for letter in box):
            return ()
        cleaned = scrubbed(tuple(events), self.plan.words, at_home=concerned or not self.plan.everywhere)
        blank = (
            replace(event, raw=self._blank(event)) if isinstance(event, Owed) and event.message_id in hit else event
            for event in cleaned
        )
        return (*blank, *self._cancelled(letter for letter in box if letter.message_id in hit))

    def page(self, page: str) -> str:
        """What the pager is told, as JSON."""
        if not page or not (self.plan.everywhere or any(each in page for each in self.plan.cases)):
            return page
        return json.dumps(scrubbed(json.loads(page), self.plan.words, at_home=True))

    def _is_told(self, owed: Owed, concerned: bool) -> bool:  # noqa: FBT001 - private
        """True if the bytes of a mail to the team hold the person, or speak of a case of theirs."""
        words, raw = self.plan.words, owed.raw.encode()
        if self.plan.everywhere and words.are_in(raw):
            return True
        return (concerned or any(each in owed.raw for each in self.plan.cases)) and words.are_in(raw, at_home=True)

    def _event(self, event: Event, *, at_home: bool) -> Event:
        cleaned = scrubbed(event, self.plan.words, at_home=at_home)
        match event, cleaned:
            case Received() | TeamWrote(), Received() | TeamWrote() if self._wrote(event, at_home=at_home):
                cleaned = replace(cleaned, message_id=None, sender=self._nobody(cleaned.sender))
            case CreditAgreed(), CreditAgreed() if at_home and event.name:
                return replace(cleaned, name="", where="")
            case Assessed(), Assessed():
                # The words that a text is known by stand there one by one, a name from its signature too.
                terms = () if at_home else self.plan.words.untold(event.report.terms)
                return replace(cleaned, report=replace(cleaned.report, terms=terms))
            case Owed(), Owed() if at_home:
                return replace(cleaned, raw=self._blank(event), to=tuple(map(self._recipient, event.to)))
            case _:
                pass
        if isinstance(event, Received) and isinstance(cleaned, Received) and self._is_theirs(event.passed_on_by):
            return replace(cleaned, passed_on_by=self.stand_in)
        return cleaned

    def _wrote(self, mail: Received | TeamWrote, *, at_home: bool) -> bool:
        """True if it is the person's; so is a mail of their own case whose From names no single mailbox."""
        return self._is_theirs(mail.sender.address) or (at_home and not mail.sender.address)

    def _is_theirs(self, address: str) -> bool:
        return address.lower() in self.plan.words.addresses

    def _nobody(self, sender: Sender) -> Sender:
        return replace(sender, name="", address=self.stand_in)

    def _recipient(self, address: str) -> str:
        return self.stand_in if self._is_theirs(address) else address

    def _blank(self, owed: Owed) -> str:
        """A letter of which nothing is left but that there was one."""
        fields = (f"Message-ID: <{owed.message_id}>", f"Subject: {ERASED}", "", f"Erased on {self.at:%Y-%m-%d}.", "")
        return "\r\n".join(fields)

    def _cancelled(self, box: Iterable[Letter]) -> tuple[Event, ...]:
        """A letter that has not left never will; of one in the middle of leaving nobody knows."""
        return tuple(
            Failed(
                at=self.at,
                message_id=letter.message_id,
                reason="cancelled: the person whom it names was erased",
                uncertain=letter.state == "submitting",
            )
            for letter in box
            if letter.state in _UNSENT
        )
