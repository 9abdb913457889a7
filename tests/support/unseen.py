"""Mail as clients, gateways, desks and mail systems write it: rows of `unseen_mail.jsonl`, made into octets.

`@SUBJECT@`, `@LETTER@` and their like stand for the letter of ours that the mail answers or returns.
"""

import base64
import html
import json
import quopri
import textwrap
from email import message_from_string
from email.header import Header
from email.policy import default
from pathlib import Path

from tests.support.values import BORDER

_CODECS = {"": "cp1252", "ks_c_5601-1987": "cp949", "tis-620": "cp874", "hz-gb-2312": "hz"}
ROWS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "core/intake/unseen_mail.jsonl").read_text(encoding="utf-8").splitlines()
]


def stands_for(letter):
    """What the placeholders stand for, by the octets of our letter."""
    sent = message_from_string(letter, policy=default)
    body, title = sent.get_body(("plain",)).get_content(), str(sent["Subject"])
    lines = textwrap.indent(body, "> ", lambda _: True).split("\n")
    half = len(lines) // 2
    return {
        "@SUBJECT@": f"Re: {title}",
        "@SUBJECTBARE@": title,
        "@LETTERID@": str(sent["Message-ID"]).strip(" <>"),
        "@LETTER@": body,
        "@MARKED@": "\n".join(lines),
        "@MARKEDFIRST@": "\n".join(lines[:half]),
        "@MARKEDREST@": "\n".join(lines[half:]),
        "@BARS@": textwrap.indent(body, "| ", lambda _: True),
        "@HTML@": html.escape(body).replace("\n", "<br>"),
        "@PIECE@": max(body.split("\n"), key=len).strip(),
    }


def filled(text, words):
    """The text with its placeholders filled in."""
    for name, value in words.items():
        text = text.replace(name, value)
    return text


def raw(row, words, own_id=""):
    """The octets of a row's mail, which answers the letter whose `words` these are."""
    label = row["charset"].partition(";")[0]
    text = filled(row["text"], words).replace("\n", "\r\n").encode(_CODECS.get(label, label))
    name, _, address = row["sender"].rpartition(" ")
    fields = {
        "From": f"{Header(name, 'utf-8').encode()} {address}" if not name.isascii() else row["sender"],
        "To": "security@smallest.ai",
        "Subject": Header(filled(row["subject"], words), "utf-8").encode(),
        "Message-ID": f"<{own_id or row['id']}@lab.example>",
        "Date": "Mon, 23 Nov 2026 12:00:00 +0000",
        "MIME-Version": "1.0",
        **({"In-Reply-To": f"<{words['@LETTERID@']}>"} if row["thread"] else {}),
        **({"Authentication-Results": f"{BORDER}; dmarc=pass"} if row["vouch"] else {}),
        "Content-Type": f"text/{row['type']}" + (f"; charset={row['charset']}" if label else ""),
        "Content-Transfer-Encoding": row["cte"],
        **row["headers"],
    }
    head = "".join(f"{name}: {filled(value, words)}\r\n" for name, value in fields.items())
    encode = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(row["cte"], bytes)
    return f"{head}\r\n".encode() + encode(text)
