"""The daemon as its service manager sees it."""

import signal
import socket

import pytest

from tests.servers import free_port, until
from tests.stories.mails import COMPLETE, INCOMPLETE, NEWSLETTER

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


def test_sigterm_ends_it_even_while_a_server_is_silent(house):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        house.configure(mailbox=f"port: {silent.getsockname()[1]}\n")
        with house.daemon() as daemon:
            daemon.told("READY=1")
            connection, _ = silent.accept()
            with connection:
                assert daemon.stop() < 5


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
