"""Write a command as people type it. A shell and `reading` both read the text back as the same command."""

import re
import shlex

from triaged.core.commands.command import Command
from triaged.core.commands.verbs import VERB_OF, Slot

_PLAIN = re.compile(r"[\w@%+=:,/.-]+", re.ASCII)
_SAFE_IN_DOUBLE = re.compile(r"""[^"$`\\!]*""")


def typed(case_id: str, command: Command) -> str:
    """The whole line for a terminal: `triaged case SEC-7Q4K-2M8D triage`."""
    return f"triaged case {case_id} {words(command)}"


def words(command: Command) -> str:
    """The verb with its arguments: `triage --severity high`."""
    verb = VERB_OF[type(command)]
    told = [(slot, value) for slot in verb.slots if (value := getattr(command, slot.field)) not in {None, False}]
    options = [f"--{slot.option} {_quoted(slot, value)}" for slot, value in told if slot.form == "option"]
    options += [f"--{slot.option}" for slot, _ in told if slot.form == "flag"]
    places = [(slot, value) for slot, value in told if slot.form not in {"option", "flag"}]
    in_place = [_quoted(slot, value) for slot, value in places]
    if any(value.startswith("-") for _, value in places):
        return " ".join((verb.name, *options, "--", *in_place))
    return " ".join((verb.name, *in_place, *options))


def _quoted(slot: Slot, value: str) -> str:
    if _PLAIN.fullmatch(value) and value != slot.blank:
        return value
    if slot.choices:
        return value
    return f'"{value}"' if _SAFE_IN_DOUBLE.fullmatch(value) else shlex.quote(value)
