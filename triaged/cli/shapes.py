"""Cases and decisions as the JSON that programs outside rely on (the contract). Keys are added, never renamed."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from triaged.core.case.case import Case
from triaged.core.case.deadlines import deadlines
from triaged.core.case.events import Event, Received, Submitted
from triaged.core.case.triage import Decision
from triaged.core.mail.message import Attachment, Message
from triaged.core.policy import Policy
from triaged.core.report.report import Report

Json = dict[str, Any]
_EVENTS: TypeAdapter[tuple[Event, ...]] = TypeAdapter(tuple[Event, ...])


def instant(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def case_shape(case: Case, policy: Policy, now: datetime) -> Json:
    """One case, as `cases --json` lists it."""
    acknowledgment = case.acknowledgment
    return {
        "id": case.id,
        "state": case.state,
        "reporter": {
            "name": case.reporter.name,
            "address": case.reporter.address,
            "verdict": case.reporter.verdict,
        },
        "subject": case.opening.subject,
        "received_at": instant(case.received_at),
        **report_shape(case.report, case.scope),
        "severity": case.severity,
        "owner": case.owner or None,
        "duplicate_of": case.duplicate_of,
        "related": case.opening.related,
        "attachments": [attachment_shape(part) for mail in case.mails for part in mail.attachments],
        "deadlines": [
            {
                "name": deadline.name,
                "due": instant(deadline.due),
                "state": deadline.state,
                "met_at": instant(deadline.met_at),
                "rule": deadline.rule,
            }
            for deadline in deadlines(case, policy, now)
        ],
        "acknowledgment": acknowledgment
        and {
            "state": acknowledgment.state,
            "reason": acknowledgment.reason,
            "at": instant(acknowledgment.at),
            "message_id": acknowledgment.message_id,
        },
        "messages": _messages(case),
        "defects": [defect for mail in case.mails for defect in mail.defects],
    }


def full_shape(case: Case, policy: Policy, now: datetime) -> Json:
    """One case with its history, as `show --json` prints it."""
    return {**case_shape(case, policy, now), "history": _EVENTS.dump_python(case.history, mode="json")}


def report_shape(report: Report | None, scope: str | None = None) -> Json:
    """The reading of a report; `scope` is a person's word where there is one."""
    if report is None:
        return {"scope": scope or "unclear", "band": "low", "reasons": [], "sections": {}, "missing": []}
    return {
        "scope": scope or report.verdict.scope,
        "band": report.verdict.band,
        "reasons": [asdict(reason) for reason in report.verdict.reasons],
        "sections": {evidence.section: evidence.present for evidence in report.sections},
        "evidence": {evidence.section: evidence.quote for evidence in report.sections if evidence.present},
        "missing": list(report.missing),
    }


def attachment_shape(part: Attachment) -> Json:
    """One attachment: facts about its bytes, its name for display only."""
    return {**asdict(part), "warnings": list(part.warnings)}


def explanation_shape(path: str, message: Message, decision: Decision) -> Json:
    """What the daemon would do with a message, as `explain --json` prints it: one line a message."""
    silence = decision.silence
    return {
        "path": path,
        "end": decision.end,
        "reason": decision.reason,
        "automatic": {"sign": silence.sign, "rfc": silence.rfc} if silence else None,
        "reply": _reply_shape(decision),
        "sender": asdict(decision.sender),
        **report_shape(decision.report),
        "attachments": [attachment_shape(part) for part in message.attachments],
        "defects": list(message.defects),
    }


def _reply_shape(decision: Decision) -> Json:
    if decision.reply:
        return {"action": "send", "to": decision.reply.to, "reason": decision.reply.variant}
    if decision.withheld:
        return {"action": "withhold", "to": None, "reason": decision.withheld.reason}
    return {"action": "none", "to": None, "reason": decision.reason}


def _messages(case: Case) -> list[Json]:
    """Every mail of the case in the order in which it came in or went out."""
    found = []
    for event in case.history:
        match event:
            case Received(sha256=sha256, message_id=message_id, received_at=at):
                found.append({"sha256": sha256, "message_id": message_id, "at": instant(at), "direction": "in"})
            case Submitted(message_id=message_id, at=at):
                found.append({"sha256": None, "message_id": message_id, "at": instant(at), "direction": "out"})
            case _:
                pass
    return found
