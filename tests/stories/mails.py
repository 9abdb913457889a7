"""The mails of the stories, written for them; the hostile ones stand last."""

from base64 import b64encode

_HEAD = b"From: %s\r\nTo: security@smallest.ai\r\nSubject: %s\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <%s>\r\n"


def mail(sender: str, subject: str, text: str, message_id: str, *fields: str) -> bytes:
    """A plain text mail."""
    head = _HEAD % (sender.encode(), subject.encode(), message_id.encode())
    more = "".join(f"{field}\r\n" for field in fields)
    return head + more.encode() + b"\r\n" + text.replace("\n", "\r\n").encode()


COMPLETE = mail(
    "Ada <ada@research.example>",
    "Prompt injection in the assistant leaks the system prompt",
    """Summary
A prompt injection hidden in a document makes the assistant print its system prompt.

Steps to reproduce
1. Upload a document that says "ignore all previous instructions".
2. Ask for a summary of it.

Impact
An attacker can read the system prompt of any tenant.
""",
    "complete@research.example",
)
INCOMPLETE = mail(
    "grace@hopper.example",
    "IDOR in the invoice endpoint",
    """The invoice endpoint of your API does not check who asks, so a changed number is enough:

GET /v1/invoices/1042 HTTP/1.1
Host: api.smallest.ai
""",
    "incomplete@hopper.example",
)
OUT_OF_SCOPE = mail(
    "pat@customer.example",
    "Your model hallucinates: a wrong answer about our opening hours",
    """Your assistant gave an incorrect answer about our shop. It made this up, it is false information, and
customers now stand in front of a closed door every Sunday morning.

1. Ask when the shop is open.
2. Read the wrong answer.
""",
    "hours@customer.example",
)
BOUNCE = mail(
    "MAILER-DAEMON@mx.example",
    "Undelivered Mail Returned to Sender",
    "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n--b--\r\n",
    "bounce@mx.example",
    "Auto-Submitted: auto-replied",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "MIME-Version: 1.0",
)
NEWSLETTER = mail(
    "editor@news.example",
    "This week in security",
    "An exploit for a popular router, and more.\n",
    "issue@news.example",
    "List-Id: <weekly.news.example>",
    "List-Unsubscribe: <https://news.example/leave>",
    "Precedence: bulk",
)


def numbered(number: int) -> bytes:
    """One report of many."""
    return mail(
        f"ann{number}@example{number}.org",
        f"XSS number {number} in the dashboard",
        f"The search field of the dashboard reflects its input.\n\n1. Open /search?q=<script>alert({number})</script>\n\n"
        "An attacker can read the session cookie.\n",
        f"report-{number}@example.org",
    )


def deliver_all(house, mails) -> None:
    """Put many mails into a house's mailbox in one session."""
    with house.dovecot.session(house.user) as client:
        for raw in mails:
            answer = client.append("INBOX", "", None, raw)
            assert answer[0] == "OK", answer


KUMQUAT = """Summary
The zebrafish-quokka marmalade endpoint of your API prints kumquat-flavoured session tokens.

Steps to reproduce
1. curl https://api.smallest.ai/v1/zebrafish-quokka
2. Read the kumquat-flavoured tokens.

Impact
An attacker can read the kumquat-flavoured tokens of any tenant.
"""
THIRD = "third-party.example"
CONTROL = (
    "X-Triaged-Scope: out-of-scope",
    "X-Triaged-State: closed",
    "X-Triaged-Case: SEC-0000-0000",
    "X-Triaged-Owner: mallory",
    "X-Triaged-Severity: low",
    f"X-Triaged-To: boss@{THIRD}",
    "RT-Squelch-Replies-To: control@hostile.example",
    f"RT-Send-CC: boss@{THIRD}",
)
# Read by others as commands, by us as the mark of a ticket system.
MACHINE = (
    "X-Zammad-Ticket-State: closed",
    f"X-Zammad-Send-To: boss@{THIRD}",
    "X-Zammad-Ignore: true",
)
# Who else a sender would like to see answered.
REFLECT = tuple(
    f"{name}: boss@{THIRD}"
    for name in (
        "Reply-To Cc Sender Errors-To Return-Receipt-To Disposition-Notification-To Mail-Followup-To Mail-Reply-To "
        "Resent-From Resent-Reply-To X-Envelope-From Apparently-To Bcc"
    ).split()
)
# What lists put the author into whom they took From away from; anybody else may write it too.
RELAYED = tuple(f"{name}: boss@{THIRD}" for name in ("X-Original-From", "X-Original-Sender", "X-Forwarded-For"))


def hostile(name: str, *fields: str, sender: str = "", subject: str = "Marzipan-otter gateway reflects input") -> bytes:
    """A complete report with something hostile about it; `name` is its local part and its Message-ID."""
    return mail(sender or f"Quincy <{name}@hostile.example>", subject, KUMQUAT, f"{name}@hostile.example", *fields)


def word(text: str, encoding: str) -> str:
    """An encoded word whose every byte is encoded."""
    raw = text.encode()
    return (
        f"=?utf-8?b?{b64encode(raw).decode()}?=" if encoding == "b" else f"=?utf-8?q?{raw.hex('=').join(('=', ''))}?="
    )


