"""A state directory with cases in it, and the command line run in this process."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import structlog

from tests.support.fakes import FakeMailbox, FakeSubmission
from tests.support.rooms import changed
from triaged.adapters.notify import write_pulse
from triaged.cli import run
from triaged.composition import open_round
from triaged.config.loading import load
from triaged.config.yaml_source import read_yaml
from triaged.core.mail.arrival import Place
from triaged.ports import Fetched, Pulse, Refused
from triaged.resources import resource
from triaged.service.delivery import deliver
from triaged.service.intake import take_in

CONFIG = """\
identity: {organization: Smallest.AI, name: Smallest.AI Security, address: security@smallest.ai}
mailbox: {host: localhost, port: 1, security: none, username: security, password_env: TRIAGED_PASSWORD}
smtp: {host: localhost, port: 1, security: none}
digest: {to: [team@smallest.ai], at: "09:00", timezone: UTC}
state_dir: state
"""


@pytest.fixture(autouse=True)
def logging_as_before():
    """A command sets up logging onto the streams that the test hands it, and those are closed after it."""
    yield
    structlog.reset_defaults()


# Each filling is another incarnation of the folder: no place is known from the last one.
_FOLDERS = count(1)


def mail(sender, subject, text, message_id):
    head = f"From: {sender}\r\nTo: security@smallest.ai\r\nSubject: {subject}\r\n"
    return f"{head}Message-ID: <{message_id}@x.example>\r\n\r\n{text}".encode()


COMPLETE = mail(
    "Ann <ann@example.org>",
    "Prompt injection leaks the system prompt",
    "A prompt injection hidden in a document makes the assistant print its system prompt and its tools.\r\n\r\n"
    "1. Upload the document.\r\n2. Ask for a summary.\r\n\r\nAn attacker can read the prompt of any tenant.\r\n",
    "complete",
)
HOSTILE = mail(
    "=?utf-8?q?Eve=1B?= <eve@evil.example>",
    "=?utf-8?q?=1B[31mXSS=E2=80=AE=0D=0ABcc:_x@y.example?=",
    "\x1b]8;;http://evil.example\x07The login page reflects its input.\r\nGET /login?next=<script> HTTP/1.1\r\n",
    "hostile",
)
SILENT = mail("a@x.example, b@x.example", "SSRF in the webhook endpoint", "GET /v1/hooks HTTP/1.1\r\n", "silent")


def write_policy(path, *rules):
    """The shipped policy with these rules of scope alone: verdicts that no change of the shipped rules moves."""
    policy = dict(read_yaml(resource("config/policy.yaml")).data)
    policy["scopes"] = {**policy["scopes"], "rules": list(rules)}
    policy["reading"] = {"second_reader": False}
    path.write_text(json.dumps(policy))
    return path


def rule(name, scope, *phrases, **more):
    return {"id": name, "scope": scope, "weight": 6, "phrases": list(phrases), **more}


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)
    monkeypatch.setenv("TRIAGED_PASSWORD", "secret words")
    path = tmp_path / "triaged.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def fill(config):
    """Take mails in, each as if it had arrived that long ago; submissions end as given."""

    def taken_in(*mails, ago=timedelta(hours=1), outcomes=()):
        loaded, folder = load(config), next(_FOLDERS)
        now = datetime.now(UTC)
        waiting = [Fetched(Place("INBOX", folder, uid), now - ago, len(raw), raw) for uid, raw in enumerate(mails, 1)]
        with open_round(loaded) as rooms:
            on_fakes = changed(rooms, mailbox=FakeMailbox(*waiting), submission=FakeSubmission(*outcomes))
            settled = take_in(on_fakes.mailrooms[0])
            deliver(on_fakes.outgoing)
        write_pulse(loaded.settings.state_dir, Pulse(last_poll_at=now))
        return [each.arrival.case_id for each in settled]

    return taken_in


@pytest.fixture
def three(fill):
    """A complete report, a hostile one whose acknowledgment was refused, and one that nobody may be answered on."""
    return fill(HOSTILE, COMPLETE, SILENT, outcomes=(Refused("550 no such user"),))


@pytest.fixture
def triaged(config, capsys):
    """Run a command with the config; returns what it printed on stdout (and stderr) and checks its exit code."""

    def command(*arguments, code=0, err=False):
        capsys.readouterr()
        ended = run(["--config", str(config), *map(str, arguments)])
        out, said = capsys.readouterr()
        assert ended == code, out + said
        return said if err else out

    return command
