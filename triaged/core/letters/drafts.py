"""The letters to reporters, one function for each purpose. Those to the team are in `team.drafts`."""

import re
from dataclasses import replace
from datetime import datetime

from triaged.core.letters import lifetime
from triaged.core.letters.draft import ANSWERING, BY_THE_CLOCK, Draft
from triaged.core.letters.reply import IN_THREAD, Reminder, Reply, ReplyTemplate, Update, Written
from triaged.core.policy.policy import Policy
from triaged.core.policy.spans import written as length


def replying(reply: Reply, policy: Policy, now: datetime) -> Draft:
    """The letter that a decision on a mail asks for: the acknowledgment, or a notice."""
    return (in_thread if reply.variant in IN_THREAD else acknowledgment)(reply, policy, now)


def acknowledgment(reply: Reply, policy: Policy, now: datetime) -> Draft:
    """The draft of a case's one acknowledgment."""
    return Draft(
        owner=reply.case_id,
        purpose="acknowledgment",
        key=f"{reply.case_id} acknowledgment",
        to=(reply.to,),
        subject=_subject(reply),
        expires_at=lifetime.of_reply(reply.received_at, policy, now),
        template=f"acknowledgment-{reply.variant}",
        facts={
            "reply": reply,
            "scope_title": policy.scopes.titles[reply.scope] if reply.scope else "",
            "acknowledge_within": length(policy.promised("acknowledge").within),
        },
        fields=ANSWERING,
        in_reply_to=reply.in_reply_to,
    )


def in_thread(reply: Reply, policy: Policy, now: datetime) -> Draft:
    """The answer to a further mail on a case: one for each mail, named by the mail's SHA-256."""
    purpose = IN_THREAD[reply.variant]
    return replace(
        acknowledgment(reply, policy, now),
        purpose=purpose,
        key=f"{reply.case_id} {purpose} {reply.parts[0].sha256}",
        subject=_again(reply),
    )


def reminder(reminder: Reminder, now: datetime) -> Draft:
    """The reminder: one for each number within a case."""
    return Draft(
        owner=reminder.case_id,
        purpose="reminder",
        key=f"{reminder.case_id} reminder {reminder.number}",
        to=(reminder.to,),
        subject=_again(reminder),
        expires_at=lifetime.requeued(now),
        template="reminder",
        facts={"reminder": reminder},
        fields=BY_THE_CLOCK,
        in_reply_to=reminder.in_reply_to,
    )


def update(update: Update, now: datetime) -> Draft:
    """The draft of an automatic update: one for each number within a case."""
    return Draft(
        owner=update.case_id,
        purpose="update",
        key=f"{update.case_id} update {update.number}",
        to=(update.to,),
        subject=_again(update),
        expires_at=lifetime.of_update(update.due, now),
        template="update",
        facts={"update": update},
        fields=BY_THE_CLOCK,
        in_reply_to=update.in_reply_to,
    )


def written(letter: Written, now: datetime) -> Draft:
    """A person's letter: one for each number within a case. It says nothing but their words, in the frame of all replies."""
    return Draft(
        owner=letter.case_id,
        purpose="reply",
        key=f"{letter.case_id} reply {letter.number}",
        to=(letter.to,),
        subject=_again(letter),
        expires_at=lifetime.of_a_persons(now),
        template="reply",
        facts={"letter": letter},
        fields=(),
        in_reply_to=letter.in_reply_to,
        flowing=False,
    )


def begun(letter: Written, template: ReplyTemplate, now: datetime) -> Draft:
    """The words that a person begins from: the template with their text in its place, without the frame."""
    return replace(written(letter, now), template=f"reply-{template}")


def _again(letter: Reply | Update | Reminder | Written) -> str:
    """The subject of every later letter of a case: mail programs that thread by subject keep all of them together."""
    return f"Re: {_subject(letter)}"


def _subject(letter: Reply | Update | Reminder | Written) -> str:
    """With a coordinator's own id, of letters, digits and the signs of an id and of nothing else."""
    theirs = f" ({letter.reference})" if re.fullmatch(r"[A-Za-z0-9#._:/-]{1,60}", letter.reference) else ""
    return f"[{letter.case_id}] We received your report{theirs}"
