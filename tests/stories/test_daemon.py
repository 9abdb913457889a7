"""The daemon as its service manager sees it."""

import signal
import socket
from contextlib import contextmanager

import pytest

from tests.stories.mails import COMPLETE, INCOMPLETE, NEWSLETTER
from tests.support.scripted_imap import ScriptedImap
from tests.support.servers import free_port, until

pytestmark = pytest.mark.slow


def test_it_tells_the_service_manager_how_it_is_and_ends_at_sigterm(house):
    with house.daemon() as daemon:
        daemon.told("READY=1")
        daemon.told("STATUS=polled")
        daemon.told("WATCHDOG=1")
        assert daemon.stop() < 5
        daemon.told("STOPPING=1")
    assert '"event": "stopped"' in daemon.log()


def test_a_new_mail_is_answered_while_it_runs(house):
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        house.append(COMPLETE)
        until(house.acknowledgments, what="no acknowledgment")
        daemon.stop()
    assert "leaks the system prompt" not in daemon.log()


def test_a_new_mail_is_noticed_long_before_the_next_poll(house):
    house.configure(mailbox="poll_every: 1h\n")
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        house.append(COMPLETE)
        until(house.acknowledgments, within=30, what="IDLE did not bring it")
        assert daemon.stop() < 5
    assert daemon.log().count('"event": "polled"') == 1


def test_the_first_digest_goes_to_the_team_once(house):
    house.append(NEWSLETTER)
    # Its set time has passed on every day of the year.
    house.config.write_text(house.config.read_text().replace('"09:00"', '"00:00"'))
    for _ in range(2):
        with house.daemon() as daemon:
            daemon.told("STATUS=polled")
            until(lambda: any(b"auto-generated" in raw for _, _, raw in house.sink.mails), what="no digest")
            daemon.stop()
    digests = [(to, raw) for _, to, raw in house.sink.mails if b"Subject: [triaged]" in raw]
    assert [to for to, _ in digests] == [[house.team]]


def test_a_second_instance_is_refused_with_the_pid_of_the_first(house):
    with house.daemon() as daemon:
        daemon.told("READY=1")
        said = house.run("run", "--once", code=74)
        assert f"is in use by pid {daemon.process.pid}; stop that one first" in said
        daemon.stop()


def test_the_team_decides_while_it_runs(house):
    house.append(COMPLETE)
    with house.daemon() as daemon:
        until(house.acknowledgments, what="no acknowledgment")
        (case,) = house.cases()
        house.run("case", case["id"], "triage", "--severity", "high")
        house.run("case", "--by", "bo", case["id"], "owner", "cy")
        shown = house.json("show", case["id"])
        daemon.stop()
    assert (shown["state"], shown["severity"], shown["owner"]) == ("triaged", "high", "cy")
    assert {d["name"]: d["state"] for d in shown["deadlines"]}["triage"] == "met"
    assert [event["by"] for event in shown["history"] if event["kind"] == "owner-set"] == ["bo"]


def test_sighup_takes_new_settings_all_or_nothing(house):
    good = house.config.read_text()
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        house.config.write_text(good.replace("poll_every: 1s", "poll_evry: 1s\n  folder: [x"))
        daemon.signal(signal.SIGHUP)
        daemon.logs("settings not reloaded; the old ones stay")
        house.append(COMPLETE)
        until(house.acknowledgments, what="the old settings did not stay")
        house.config.write_text(good.replace("name: Smallest.AI Security", "name: Renamed"))
        daemon.signal(signal.SIGHUP)
        daemon.logs('"event": "settings reloaded"')
        house.append(INCOMPLETE)
        until(lambda: len(house.acknowledgments()) == 2, what="no acknowledgment after the reload")
        daemon.stop()
    assert [mail["From"].split(" <")[0] for _, _, mail in house.acknowledgments()] == [
        '"Smallest.AI Security"',
        "Renamed",
    ]


def test_sighup_takes_no_template_that_does_not_render(house):
    templates = house.folder / "own"
    templates.mkdir()
    (templates / "alert.txt.j2").write_text("{{ alert.nothing_of_that_name }}")
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        house.configure(extra="templates: own\n")
        daemon.signal(signal.SIGHUP)
        daemon.logs("alert.txt.j2:1: UndefinedError")
        house.append(COMPLETE)
        until(house.acknowledgments, what="the old settings did not stay")
        daemon.stop()


