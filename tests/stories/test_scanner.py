"""A scanner beside the daemon: what it says is shown, and nobody waits for it."""

import pytest

from tests.stories.mails import mail
from tests.support.scripted_clamd import EICAR, scripted_clamd
from tests.support.servers import until

pytestmark = pytest.mark.slow

FIELDS = ("MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"')
ATTACHED = mail(
    "ada@research.example",
    "SSRF in the webhook endpoint",
    "--b\nContent-Type: text/plain\n\nGET /v1/hooks?url=http://169.254.169.254/ HTTP/1.1\n--b\n"
    f"Content-Type: text/plain\nContent-Disposition: attachment; filename=poc.txt\n\n{EICAR.decode()}\n--b--\n",
    "scan@research.example",
    *FIELDS,
)


def scans(house) -> list:
    return [scan for case in house.cases() for scan in case["scans"]]


def test_what_it_finds_comes_onto_the_case_after_the_acknowledgment(house):
    with scripted_clamd() as clamd:
        house.configure(extra=f"attachments: {{clamd: '{clamd.address}'}}\n")
        house.append(ATTACHED)
        with house.daemon() as daemon:
            daemon.logs('"event": "mail scanned"')
            assert daemon.stop() < 5
    (case,) = house.cases()
    assert [(scan["verdict"], scan["reason"]) for scan in case["scans"]] == [("infected", "Eicar-Signature")]
    kinds = [event["kind"] for event in house.json("show", case["id"])["history"]]
    assert kinds.index("submitted") < kinds.index("scanned")
    assert EICAR in clamd.streams[0]
    assert "Eicar" not in daemon.log()


def test_one_that_says_nothing_holds_up_neither_a_later_mail_nor_the_end(house):
    with scripted_clamd("silence") as clamd:
        house.configure(extra=f"attachments: {{clamd: '{clamd.address}'}}\n")
        house.append(ATTACHED)
        with house.daemon() as daemon:
            until(lambda: clamd.streams, within=40, what="it was never asked")
            house.append(
                mail("bo@research.example", "IDOR in the invoices", "GET /v1/invoices/1", "b@research.example")
            )
            until(lambda: len(house.acknowledgments()) == 2, what="a scan held up an acknowledgment")
            assert daemon.stop() < 5
    assert scans(house) == []
    assert "Traceback" not in daemon.log()


def test_one_that_is_not_there_costs_a_line_in_the_log(house):
    house.configure(extra="attachments: {clamd: /nowhere/clamd.ctl}\n")
    house.append(ATTACHED)
    with house.daemon() as daemon:
        until(house.acknowledgments, what="no acknowledgment")
        daemon.logs("its socket is not there")
        assert daemon.stop() < 5
    assert daemon.log().count("mail not scanned") == 1
