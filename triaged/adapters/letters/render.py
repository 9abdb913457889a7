"""Decisions to finished mails: jinja2 for the words, `mail_bytes` for the rest.

No sender's word is in a mail to a reporter, and its header is compared with the exact list of fields before it may be owed.
"""

import email.header
import email.utils
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

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
from triaged.adapters.letters.templates import Facts, Templates
from triaged.config.settings import Identity
from triaged.core.case.events import Owed, Purpose
from triaged.core.case.naming import message_id
from triaged.core.letters.reply import Reply, Update, Variant
from triaged.core.plural import counted
from triaged.core.policy.policy import Policy
from triaged.core.policy.spans import at_most, written
from triaged.core.team.alerts import Alert
from triaged.core.team.digest import Digest
from triaged.core.team.weekly import COLUMNS
from triaged.ports import Unwritten

_DIGEST = ("digest.txt.j2", "digest.html.j2")
_TEAM_TRIED_FOR = timedelta(hours=24)
_LEAST_TRIED_FOR = timedelta(hours=4)
_SUBJECTS: dict[Purpose, str] = {
    "acknowledgment": "We received your report",
    "notice": "We received your answer",
    "update": "Your report is still open",
}


class JinjaRenderer:
    """Implements `ports.Renderer` with templates from a folder of the team's, then from those that the product ships."""

    def __init__(
        self,
        identity: Identity,
        policy: Policy,
        key: bytes,
        *,
        digest_to: Sequence[str],
        envelope_from: str = "",
        overrides: Path | None = None,
    ) -> None:
        self._identity = identity
        self._policy = policy
        self._key = key
        self._digest_to = tuple(digest_to)
        self._envelope_from = envelope_from
        self._templates = Templates(overrides, {"size": _size, "when": self._when, "clock": _clock, "counted": counted})

    def reply(self, reply: Reply, now: datetime) -> Owed:
        """As the port says; Unwritten too should the finished bytes not be exactly what they must be."""
        purpose: Purpose = "notice" if reply.variant == "reopened" else "acknowledgment"
        # One acknowledgment a case; a notice for each mail that opens it again.
        what = "acknowledgment" if purpose == "acknowledgment" else f"notice {reply.parts[0].sha256}"
        owed = self._to_reporter(purpose, what, reply, self._reply_text(reply), now)
        return replace(owed, expires_at=max(self._promised_by(reply.received_at), owed.expires_at))

    def update(self, update: Update, now: datetime) -> Owed:
        """As the port says; Unwritten as for `reply`."""
        owed = self._to_reporter("update", f"update {update.number}", update, self._update_text(update), now)
        return replace(owed, expires_at=max(update.due, owed.expires_at))

    def alarm(self, opened: int, now: datetime) -> Owed:
        """As the port says."""
        text = wrapped(self._team_text("alarm.txt.j2", {"opened": opened, "at": now}))
        header = [
            *self._team_header("[triaged] a flood of mail: acknowledgments are held back", now),
            ("Message-ID", f"<{(own_id := self._message_id(f'alarm {now.isoformat()}'))}>"),
            *text_fields(text, "plain"),
        ]
        return self._to_team("alarm", own_id, joined(header, encoded(text)), now)

    def alert(self, alert: Alert, to: Sequence[str], now: datetime) -> Owed:
        """As the port says."""
        text = self._team_text("alert.txt.j2", self._alert_facts(alert))
        first = alert.marks[0]
        # Whatever is told is told once, so the first of it names the mail.
        what = f"alert {first.case_id} {first.deadline} {first.due.isoformat()} {first.mark}"
        header = [
            *self._team_header(f"[triaged] alert: {alert.state}", now, to),
            ("Message-ID", f"<{(own_id := self._message_id(what))}>"),
            *text_fields(text, "plain"),
        ]
        owed = self._to_team("alert", own_id, joined(header, encoded(text)), now)
        return replace(owed, to=tuple(to))

    def digest(self, digest: Digest, now: datetime, *, extra: bool = False) -> Owed:
        """As the port says; an `extra` one, sent by hand, has a Message-ID of its own beside the daily one's."""
        subject, text, html = self.digest_parts(digest)
        what = f"digest {digest.day.isoformat()}" + (f" {now.isoformat()}" if extra else "")
        own_id = self._message_id(what)
        bodies = [joined(text_fields(body, kind), encoded(body)) for kind, body in (("plain", text), ("html", html))]
        content, body = multipart("alternative", f"=_a{own_id.partition('@')[0]}", bodies)
        if digest.calendar:
            parts = (joined([content], body), _calendar_part(digest.calendar))
            content, body = multipart("mixed", f"=_m{own_id.partition('@')[0]}", parts)
        header = [*self._team_header(subject, now), ("Message-ID", f"<{own_id}>"), content]
        return self._to_team("digest", own_id, joined(header, body), now)

    def digest_parts(self, digest: Digest) -> tuple[str, str, str]:
        """The subject, the text part and the HTML part."""
        subject = f"[triaged] {digest.state} - {digest.day.isoformat()}"
        try:
            text, html = (self._templates.text(name, self._digest_facts(digest)) for name in _DIGEST)
        except Unwritten as fault:
            problems = (*digest.health.problems, _said(fault))
            facts = self._digest_facts(replace(digest, health=replace(digest.health, problems=problems)))
            text, html = (self._templates.shipped_text(name, facts) for name in _DIGEST)
        return subject, text, html

    def proof(self) -> None:
        """Render every mail with sample facts; Unwritten names file and line of a template at fault."""
        for name, facts in self._samples():
            self._templates.text(name, facts)

    def _samples(self) -> Iterator[tuple[str, Facts]]:
        yield from ((name, self._digest_facts(samples.DIGEST)) for name in _DIGEST)
        yield "alarm.txt.j2", {"opened": 1, "at": samples.AT}
        yield "alert.txt.j2", self._alert_facts(samples.ALERT)
        for update in (samples.UPDATE, replace(samples.UPDATE, away=None)):
            yield "update.txt.j2", self._update_facts(update)
        for variant in get_args(Variant):
            yield _acknowledgment(variant), self._reply_facts(samples.reply(variant, self._policy))

    def _to_reporter(self, purpose: Purpose, what: str, reply: Reply | Update, text: str, now: datetime) -> Owed:
        own_id = self._message_id(f"{reply.case_id} {what}")
        header = [
            ("From", mailbox(self._identity.name, self._identity.address)),
            ("To", reply.to),
            ("Subject", f"[{reply.case_id}] {_SUBJECTS[purpose]}{_theirs(reply)}"),
            ("Date", email.utils.format_datetime(now)),
            ("Message-ID", f"<{own_id}>"),
            *thread_fields(reply.in_reply_to),
            # RFC 3834 section 5.2: an update stands in their thread, but the clock makes it and no mail of theirs.
            ("Auto-Submitted", "auto-generated" if purpose == "update" else "auto-replied"),
            ("X-Auto-Response-Suppress", "All"),
            ("Precedence", "bulk"),
            ("MIME-Version", "1.0"),
            *text_fields(text, "plain"),
        ]
        raw = joined(header, encoded(text))
        try:
            verify(raw, reply.to)
        except ValueError as error:
            raise Unwritten(f"the mail on {reply.case_id} is not what it must be: {error}") from error
        return Owed(
            at=now,
            purpose=purpose,
            message_id=own_id,
            envelope_from=self._envelope_from,
            to=(reply.to,),
            raw=raw,
            expires_at=now + _LEAST_TRIED_FOR,
        )

    def _message_id(self, what: str) -> str:
        return message_id(self._key, what, self._identity.address.rpartition("@")[2])

    def _team_header(self, subject: str, now: datetime, to: Sequence[str] = ()) -> list[tuple[str, str]]:
        return [
            ("From", mailbox(f"{self._identity.name} triage", self._identity.address)),
            ("To", ",\r\n ".join(to or self._digest_to)),
            ("Subject", subject),
            ("Date", email.utils.format_datetime(now)),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("MIME-Version", "1.0"),
        ]

    def _to_team(self, purpose: Purpose, own_id: str, raw: str, now: datetime) -> Owed:
        return Owed(
            at=now,
            purpose=purpose,
            message_id=own_id,
            envelope_from=self._identity.address,
            to=self._digest_to,
            raw=raw,
            expires_at=now + _TEAM_TRIED_FOR,
        )

    def _reply_text(self, reply: Reply) -> str:
        return wrapped(self._templates.text(_acknowledgment(reply.variant), self._reply_facts(reply)))

    def _update_text(self, update: Update) -> str:
        return wrapped(self._templates.text("update.txt.j2", self._update_facts(update)))

    def _team_text(self, name: str, facts: Facts) -> str:
        """A text to the team; the shipped words where the team's template fails, and then why."""
        try:
            return self._templates.text(name, facts)
        except Unwritten as fault:
            return f"{self._templates.shipped_text(name, facts)}\n{_said(fault)}\n"

    def _reply_facts(self, reply: Reply) -> Facts:
        return {
            "reply": reply,
            "identity": self._identity,
            "policy": self._policy,
            "scope_title": self._policy.scopes.titles[reply.scope] if reply.scope else "",
            "acknowledge_within": written(self._policy.promised("acknowledge").within),
        }

    def _update_facts(self, update: Update) -> Facts:
        return {"update": update, "identity": self._identity}

    def _alert_facts(self, alert: Alert) -> Facts:
        return {"alert": alert, "organization": self._identity.organization}

    def _digest_facts(self, digest: Digest) -> Facts:
        return {"digest": digest, "organization": self._identity.organization, "columns": COLUMNS}

    def _when(self, at: datetime) -> str:
        """An instant in the policy's zone, absolute and with the zone's name."""
        local = at.astimezone(self._policy.calendar.timezone)
        return f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}"

    def _promised_by(self, received_at: datetime) -> datetime:
        return received_at + at_most(self._policy.promised("acknowledge").within)


def _calendar_part(calendar: str) -> str:
    text = calendar.replace("\r\n", "\n")
    disposition = ("Content-Disposition", 'attachment; filename="deadlines.ics"')
    return joined([*text_fields(text, "calendar"), disposition], encoded(text))


def _acknowledgment(variant: Variant) -> str:
    return f"acknowledgment-{variant}.txt.j2"


def _said(fault: Unwritten) -> str:
    return f"your template is at fault, so the shipped one wrote this mail: {fault}"


def _size(octets: int) -> str:
    for factor, unit in ((1_000_000, "MB"), (1000, "kB")):
        if octets >= factor:
            return f"{octets / factor:.1f} {unit}"
    return counted(octets, "byte")


def _clock(at: datetime | None, zone: Any = None) -> str:  # noqa: ANN401 - a tzinfo from the template
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}" if at else "never"


def _theirs(reply: Reply | Update) -> str:
    """A coordinator's own id, for their subject line: letters, digits and signs of an id, and nothing else."""
    return f" ({reply.reference})" if re.fullmatch(r"[A-Za-z0-9#._:/-]{1,60}", reply.reference) else ""