def test_templates_edited_into_faults_after_the_start_end_nothing_and_lose_nothing(house):
    templates = house.folder / "own"
    templates.mkdir()
    house.configure(extra="templates: own\n")
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        for name in ("acknowledgment.txt.j2", "alert.txt.j2", "digest.txt.j2", "digest.html.j2", "alarm.txt.j2"):
            (templates / name).write_text("{{ nothing_of_that_name }}")
        house.append(COMPLETE + b"\r\nIt is being exploited in the wild.\r\n")
        daemon.logs('"event": "answer not written"')
        until(lambda: alerts(house), what="no alert")
        (case,) = house.cases()
        assert (case["subject"], case["scope"], case["acknowledgment"]["state"]) != ("", "unclear", "withheld")
        assert "the answer could not be written: " in case["acknowledgment"]["reason"]
        assert "your template is at fault, so the shipped one wrote this mail" in " ".join(alerts(house)[0].split())
        for path in templates.iterdir():
            path.unlink()
        until(house.acknowledgments, within=60, what="the answer was not written again")
        daemon.stop()
    ((_, recipients, _),) = house.acknowledgments()
    assert recipients == [case["reporter"]["address"]]
    assert house.cases()[0]["acknowledgment"]["state"] == "submitted"


def alerts(house):
    return [raw.decode() for _, _, raw in house.sink.mails if b"[triaged] alert" in raw]


@pytest.mark.parametrize(
    ("name", "content"), [("", ""), ("alert.txt.j2", " \n"), ("alerts.txt.j2", "x"), ("digest.html.j2", "<br>")]
)
def test_sighup_takes_no_folder_of_templates_that_no_mail_can_be_written_from(house, name, content):
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        if name:
            (house.folder / "own").mkdir()
            (house.folder / "own" / name).write_text(content)
        house.configure(extra="templates: own\n")
        daemon.signal(signal.SIGHUP)
        daemon.logs("settings not reloaded; the old ones stay")
        house.append(COMPLETE)
        until(house.acknowledgments, what="the old settings did not stay")
        daemon.stop()


def test_sigterm_ends_it_even_while_a_server_is_silent(house):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        house.configure(mailbox=f"port: {silent.getsockname()[1]}\n")
        with house.daemon() as daemon:
            daemon.told("READY=1")
            connection, _ = silent.accept()
            with connection:
                assert daemon.stop() < 5


@pytest.mark.parametrize("stop", [signal.SIGSTOP, signal.SIGTSTP], ids=["stopped", "stopped from a terminal"])
def test_a_pause_of_the_whole_process_does_not_end_it(house, stop):
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        for _ in range(3):
            daemon.pause(1.3, stop)
        house.append(COMPLETE)
        until(house.acknowledgments, what="it did not go on after the pauses")
        assert daemon.stop() < 5
    assert '"event": "settings reloaded"' not in daemon.log()


def test_what_it_is_told_during_a_pause_it_does_afterwards(house):
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        daemon.pause(1.3, signal.SIGSTOP, signal.SIGHUP)
        daemon.logs('"event": "settings reloaded"')
        daemon.pause(1.3, signal.SIGSTOP, signal.SIGTERM)
        assert daemon.process.wait(5) == 0


def test_a_server_that_comes_back_is_read_again(house):
    good = house.config.read_text()
    house.configure(mailbox=f"port: {free_port()}\n")
    with house.daemon() as daemon:
        daemon.logs('"event": "mailbox not read"')
        assert "the connection was refused" in house.run("status", code=2)
        house.append(COMPLETE)
        house.config.write_text(good)
        daemon.signal(signal.SIGHUP)
        until(house.acknowledgments, what="no acknowledgment")
        daemon.logs('"event": "mailbox reached again"')
        daemon.stop()


@contextmanager
def scripted(house, mailbox="", **script):
    """A server that misbehaves in place of dovecot; at most one connection is ever open on it."""
    server = ScriptedImap()
    server.script.update({verb.replace("_", " "): faults for verb, faults in script.items()})
    house.configure(mailbox=f"host: 127.0.0.1\nport: {server.port}\n{mailbox}")
    try:
        yield server
        assert server.most_open == 1
        assert server.count("EXPUNGE") == 0
    finally:
        server.stop()


