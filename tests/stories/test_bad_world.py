"""A world that is not as the settings say: one sentence with the remedy, the right exit code, nothing lost."""

import os
import signal
import subprocess
from contextlib import suppress

import pytest

from tests.stories.mails import COMPLETE
from tests.support.servers import free_port, until

pytestmark = pytest.mark.slow


def test_a_wrong_password_is_77(house):
    (house.folder / "password").write_text("hunter2")
    for command in (("run", "--once"), ("check",)):
        said = house.run(*command, code=77)
        assert "refused the login" in said
        assert "check mailbox.username and the password" in said
        assert "hunter2" not in said


def test_a_missing_folder_names_those_that_are_there(house):
    house.configure(mailbox="folder: Reports\n")
    assert "there is no folder 'Reports'; set mailbox.folder to one of: INBOX" in house.run("run", "--once", code=69)


def test_an_untrusted_certificate_is_refused(house):
    house.configure(mailbox=f"port: {house.dovecot.tls_port}\nsecurity: tls\n")
    assert "name its authority in ca_file" in house.run("run", "--once", code=75)
    house.configure(mailbox=f"port: {house.dovecot.tls_port}\nsecurity: tls\nca_file: {house.dovecot.ca_file}\n")
    house.run("run", "--once")


def test_a_submission_server_that_is_down_owes_the_mail_and_loses_none(house):
    house.append(COMPLETE)
    house.configure(smtp=f"port: {free_port()}\n")
    assert "1 mail taken in, 0 mails sent, 1 still owed" in house.run("run", "--once")
    (case,) = house.cases()
    assert case["acknowledgment"]["state"] == "owed"
    assert "the connection was refused" in house.run("check", code=75)


def test_bad_settings_are_all_told_at_once_with_their_lines(house):
    house.config.write_text("identity: {organization: A, nmae: B, address: not an address}\nmailbox: {host: h}\n")
    said = house.run("run", "--once", code=78)
    assert f"{house.config}:1: identity.nmae: is no setting; allowed here: organization, name, address, aliases" in said
    assert f"{house.config}:2: mailbox.username: is missing" in said
    assert f"{house.config}:1: smtp: is missing" in said


@pytest.fixture
def small_disk(house):
    """The state directory on a disk of 256 KiB; yields how to fill it up, and the file that does."""
    disk = house.folder / "state"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", disk], check=False).returncode:
        if os.environ.get("CI"):
            pytest.fail("cannot mount a small disk")
        pytest.skip("needs to mount a small disk")

    def fill():
        with suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        return disk / "filler"

    yield fill
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_acknowledges_nothing_that_is_not_stored_and_goes_on_when_it_has_room(house, small_disk):
    filler = small_disk()
    house.append(COMPLETE)
    said = house.run("run", "--once", code=75)
    assert "the disk is full" in said
    assert house.sink.mails == []
    filler.unlink()
    house.run("run", "--once")
    assert len(house.acknowledgments()) == 1


def test_a_daemon_on_a_full_disk_goes_on_by_itself_when_it_has_room(house, small_disk):
    """A service manager that restarts it five times in ten minutes would then leave it down."""
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        filler = small_disk()
        house.append(COMPLETE)
        daemon.logs("the disk is full; mail stays on the server until it has room")
        daemon.told("STATUS=mailbox not read")
        assert daemon.process.poll() is None, daemon.log()
        assert house.sink.mails == []
        filler.unlink()
        daemon.signal(signal.SIGUSR1)
        until(house.acknowledgments, what=f"it did not go on: {daemon.log()}")
        daemon.stop()
        assert "Traceback" not in daemon.log()
    assert len(house.acknowledgments()) == 1


def test_a_state_that_cannot_be_read_is_74_and_nothing_is_sent(house):
    house.run("run", "--once")
    (house.state / "cases.json").write_text('{"triaged": "snap')
    house.append(COMPLETE)
    assert "is damaged; restore the state directory from a backup" in house.run("run", "--once", code=74)
    assert house.sink.mails == []


def test_no_state_yet_is_said(house):
    assert "there is no state yet; `triaged run` makes it" in house.run("cases", code=66)


def test_a_daemon_whose_store_fails_ends_by_itself(house):
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        (house.state / "spool").rmdir()
        house.append(COMPLETE)
        until(lambda: daemon.process.poll() is not None, what="it did not end")
        assert daemon.process.returncode == 74
        assert "Traceback" not in daemon.log()
    assert house.acknowledgments() == []
