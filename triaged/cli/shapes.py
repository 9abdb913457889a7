"""The JSON of cases and decisions, which other programs rely on. Keys are added, never renamed."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from triaged.core.case.case import Case
from triaged.core.case.events import Event, Received, Submitted, TeamWrote
from triaged.core.case.outbox import Acknowledgment
from triaged.core.clocks.clocks import publication
from triaged.core.clocks.deadlines import Deadline, deadlines
from triaged.core.intake.decision import Decision
from triaged.core.intake.duplicates import Duplicates, known_issues
from triaged.core.mail.message import Attachment, Message
from triaged.core.policy.policy import Policy
from triaged.core.report.report import Report
from triaged.core.team.kin import Kin

Json = dict[str, Any]
_ALONE = Duplicates(())
"""No other case is known, so nothing is a duplicate."""
_NO_KIN = Kin()
_NO_READING: Json = {"kind": "report", "weak": [], "details": {}, "helpful": [], "facts": [], "issues": 1, "hints": []}
_EVENTS: TypeAdapter[tuple[Event, ...]] = TypeAdapter(tuple[Event, ...])


def instant(at: datetime | None) -> str | None:
    """The instant in RFC 3339, in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def case_shape(case: Case, policy: Policy, now: datetime, duplicates: Duplicates = _ALONE, kin: Kin = _NO_KIN) -> Json:
    """One case, as `cases --json` lists it."""
    alike = duplicates.of(case)
    published = publication(case, policy.calendar)
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
        "untold": case.untold,
        "duplicate_of": case.duplicate_of,
        "duplicates": [{"case": each.of, "grade": each.grade, "why": list(each.why)} for each in alike],
        "known_issues": known_shapes(case.report, policy),
        "related": case.opening.related,
        "passed_on_by": case.opening.passed_on_by or None,
        "same_reporter": list(kin.same_reporter(case)),
        "cluster": list(kin.cluster(case, alike)),
        "attachments": [attachment_shape(part) for mail in case.mails for part in mail.attachments],
        "scans": [
            {"sha256": scan.sha256, "verdict": scan.verdict, "reason": scan.reason, "at": instant(scan.at)}
            for scan in case.scans
        ],
        "tell": policy.kinds.told(case.report.kind) if case.report else "",
        "deadlines": [_deadline_shape(deadline) for deadline in deadlines(case, policy, now)],
        "publication": published and {"at": instant(published.at), "agreed": published.agreed},
        "credit": case.credit and {"name": case.credit.name or None, "where": case.credit.where or None},
        "hold": case.hold and {"reason": case.hold.reason, "by": case.hold.by, "at": instant(case.hold.at)},
        "erased_at": instant(case.erased_at),
        "acknowledgment": case.acknowledgment and _acknowledgment_shape(case.acknowledgment),
        "messages": _messages(case),
        "defects": [defect for mail in case.mails for defect in mail.defects],
    }


def _deadline_shape(deadline: Deadline) -> Json:
    return {
        "name": deadline.name,
        "due": instant(deadline.due),
        "state": deadline.state,
        "met_at": instant(deadline.met_at),
        "rule": deadline.rule,
        "warn_at": [instant(mark) for mark in deadline.warn_at],
        "on_breach": deadline.on_breach,
        "suspected": deadline.suspected,
    }


def _acknowledgment_shape(acknowledgment: Acknowledgment) -> Json:
    return {
        "state": acknowledgment.state,
        "reason": acknowledgment.reason,
        "at": instant(acknowledgment.at),
        "message_id": acknowledgment.message_id,
        "not_before": instant(acknowledgment.not_before),
    }


def full_shape(case: Case, policy: Policy, now: datetime, duplicates: Duplicates = _ALONE, kin: Kin = _NO_KIN) -> Json:
    """One case with its history, as `show --json` prints it."""
    return {**case_shape(case, policy, now, duplicates, kin), "history": _EVENTS.dump_python(case.history, mode="json")}


def report_shape(report: Report | None, scope: str | None = None) -> Json:
    """The reading of a report; `scope` is the scope that a person set, if any."""
    if report is None:
        return {"scope": scope or "unclear", "band": "low", "reasons": [], "sections": {}, "missing": [], **_NO_READING}
    return {
        "scope": scope or report.verdict.scope,
        "kind": report.kind,
        "band": report.verdict.band,
        "reasons": [asdict(reason) for reason in report.verdict.reasons],
        "sections": {evidence.section: evidence.present for evidence in report.sections},
        "weak": [evidence.section for evidence in report.sections if evidence.weak],
        "evidence": {evidence.section: evidence.quote for evidence in report.sections if evidence.present},
        "missing": list(report.missing),
        "details": {shown.name: shown.quote for shown in report.details},
        "helpful": list(report.wanted),
        "facts": [asdict(fact) for fact in report.facts.found],
        "issues": report.facts.issues,
        "hints": [asdict(hint) for hint in report.hints],
    }


def known_shapes(report: Report | None, policy: Policy) -> list[Json]:
    """The known issues that a report seems to be about, with their status."""
    by_id = {issue.id: issue for issue in policy.known_issues}
    found = known_issues(report, policy.known_issues) if report else ()
    return [
        {
            "id": each.of,
            "title": by_id[each.of].title,
            "standing": by_id[each.of].standing,
            "grade": each.grade,
            "why": list(each.why),
        }
        for each in found
    ]


def attachment_shape(part: Attachment) -> Json:
    """One attachment: facts about its bytes. Its name is for display only."""
    return {**asdict(part), "warnings": list(part.warnings)}


def explanation_shape(path: str, message: Message, decision: Decision) -> Json:
    """What the daemon would do with a message, as `explain --json` prints it: one line for each message."""
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
    """Every mail of the case, received or sent, in order."""
    found = []
    for event in case.history:
        match event:
            case Received(sha256=sha256, message_id=message_id, received_at=at):
                found.append({"sha256": sha256, "message_id": message_id, "at": instant(at), "direction": "in"})
            case TeamWrote(sha256=sha256, message_id=message_id, received_at=at):
                found.append({"sha256": sha256, "message_id": message_id, "at": instant(at), "direction": "team"})
            case Submitted(message_id=message_id, at=at):
                found.append({"sha256": None, "message_id": message_id, "at": instant(at), "direction": "out"})
            case _:
                pass
    return found