def test_new_mail_is_answered_at_once_though_the_next_poll_is_an_hour_away(house):
    house.configure(mailbox="poll_every: 1h\n")
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        for count, mail in enumerate((COMPLETE, INCOMPLETE), 1):
            house.append(mail)
            until(lambda count=count: len(house.acknowledgments()) == count, what="nobody heard of the mail")
        assert daemon.stop() < 5
    assert "mailbox not read" not in daemon.log()


def test_without_idle_mail_waits_for_the_poll(house):
    with scripted(house, "poll_every: 2s\nidle: false\n") as server, house.daemon() as daemon:
        daemon.told("STATUS=polled")
        server.deliver(COMPLETE)
        until(house.acknowledgments, what="no acknowledgment")
        daemon.stop()
        assert server.count("IDLE") == 0


def test_a_server_that_falls_silent_while_idle_stops_neither_the_heartbeat_nor_the_end(house):
    with scripted(house, "poll_every: 1h\n", DONE=["silence"]) as server, house.daemon() as daemon:
        until(lambda: server.count("IDLE"), what="it did not idle")
        for _ in range(2):
            daemon.told("WATCHDOG=1")
        assert daemon.stop() < 5
        server.quiet()


def test_it_ends_while_it_waits_for_a_silent_server_to_end_idle(house):
    with scripted(house, "poll_every: 1h\n", DONE=["silence"]) as server, house.daemon() as daemon:
        until(lambda: server.count("IDLE"), what="it did not idle")
        server.deliver(COMPLETE)
        until(lambda: server.count("DONE"), what="it did not hear of the mail")
        assert daemon.stop() < 5


def test_a_server_that_ends_each_idle_is_not_logged_in_to_again_and_again(house):
    with scripted(house, "poll_every: 1s\n", IDLE=["hang up"] * 100) as server, house.daemon() as daemon:
        until(lambda: server.count("NOOP") > 4, what="it did not go on polling")
        server.deliver(COMPLETE)
        until(house.acknowledgments, what="no acknowledgment")
        daemon.stop()
        assert (server.count("LOGIN"), server.count("IDLE")) == (2, 1)


def test_an_outage_is_logged_with_its_length_and_loses_nothing(house):
    with scripted(house) as server, house.daemon() as daemon:
        daemon.told("STATUS=polled")
        server.script |= {"DONE": ["hang up"], "NOOP": ["hang up"], "GREETING": ["hang up", "BYE shutting down"]}
        server.deliver(COMPLETE)
        daemon.logs('"event": "mailbox not read"')
        daemon.signal(signal.SIGUSR1)
        daemon.logs("out_for_seconds")
        until(house.acknowledgments, what="no acknowledgment")
        daemon.stop()
    assert len(house.cases()) == 1


def test_a_refused_login_is_not_repeated_until_a_person_asks(house):
    with scripted(house, LOGIN=["NO [AUTHENTICATIONFAILED] no"] * 2) as server, house.daemon() as daemon:
        daemon.logs('"event": "mailbox not read"')
        server.deliver(COMPLETE)
        for _ in range(2):
            daemon.told("WATCHDOG=1")
        assert server.count("LOGIN") == 1
        daemon.signal(signal.SIGUSR1)
        until(lambda: server.count("LOGIN") == 2, what="nobody asked again")
        daemon.signal(signal.SIGUSR1)
        until(house.acknowledgments, what="no acknowledgment")
        daemon.stop()


def test_a_mail_that_the_server_does_not_give_is_told_of_and_the_others_are_answered(house):
    with scripted(house, "poll_every: 1s\n") as server, house.daemon() as daemon:
        server.deliver(INCOMPLETE)
        server.broken[1] = "NIL"
        server.deliver(COMPLETE)
        until(house.acknowledgments, what="the other mail waited")
        daemon.logs("mail unreadable on the server")
        until(lambda: "1 mail cannot be had" in house.run("status", code=2), what="status is silent")
        daemon.stop()
        assert "UID 1 in INBOX: the server gave no bytes of it" in house.run("status", code=2)
    assert len(house.cases()) == 1


def test_one_pass_tells_at_once_of_a_mail_that_did_not_come(house):
    with scripted(house) as server:
        server.deliver(COMPLETE)
        server.broken[1] = "NIL"
        house.run("run", "--once")
        assert "1 mail cannot be had from the server (UID 1 in INBOX" in house.run("status", code=2)
        server.broken.clear()
        house.run("run", "--once")
        assert "cannot be had" not in house.run("status")
