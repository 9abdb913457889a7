"""Every moment of a submission fails in turn, in every manner, until a pass has no moment left to fail."""

import itertools
import socket
import struct
import threading
from collections import Counter
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.support.rooms import changed
from tests.support.workshop import ENDS, Workshop
from triaged.adapters.letters.smtp import SmtpSubmission
from triaged.adapters.letters.smtp_session import Waits
from triaged.config.settings import SmtpSettings
from triaged.ports import TryLater

pytestmark = pytest.mark.slow

BREAKING = ("silence", "reset", "hang up")
MANNERS = (*BREAKING, "421 4.3.2 closing", "451 4.7.1 later", "554 5.7.1 never")


class Moody:
    """An SMTP server whose nth moment goes wrong: a connection, a command, the middle of a content, or its end."""

    def __init__(self, at: int, manner: str) -> None:
        self.at, self.manner = at, manner
        self.moments: list[str] = []
        self.taken: Counter[str] = Counter()
        """Contents that the server keeps, whatever it answered."""
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def went_wrong(self) -> bool:
        return len(self.moments) >= self.at

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection) -> None:
        with suppress(OSError, _GoneError), connection, connection.makefile("rwb") as stream:
            self._answer(connection, stream, "connect", "220 ready")
            for line in iter(stream.readline, b""):
                verb = line.split()[0].decode().upper()
                usual = {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok")
                if self._answer(connection, stream, verb, usual).startswith("354"):
                    self._content(connection, stream)

    def _content(self, connection, stream) -> None:
        lines = [stream.readline()]
        self._answer(connection, stream, "content", "")
        while (line := stream.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        if not line:
            raise _GoneError
        if len(self.moments) + 1 != self.at or self.manner in BREAKING:
            # Where it breaks off here, it has the mail: the worst that can be.
            self.taken[b"".join(lines).decode()] += 1
        self._answer(connection, stream, "end", "250 taken")

    def _answer(self, connection, stream, moment: str, usual: str) -> str:
        self.moments.append(moment)
        wrong = len(self.moments) == self.at
        said = self.manner if wrong else usual
        if said == "silence":
            # Until the other side has had enough.
            stream.read()
        if said == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if said in BREAKING:
            raise _GoneError
        if said:
            stream.write(said.encode() + b"\r\n")
            stream.flush()
        if wrong and moment == "content":
            # What is not read would reset the connection, and the answer with it.
            while stream.readline() not in {b".\r\n", b""}:
                pass
            raise _GoneError
        if wrong and said.startswith("421"):
            raise _GoneError
        return said

    def close(self) -> None:
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()


class _GoneError(Exception):
    """This session is over."""


WAITS = Waits(command=0.3, letter=3.0, after_dot=0.3)


def passes(folder, server, on_uncertain: str) -> tuple[list, Workshop]:
    """All passes until nothing is owed any more; what was logged."""
    workshop = Workshop(folder)
    with ExitStack() as stack, capture_logs() as lines:
        workshop.open(stack)
        settings = SmtpSettings(host="localhost", port=server.port, security="none")
        submission = stack.enter_context(closing(SmtpSubmission(settings, WAITS)))
        workshop.rooms = changed(workshop.rooms, submission=submission, on_uncertain=on_uncertain)
        for _ in range(5):
            workshop.passes()
            workshop.clock.advance(timedelta(minutes=10))
        store = workshop.store
        assert (store.seen(), store.pending(), store.owed()) == (ENDS, [], [])
        states = Counter(case.acknowledgment.state for case in store.cases())
    return lines, states


@pytest.mark.parametrize("on_uncertain", ["resend", "hold"])
@pytest.mark.parametrize("manner", MANNERS)
def test_whichever_moment_of_a_submission_fails_each_letter_comes_once_or_is_a_persons(tmp_path, manner, on_uncertain):
    moments = []
    for number in itertools.count(1):
        server = Moody(number, manner)
        with closing(server):
            lines, states = passes(tmp_path / str(number), server, on_uncertain)
        if not server.went_wrong:
            break
        moment = server.moments[number - 1]
        moments.append(moment)
        assert (sum(server.taken.values()), states) in possible(moment, manner, on_uncertain), moment
        assert len(server.taken) <= 2, "the same letter in other bytes"
        submitted = [line["outcome"] for line in lines if line["event"] == "letter tried"].count("submitted")
        assert submitted == states["submitted"]
        told = {
            (line["outcome"] == "submitted", line["log_level"]) for line in lines if line["event"] == "letter tried"
        }
        assert told <= {(True, "info"), (False, "warning")}
        assert {line["log_level"] for line in lines if line["event"] != "letter tried"} == {"info"}
    assert {"connect", "EHLO", "MAIL", "RCPT", "DATA", "content", "end", "RSET"} <= set(moments)


def possible(moment: str, manner: str, on_uncertain: str) -> list[tuple[int, Counter]]:
    """How many contents of the two letters the server may have in the end, and what the store may say of them."""
    fine = (2, Counter(submitted=2))
    # Who refuses our sender refuses every letter: it is tried again.
    if manner.startswith("5") and moment in {"RCPT", "DATA", "content", "end"}:
        return [(1, Counter(submitted=1, failed=1))]
    if manner not in BREAKING or moment not in {"content", "end"}:
        return [fine]
    if on_uncertain == "hold":
        # It may be out, and a person looks: after a broken content it is not, after a broken end it is.
        held = Counter(submitted=1, uncertain=1)
        return [(2, held)] if moment == "end" else [(1, held), fine]
    # The one window: the very same mail once more.
    return [(3, Counter(submitted=2))] if moment == "end" else [fine]


def test_a_connection_that_breaks_before_the_dot_is_sent_leaves_no_doubt(tmp_path):
    """The dot goes out by itself, when all of the content has gone: until then the server has no mail."""
    server = Moody(at=6, manner="reset")
    settings = SmtpSettings(host="localhost", port=server.port, security="none")
    workshop = Workshop(tmp_path / "state")
    workshop.works()
    long = replace(workshop.server.letters[0], raw="words of a long mail\r\n" * 500_000)
    with closing(server), closing(SmtpSubmission(settings, WAITS)) as submission, pytest.raises(TryLater) as caught:
        submission.submit(long)
    assert server.moments[-1] == "content"
    assert not caught.value.uncertain
