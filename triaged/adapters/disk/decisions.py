"""What the team decides while the daemon holds the store: handed in as files, taken up at its next tick.

The store has one writer. A command that finds the daemon running leaves its event here (draft, fsync, rename) and waits
for the daemon to take it away; the event's own instant makes taking it up twice after a crash the same as once.
"""

import contextlib
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from triaged.adapters.disk.durable import give_name, make_folder, write_draft
from triaged.core.case.events import TeamDecision
from triaged.ports import HandedIn

_EVENT: TypeAdapter[TeamDecision] = TypeAdapter(TeamDecision)


@dataclass(frozen=True, slots=True)
class DecisionBox:
    """The folder `decisions` of a state directory."""

    folder: Path

    def hand_in(self, case_id: str, event: TeamDecision) -> str:
        """Leave one decision for the daemon, durable on return; its name tells when it is gone."""
        self._open()
        name = f"{event.at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.json"
        draft = self.folder / f".{name}"
        document = {"case": case_id, "event": _EVENT.dump_python(event, mode="json")}
        write_draft(draft, json.dumps(document).encode("ascii") + b"\n", "decision")
        give_name(draft, self.folder / name, "decision")
        return name

    def handed_in(self) -> Sequence[HandedIn]:
        """The decisions waiting, oldest first. One that cannot be read is put aside under another name, not lost."""
        found = []
        for path in sorted(self.folder.glob("[0-9]*.json")) if self.folder.is_dir() else []:
            try:
                document = json.loads(path.read_text(encoding="utf-8"))
                found.append(HandedIn(path.name, str(document["case"]), _EVENT.validate_python(document["event"])))
            except (OSError, ValueError, KeyError, TypeError, ValidationError):
                with contextlib.suppress(OSError):
                    path.rename(path.with_suffix(".unreadable"))
        return found

    def taken_up(self, name: str) -> None:
        """Take one away: it is recorded."""
        (self.folder / name).unlink(missing_ok=True)

    def waits(self, name: str) -> bool:
        """Whether the daemon has not taken it up yet."""
        return (self.folder / name).exists()

    def _open(self) -> None:
        make_folder(self.folder)
        state = self.folder.parent.stat()
        if os.geteuid() == 0:
            # Also of one that is there: its maker may have died before this.
            os.chown(self.folder, state.st_uid, state.st_gid)
