"""Drafts to finished mails: jinja2 renders the words, `mail_bytes` makes the bytes. The draft alone says what to write.

A mail to a reporter holds nothing that a sender wrote. Each finished mail is parsed again and compared with the intended fields
before it is owed.
"""

import email.utils
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from triaged.adapters.letters import samples
from triaged.adapters.letters.mail_bytes import (
    encoded,
    joined,
    mailbox,
    multipart,
    text_fields,
    thread_fields,
    verify,
    wrapped,
)
from triaged.adapters.letters.templates import Templates
from triaged.config.settings import Identity, PublicKey
from triaged.core.case.events import Owed
from triaged.core.case.naming import message_id
from triaged.core.case.relayed import bare
from triaged.core.letters.draft import Draft, Facts
from triaged.core.plural import counted
from triaged.core.policy.policy import Policy
from triaged.core.team.links import mailto, subject_with
from triaged.ports import Unwritten


class Words(NamedTuple):
    """The part of a mail that a person reads."""

    subject: str
    text: str
    html: str
    """Empty if the mail has a text part only."""


class JinjaRenderer:
    """`ports.Renderer` with the team's own templates first and the shipped ones for the rest."""

    def __init__(
        self,
        identity: Identity,
        policy: Policy,
        key: bytes,
        *,
        envelope_from: str = "",
        overrides: Path | None = None,
        answers: bool = False,
    ) -> None:
        """With `answers` the team may act by answering, and mail to the team says how."""
        self._identity = identity
        self._policy = policy
        self._key = key
        self._envelope_from = envelope_from
        self._answers = answers
        filters: dict[str, Callable[..., str]] = {
            "size": _size,
            "when": self._when,
            "clock": _clock,
            "counted": counted,
            "mailto": mailto,
        }
        self._templates = Templates(overrides, filters)
        self._for_all: Facts = {
            "identity": identity,
            "policy": policy,
            "organization": identity.organization,
            "our_key": our_key(identity, policy),
        }

    def finished(self, draft: Draft, now: datetime) -> Owed:
        """Write the mail; also raises Unwritten if the finished bytes hold a field that was not intended."""
        if draft.encrypt_to is not None:
            raise Unwritten(f"the {draft.purpose} of {draft.owner} must be encrypted, and no letter can be yet")
        own_id = self._id(draft)
        content, body = _content(draft, self.words(draft), own_id)
        header = [*self._header(draft, own_id, now), *content]
        raw = joined(header, body)
        if draft.to_reporter:
            _verified(draft, raw, [name for name, _ in header])
        return Owed(
            at=now,
            purpose=draft.purpose,
            message_id=own_id,
            envelope_from=self._envelope_from if draft.to_reporter else self._identity.address,
            to=draft.to,
            raw=raw,
            expires_at=draft.expires_at,
        )

    def words(self, draft: Draft) -> Words:
        """The words of the mail; raises Unwritten for a faulty template, as `finished` does."""
        try:
            text, html = self._bodies(draft, draft.facts, shipped=False)
        except Unwritten as fault:
            if draft.at_fault is None:
                raise
            why = f"your template is at fault, so the shipped one wrote this mail: {fault}"
            text, html = self._bodies(draft, draft.at_fault(why), shipped=True)
        return Words(draft.subject, wrapped(text) if draft.flowing else text, html)

    def proof(self) -> None:
        """Render every mail with sample facts; Unwritten names the file and line of a faulty template."""
        for draft in samples.drafts(self._policy):
            self._bodies(draft, draft.facts, shipped=False)

    def _id(self, draft: Draft) -> str:
        return message_id(self._key, draft.key, self._identity.address.rpartition("@")[2])

    def _bodies(self, draft: Draft, facts: Facts, *, shipped: bool) -> tuple[str, str]:
        write = self._templates.shipped_text if shipped else self._templates.text
        subject = subject_with(bare(self._id(draft)), draft.subject) if self._answers else ""
        known = {**self._for_all, "answer_subject": subject, **facts}
        text = write(f"{draft.template}.txt.j2", known)
        return text, write(f"{draft.template}.html.j2", known) if draft.html else ""

    def _header(self, draft: Draft, own_id: str, now: datetime) -> list[tuple[str, str]]:
        name = self._identity.name if draft.to_reporter else f"{self._identity.name} triage"
        return [
            ("From", mailbox(name, self._identity.address)),
            ("To", ",\r\n ".join(draft.to)),
            ("Subject", draft.subject),
            ("Date", email.utils.format_datetime(now)),
            ("Message-ID", f"<{own_id}>"),
            *thread_fields(draft.in_reply_to),
            *draft.fields,
            ("MIME-Version", "1.0"),
        ]

    def _when(self, at: datetime) -> str:
        """An instant as date and time in the policy's zone, with the zone's name."""
        local = at.astimezone(self._policy.calendar.timezone)
        return f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}"


def our_key(identity: Identity, policy: Policy) -> PublicKey | None:
    """The PGP key of the settings, else the key that the policy names by its address alone."""
    if identity.key or not policy.key_url:
        return identity.key
    return PublicKey.model_construct(url=policy.key_url)


def _content(draft: Draft, words: Words, own_id: str) -> tuple[list[tuple[str, str]], str]:
    """The fields that describe the body, and the body: text, or text and HTML, with any attachments."""
    content, body = text_fields(words.text, "plain"), encoded(words.text)
    unique = own_id.partition("@")[0]
    if words.html:
        bodies = (joined(content, body), joined(text_fields(words.html, "html"), encoded(words.html)))
        content, body = multipart("alternative", f"=_a{unique}", bodies)
    if draft.calendar:
        content, body = multipart("mixed", f"=_m{unique}", (joined(content, body), _calendar_part(draft.calendar)))
    return content, body


def _verified(draft: Draft, raw: str, fields: list[str]) -> None:
    try:
        verify(raw, fields, draft.to)
    except ValueError as error:
        raise Unwritten(f"the mail on {draft.owner} is not what it must be: {error}") from error


def _calendar_part(calendar: str) -> str:
    text = calendar.replace("\r\n", "\n")
    disposition = ("Content-Disposition", 'attachment; filename="deadlines.ics"')
    return joined([*text_fields(text, "calendar"), disposition], encoded(text))


def _size(octets: int) -> str:
    for factor, unit in ((1_000_000, "MB"), (1000, "kB")):
        if octets >= factor:
            return f"{octets / factor:.1f} {unit}"
    return counted(octets, "byte")


def _clock(at: datetime | None, zone: Any = None) -> str:  # noqa: ANN401 - a tzinfo from the template
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}" if at else "never"
