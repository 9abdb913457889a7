"""The one table of verbs: `triaged case`, the commands by mail and every hint are built from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from triaged.core.commands.command import (
    NO_DATE,
    NO_REASON,
    NO_SCOPE,
    AddNote,
    AgreeDisclosure,
    AwaitReporter,
    Close,
    Command,
    Credit,
    FindExploited,
    Finding,
    MarkDuplicate,
    PlaceHold,
    RecordAnswer,
    RecordFix,
    RecordNotified,
    ReleaseHold,
    Reopen,
    ReporterLetter,
    Resend,
    SayTheSame,
    SetOwner,
    SetScope,
    SetSeverity,
    Triage,
    Undo,
)
from triaged.core.policy.promises import Severity, StatutoryName
from triaged.core.policy.rules import ScopeName


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One argument or option of a verb."""

    field: str
    """The field of the command that it sets."""
    form: Literal["argument", "option", "flag", "text"] = "argument"
    """One positional word; `--field VALUE`; a bare `--field`; or all remaining words."""
    choices: tuple[str, ...] = ()
    """The only accepted words; empty if any word is accepted."""
    blank: str = ""
    """The placeholder that a hint shows for a person to replace."""
    required: bool = True
    says: str = ""
    """The help text of an option."""
    called: str = ""
    """The option's name, where it differs from the field because Python reserves that word."""

    @property
    def option(self) -> str:
        """The option's name without the two dashes."""
        return self.called or self.field

    @property
    def shown(self) -> str:
        """The form in a usage line: `--severity SEVERITY`, `[LETTER]`."""
        name = self.field.upper()
        word = {
            "argument": name,
            "option": f"--{self.option} {name}",
            "flag": f"--{self.option}",
            "text": f"{name}...",
        }[self.form]
        return word if self.required else f"[{word}]"


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of `triaged case CASE`: the command that it makes, its help text, and its slots in order."""

    name: str
    makes: type[Command]
    says: str
    slots: tuple[Slot, ...] = ()

    @property
    def usage(self) -> str:
        """The usage line."""
        return " ".join((self.name, *(slot.shown for slot in self.slots)))

    def command(self, values: Mapping[str, Any]) -> Command:
        """Make the command with these values for its fields."""
        return self.makes(**values)


_SEVERITIES, _SCOPES = get_args(Severity), get_args(ScopeName)

_CLUSTER = Slot(
    field="cluster",
    called="all",
    form="flag",
    required=False,
    says="Decide so on every open case that was said to be of the same flaw.",
)

_ALL = (
    Verb(
        "triage",
        Triage,
        "Record that a person has triaged it. This meets the triage deadline.",
        (
            Slot(field="severity", form="option", choices=_SEVERITIES, required=False, says="Set the severity too."),
            Slot(field="owner", form="option", required=False, says="Give it an owner too: a name, or `me`."),
            _CLUSTER,
        ),
    ),
    Verb(
        "scope",
        SetScope,
        "Set the scope, which overrules the rules.",
        (Slot(field="scope", choices=_SCOPES, blank=NO_SCOPE), _CLUSTER),
    ),
    Verb("severity", SetSeverity, "Set the severity.", (Slot(field="severity", choices=_SEVERITIES), _CLUSTER)),
    Verb(
        "owner",
        SetOwner,
        'Give it an owner: a name, or `me`; "" removes the owner.',
        (Slot(field="owner"), _CLUSTER),
    ),
    Verb("waiting", AwaitReporter, "Wait for the reporter. Pausable deadlines stop until their next mail."),
    Verb(
        "answered",
        RecordAnswer,
        "Record that you wrote to the reporter. Acknowledgment and update deadlines count it.",
    ),
    Verb("note", AddNote, "Add a note for the team.", (Slot(field="text", form="text"),)),
    Verb("duplicate", MarkDuplicate, "Close it as a duplicate of another case.", (Slot(field="of"), _CLUSTER)),
    Verb(
        "same-as",
        SayTheSame,
        "Say that it tells of the same flaw as another case. Both stay open; the digest shows them as one piece of work.",
        (Slot(field="of"),),
    ),
    Verb(
        "close",
        Close,
        "Close it, with a reason. The reporter is to be told, with triaged reply, unless you say why not.",
        (
            Slot(field="reason", form="text"),
            Slot(field="silent", form="option", required=False, says="Why the reporter is not told."),
            _CLUSTER,
        ),
    ),
    Verb("reopen", Reopen, "Reopen it."),
    Verb(
        "resend",
        Resend,
        "Send the letter that failed or waits. The acknowledgment goes first; bytes and Message-ID stay the same.",
        (Slot(field="letter", choices=get_args(ReporterLetter), required=False),),
    ),
    Verb(
        "exploited",
        FindExploited,
        "Confirm or dismiss that it is exploited. Statutory deadlines depend on that.",
        (
            Slot(field="finding", choices=get_args(Finding)),
            Slot(field="reason", form="option", blank=NO_REASON, says="How you know; it stays in the history."),
        ),
    ),
    Verb(
        "notified",
        RecordNotified,
        "Record that the authority was notified.",
        (Slot(field="duty", choices=get_args(StatutoryName)),),
    ),
    Verb(
        "disclose",
        AgreeDisclosure,
        "Record the day on which both sides publish, or move it. It never pauses.",
        (
            Slot(field="date", blank=NO_DATE),
            Slot(field="reason", form="option", blank=NO_REASON, says="Why this day; it stays in the history."),
            Slot(
                field="partner", called="with", form="option", required=False, says="With whom; default: the reporter."
            ),
        ),
    ),
    Verb(
        "credit",
        Credit,
        "Record how the reporter agreed to be credited. Nobody is named without this.",
        (
            Slot(field="name", form="option", required=False, says="The name that they wish."),
            Slot(field="where", form="option", required=False, says="A page of theirs: https://..."),
            Slot(field="anonymous", form="flag", required=False, says="They want no name."),
        ),
    ),
    Verb("fixed", RecordFix, "Record that a fix or mitigation exists. Final reports count from it.", (_CLUSTER,)),
    Verb(
        "hold",
        PlaceHold,
        "Keep all of it: neither `erase` nor retention touches the case until `release`.",
        (Slot(field="reason", form="text"),),
    ),
    Verb("release", ReleaseHold, "End the hold: the case may be erased again."),
    Verb("undo", Undo, "Take back the last decision of a person. That is refused once something final has followed."),
)

VERBS: Mapping[str, Verb] = {verb.name: verb for verb in _ALL}
"""The verbs by name, in the order of the help."""
VERB_OF: Mapping[type[Command], Verb] = {verb.makes: verb for verb in _ALL}
"""The verbs by the command that they make."""
