"""The mails of the stories, written for them."""

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
