"""The team's decisions while the daemon holds the store: commands leave files, and the daemon's next tick takes them up.

The store has one writer. A command that finds the daemon running leaves its event here (draft, fsync, rename) and waits
for the daemon to take it away. An event carries its own instant, so taking it up twice after a crash records it once.
"""

import contextlib
import fnmatch
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from triaged.adapters.disk.durable import give_name, make_folder, write_draft
from triaged.adapters.disk.folder import Folder
from triaged.core.case.events import TeamDecision
from triaged.ports import HandedIn

_EVENT: TypeAdapter[TeamDecision] = TypeAdapter(TeamDecision)


@dataclass(frozen=True, slots=True)
class DecisionBox:
    """The folder `decisions` of a state directory."""

    folder: Path

    def hand_in(self, case_id: str, event: TeamDecision) -> str:
        """Leave one decision for the daemon, durable on return, and return its name for `waits`."""
        folder = Folder.in_state(self.folder)
        make_folder(folder)
        name = f"{event.at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.json"
        document = {"case": case_id, "event": _EVENT.dump_python(event, mode="json")}
        write_draft(folder, f".{name}", json.dumps(document).encode("ascii") + b"\n", "decision")
        give_name(folder, f".{name}", name, "decision")
        return name

    def handed_in(self) -> Sequence[HandedIn]:
        """The decisions waiting, oldest first. One that cannot be read is renamed and kept."""
        folder, found = Folder.in_state(self.folder), []
        for name in fnmatch.filter(folder.names(), "[0-9]*.json"):
            try:
                document = json.loads(folder.read(name))
                found.append(HandedIn(name, str(document["case"]), _EVENT.validate_python(document["event"])))
            except (OSError, ValueError, KeyError, TypeError, ValidationError):
                with contextlib.suppress(OSError):
                    folder.rename(name, f"{name.removesuffix('.json')}.unreadable")
        return found

    def taken_up(self, name: str) -> None:
        """Remove a decision that has been recorded or refused."""
        with contextlib.suppress(FileNotFoundError):
            Folder.in_state(self.folder).remove(name)

    def waits(self, name: str) -> bool:
        """True if the daemon has not taken it up yet."""
        return Folder.in_state(self.folder).has(name)