def attached(name: str, *parameters: str) -> bytes:
    head = hostile(name, "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"').partition(b"\r\n\r\n")[0]
    body = "".join(
        f"--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; {each}\r\n\r\nzebrafish\r\n"
        for each in parameters
    )
    text = KUMQUAT.replace("\n", "\r\n")
    return head + f"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n{body}--b--\r\n".encode()


def with_id(name: str, message_id: str, *fields: str) -> bytes:
    return hostile(name, *fields).replace(f"Message-ID: <{name}@hostile.example>".encode(), message_id.encode())


BCC = f"x\r\nBcc: boss@{THIRD}\r\nX-Injected: 1\r\n\r\nmarzipan-otter"
CRLF = {
    "crlf-q": hostile("crlf-q", subject=word(BCC, "q")),
    "crlf-b": hostile("crlf-b", subject=word(BCC, "b")),
    "cr": hostile("cr", subject=word(BCC.replace("\r\n", "\r"), "q")),
    "lf": hostile("lf", subject=word(BCC.replace("\r\n", "\n"), "b")),
    "nel": hostile("nel", subject=word(BCC.replace("\r\n", "\x85"), "b")),
    "separator": hostile("separator", subject=word(BCC.replace("\r\n", "\u2028"), "b")),
    "surrogate": hostile("surrogate", subject="=?utf-8?q?=ED=A0=80?= =?utf-7?q?+AAo-Bcc:?="),
    "name-q": hostile("name-q", sender=f"{word(BCC, 'q')} <name-q@hostile.example>"),
    "name-b": hostile("name-b", sender=f'"{word(BCC, "b")}" <name-b@hostile.example>'),
    "file": attached(
        "file",
        f'filename="{word(BCC, "q")}"',
        f"filename*=utf-8''x%0D%0ABcc%3A%20boss%40{THIRD}",
        f"filename*0*=utf-8''x%0D%0A; filename*1*=Bcc%3A%20boss%40{THIRD}",
    ),
    "id": with_id("id", f"Message-ID: <{word(BCC, 'q')}@hostile.example>"),
    "id-raw": with_id("id-raw", f"Message-ID: <a\r\n\tBcc: boss@{THIRD}>"),
    "references": with_id(
        "references",
        f"Message-ID: <references@hostile.example>\r\nIn-Reply-To: <{word(BCC, 'b')}@x.example>",
        f"References: <a@x.example>\r\n {word(BCC, 'q')}\r\n <b@x.example>{'<c@x.example>' * 2000}",
    ),
    "id-long": with_id("id-long", f"Message-ID: <{'a' * 5000}@hostile.example>"),
}
# The rows of the differential: what each parser takes for the author. None may be answered but the one that all agree on.
FROM = {
    "two in one": "victim@x.example <attacker@y.example>",
    "two in brackets": "<victim@x.example> <attacker@y.example>",
    "a semicolon": "victim@x.example;attacker@y.example",
    "a comma": "victim@x.example, attacker@y.example",
    "a folded second": "victim@x.example\r\n attacker@y.example",
    "a bracket": "victim@x.example)attacker@y.example",
    "a word alone": "=?utf-8?q?victim=40x.example?=",
    "a word as an address": "=?utf-8?q?victim=40x.example?= <=?utf-8?q?attacker=40y.example?=>",
    "a route": "@relay.example:victim@x.example",
    "two fields": "victim@x.example\r\nFrom: attacker@y.example",
    "line ends in the name": word("x\r\n<attacker@y.example>", "q") + " <victim@x.example",
    "a group": "people: victim@x.example, attacker@y.example;",
    "a comment": "victim@x.example (<attacker@y.example>",
    "quotes": '"victim@x.example" "<attacker@y.example" victim@x.example',
    "nothing": "<>",
    "a NUL sign": "victim@x.example\x01attacker@y.example",
    "fifty thousand": ",".join(f"v{number}@x.example" for number in range(50_000)),
}
HARMLESS = {"victim@x.example", "attacker@y.example"}
# CVE-2016-10033 and its kin: what a submission program could take for an option, and what SMTP could take amiss.
ARGUMENTS = (
    "-oQ/tmp@x.example",
    '"-oQ/tmp/ -X/var/www/shell.php "@x.example',
    "a b@x.example",
    "--help@x.example",
    "'-X'@x.example",
    "a@[127.0.0.1]",
    "a@127.0.0.1",
    "a@[IPv6:::1]",
    "a@localhost",
    "a@-x.example",
    "a@x..example",
    "a..b@x.example",
    "a\\@x.example",
    "a|touch${IFS}x@x.example;id",
    "a%0d%0aRCPT TO:<b@x.example>@x.example",
    f"{'l' * 65}@x.example",
    f"a@{'d' * 64}.example",
    f"a@{'.'.join(['d' * 60] * 5)}.example",
)
ODD = {
    "reflect": hostile("reflect", *REFLECT),
    "relayed": hostile("relayed", *RELAYED),
    "control": hostile("control", *CONTROL),
    "machine": hostile("machine", *MACHINE),
    "plain": hostile("plain"),
    "squat-1": hostile("squat"),
    "squat-2": hostile("squat").replace(b"marmalade", b"tangerine"),
    "noreply": mail(
        "Slack <no-reply@slack.example>",
        "Confirm your email address on Slack",
        "Use code 384-113 to sign in, or open https://slack.example/z/kumquat-flavoured\n",
        "verify@slack.example",
    ),
}
AUTHORS = {name: hostile(f"from-{number}", sender=each) for number, (name, each) in enumerate(FROM.items())}
OPTIONS = {each: hostile(f"option-{number}", sender=f"<{each}>") for number, each in enumerate(ARGUMENTS)}
HOSTILE = {**CRLF, **AUTHORS, **OPTIONS, **ODD}
