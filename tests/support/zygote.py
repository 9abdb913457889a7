"""A process that has imported the product and forks a child for every run: what imports cost is paid once.

A request is a line of JSON on standard input, its answer a line on standard output. A child is the product itself, on real
files and sockets, but for its reader, which parses in the same process, and its clock, which stands where it is told.
"""

import importlib
import json
import os
import signal
import sys
import time
import traceback
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from triaged import cli, composition, crash
from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.store import journal
from triaged.adapters.store.store import open_store
from triaged.cli.faults import NO_INPUT
from triaged.composition import open_round
from triaged.config.loading import load
from triaged.core.case.events import Noted, Replied
from triaged.core.mail.parsing.reading import read_message
from triaged.core.report.reading import Reading
from triaged.ports import Pulse
from triaged.service.delivery import deliver

run = cli.run  # before the command of that name takes its place in the package
for command in ("run", "erase", "restore"):
    importlib.import_module(f"triaged.cli.{command}")


class OwnReader:
    """Implements `ports.Reader` in this process."""

    def __init__(self, policy=None):
        """It has no need of one: whoever decides on a message reads it."""

    def reads_by(self, policy): ...

    def report_on(self, message): ...

    def read(self, raw):
        return Reading(read_message(raw))

    def read_within(self, raw, seconds):
        return Reading(read_message(raw))

    def close(self) -> None: ...


def day(config: str) -> int:
    """The digest's tick of the daemon."""
    with open_round(load(Path(config))) as rooms:
        rooms.under_way.pulse = Pulse(last_poll_at=rooms.under_way.clock())
        rooms.owe_at_once()
        deliver(rooms.outgoing)
    return 0


def hand_in(config: str) -> int:
    """What `triaged case CASE note seen` does while a daemon holds the store."""
    loaded, now = load(Path(config)), composition.utc_now()
    with closing(open_store(loaded.settings.state_dir, read_only=True)) as store:
        (case,) = store.cases()
    DecisionBox(loaded.settings.state_dir / "decisions").hand_in(case.id, Noted(at=now, by="bo", text="seen"))
    return 0


def erase(config: str) -> int:
    """Erase the reporter of the first mail; once more it finds nothing to erase, and that is right."""
    code = run(["--config", config, "erase", "grace@hopper.example"])
    return 0 if code == NO_INPUT else code


def restore(config: str) -> int:
    """Put the backup beside the state directory in its place."""
    state = str(load(Path(config)).settings.state_dir)
    return run(["--config", config, "restore", str(Path(config).parent / "backup"), "--force", state])


def write(config: str) -> int:
    """What `triaged reply CASE --close spam` does while a daemon holds the store."""
    loaded, now = load(Path(config)), composition.utc_now()
    with closing(open_store(loaded.settings.state_dir, read_only=True)) as store:
        (case,) = store.cases()
    event = Replied(at=now, by="bo", text="Thank you.", close="spam")
    DecisionBox(loaded.settings.state_dir / "decisions").hand_in(case.id, event)
    return 0


OF_OURS = {
    "day": day,
    "hand-in": hand_in,
    "write": write,
    "erase-reporter": erase,
    "restore-backup": restore,
}


def stop_clocks(now: datetime) -> None:
    """In the module that has the clock, and in those that have imported it by its name."""
    clock = composition.utc_now
    for module in [sys.modules.get("triaged.cli.decide"), composition]:
        if getattr(module, "utc_now", None) is clock:
            module.utc_now = lambda: now


def live(request) -> int:
    """What the forked child does; returns its exit code."""
    with Path(request["log"]).open("ab") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
    crash.reached.clear()
    crash.armed, _, crash.times = request["crash_at"].partition(":")
    journal._COMPACT_FLOOR = request["compact_above"]
    composition.ChildReader = OwnReader
    if request["now"]:
        stop_clocks(datetime.fromisoformat(request["now"]))
    arguments = request["arguments"]
    own = OF_OURS.get(arguments[0])
    code = own(request["config"]) if own else run(["--config", request["config"], *arguments])
    sys.stdout.flush()
    if request["reached"]:
        Path(request["reached"]).write_text(json.dumps(crash.reached))
    return code


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = live(request)
            except BaseException:  # noqa: BLE001 - a fork must not go on as its parent
                traceback.print_exc()
            os._exit(code)
        if request["kill_after"]:
            time.sleep(request["kill_after"])
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
