"""Decisions to finished mails: jinja2 for the words, `mail_bytes` for the rest.

No sender's word is in a mail to a reporter, and its header is compared with the exact list of fields before it may be owed.
"""

import email.header
import email.utils
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment

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
from triaged.config.settings import Identity
from triaged.core.case.events import Owed, Purpose
from triaged.core.case.naming import message_id
from triaged.core.letters.reply import Reply, Update, Variant
from triaged.core.policy.policy import Policy
from triaged.core.policy.spans import at_most, written
from triaged.core.team.alerts import Alert
from triaged.core.team.digest import Digest
from triaged.core.team.weekly import COLUMNS
from triaged.resources import resource

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
        folders = [overrides] if overrides else []
        loaders: list[BaseLoader] = [FileSystemLoader(folder) for folder in (*folders, resource("templates"))]
        self._environment = SandboxedEnvironment(
            loader=ChoiceLoader(loaders),
            undefined=StrictUndefined,
            # By the template's name and explicitly: select_autoescape() says no to "digest.html.j2".
            autoescape=lambda name: bool(name and name.endswith(".html.j2")),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"size": _size, "when": self._when, "clock": _clock}

    def reply(self, reply: Reply, now: datetime) -> Owed:
        """As the port says; ValueError should the finished bytes not be exactly what they must be."""
        purpose: Purpose = "notice" if reply.variant == "reopened" else "acknowledgment"
        # One acknowledgment a case; a notice for each mail that opens it again.
        what = "acknowledgment" if purpose == "acknowledgment" else f"notice {reply.parts[0].sha256}"
        owed = self._to_reporter(purpose, what, reply, self._reply_text(reply), now)
        return replace(owed, expires_at=max(self._promised_by(reply.received_at), owed.expires_at))

    def update(self, update: Update, now: datetime) -> Owed:
        """As the port says; ValueError as for `reply`."""
        owed = self._to_reporter("update", f"update {update.number}", update, self._update_text(update), now)
        return replace(owed, expires_at=max(update.due, owed.expires_at))

    def alarm(self, opened: int, now: datetime) -> Owed:
        """As the port says."""
        text = wrapped(self._rendered("alarm.txt.j2", {"opened": opened, "at": now}))
        header = [
            *self._team_header("[triaged] a flood of mail: acknowledgments are held back", now),
            ("Message-ID", f"<{(own_id := self._message_id(f'alarm {now.isoformat()}'))}>"),
            *text_fields(text, "plain"),
        ]
        return self._to_team("alarm", own_id, joined(header, encoded(text)), now)

    def alert(self, alert: Alert, to: Sequence[str], now: datetime) -> Owed:
        """As the port says."""
        text = self._rendered("alert.txt.j2", {"alert": alert, "organization": self._identity.organization})
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
        facts = {"digest": digest, "organization": self._identity.organization, "columns": COLUMNS}
        subject = f"[triaged] {digest.state} - {digest.day.isoformat()}"
        return subject, self._rendered("digest.txt.j2", facts), self._rendered("digest.html.j2", facts)

    def proof(self) -> None:
        """Render every mail with sample facts; ValueError names file and line of a template at fault."""
        try:
            self.digest_parts(samples.DIGEST)
            self.alarm(1, samples.AT)
            self.alert(samples.ALERT, self._digest_to, samples.AT)
            self._update_text(samples.UPDATE)
            self._update_text(replace(samples.UPDATE, away=None))
            for variant in get_args(Variant):
                self._reply_text(samples.reply(variant, self._policy))
        except TemplateSyntaxError as error:
            raise ValueError(f"{error.filename or error.name}:{error.lineno}: {error.message}") from error
        except Exception as error:  # a template can do whatever an expression can
            raise ValueError(f"{_template_line(error)}: {type(error).__name__}: {error}") from error

    def _to_reporter(self, purpose: Purpose, what: str, reply: Reply | Update, text: str, now: datetime) -> Owed:
        own_id = self._message_id(f"{reply.case_id} {what}")
        header = [
            ("From", mailbox(self._identity.name, self._identity.address)),
            ("To", reply.to),
            ("Subject", f"[{reply.case_id}] {_SUBJECTS[purpose]}"),
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
        verify(raw, reply.to)
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
        facts = {
            "reply": reply,
            "identity": self._identity,
            "policy": self._policy,
            "scope_title": self._policy.scopes.titles[reply.scope] if reply.scope else "",
            "acknowledge_within": written(self._policy.promised("acknowledge").within),
        }
        return wrapped(self._rendered(f"acknowledgment-{reply.variant}.txt.j2", facts))

    def _update_text(self, update: Update) -> str:
        return wrapped(self._rendered("update.txt.j2", {"update": update, "identity": self._identity}))

    def _rendered(self, name: str, facts: Mapping[str, Any]) -> str:
        template: Template = self._environment.get_template(name)
        return template.render(facts)

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


def _template_line(error: Exception) -> str:
    """Where in a template it happened, as `file:line`; jinja2 makes tracebacks that point there."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "a template is missing"


def _size(octets: int) -> str:
    for factor, unit in ((1_000_000, "MB"), (1000, "kB")):
        if octets >= factor:
            return f"{octets / factor:.1f} {unit}"
    return f"{octets} bytes"


def _clock(at: datetime | None, zone: Any = None) -> str:  # noqa: ANN401 - a tzinfo from the template
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}" if at else "never"
