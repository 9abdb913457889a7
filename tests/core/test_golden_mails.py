"""Golden mails: each named for what is odd in it, and what becomes of it under the shipped policy.

File, end, what the sender hears (`reply` with its variant, `held` or `silent` with the sign), scope and band, missing sections.
"""

from pathlib import Path

import pytest

from tests.support.mutants import Mutant
from tests.support.oracle import breaches
from tests.support.values import decide
from tests.support.whole_way import Product, explained, quiet
from triaged.core.mail.parsing.reading import read_message

MAILS = Path(__file__).parents[1] / "mails"

GOLDEN = (
    ("alternatives-that-differ.eml", "opened", "reply complete", "infrastructure high", ""),
    ("answer-below-quotation.eml", "opened", "reply complete", "model high", ""),
    ("auto-submitted-no.eml", "opened", "reply needs-info", "infrastructure high", "steps"),
    ("auto-submitted-twice.eml", "set-aside", "silent auto-submitted", "infrastructure low", "steps impact"),
    ("away-arabic.eml", "opened", "held away", "none low", ""),
    ("away-by-text.eml", "opened", "held away", "none high", ""),
    ("away-decomposed.eml", "opened", "held away", "model low", "steps impact"),
    ("away-hebrew.eml", "opened", "held away", "unclear low", "steps impact"),
    ("base64-rubbish.eml", "opened", "reply needs-info", "infrastructure low", "steps impact"),
    ("bounce-exchange-german.eml", "set-aside", "silent bounce", "none high", ""),
    ("bounce-qmail.eml", "set-aside", "silent bounce", "none low", ""),
    ("bounce-without-marks.eml", "set-aside", "silent bounce", "unclear low", ""),
    ("calendar-answer.eml", "set-aside", "silent invitation", "unclear low", "description steps impact"),
    ("cert-through-rt.eml", "opened", "held software", "none high", ""),
    ("challenge-by-words.eml", "opened", "held challenge", "infrastructure low", ""),
    ("charset-8859-1-holds-1252.eml", "opened", "reply complete", "infrastructure high", ""),
    ("charset-big5.eml", "opened", "reply complete", "infrastructure high", ""),
    ("charset-gb2312-holds-gbk.eml", "opened", "reply complete", "infrastructure high", ""),
    ("charset-in-html-meta-alone.eml", "opened", "reply complete", "infrastructure high", ""),
    ("charset-iso-2022-jp-of-windows.eml", "opened", "reply complete", "infrastructure high", ""),
    ("charset-iso-2022-jp.eml", "opened", "reply complete", "infrastructure high", ""),
    ("charset-ks-c-5601.eml", "opened", "reply complete", "infrastructure high", ""),
    ("charset-utf-7.eml", "opened", "reply complete", "infrastructure high", ""),
    ("charset-windows-874.eml", "opened", "reply complete", "infrastructure low", ""),
    ("chinese-report.eml", "opened", "reply complete", "model high", ""),
    ("comma-in-quoted-name.eml", "opened", "reply needs-info", "infrastructure high", "steps impact"),
    ("complete-model.eml", "opened", "reply complete", "model high", ""),
    ("cron-output.eml", "set-aside", "silent software", "infrastructure low", "description steps impact"),
    ("ddos-offer.eml", "opened", "reply complete", "out-of-scope high", ""),
    ("desk-by-header.eml", "opened", "held software", "none low", ""),
    ("desk-by-words.eml", "opened", "held desk", "none high", ""),
    ("desk-polish.eml", "opened", "held desk", "unclear low", ""),
    ("digest-of-two-mails.eml", "opened", "reply complete", "infrastructure high", ""),
    ("dmarc-aggregate-by-file-name.eml", "set-aside", "silent dmarc-report", "unclear low", "description steps impact"),
    ("dmarc-aggregate.eml", "set-aside", "silent dmarc-report", "infrastructure low", "description steps impact"),
    ("dos-in-parser.eml", "opened", "reply complete", "sdk low", ""),
    ("dsn-postfix.eml", "set-aside", "silent report", "none low", ""),
    ("empty.eml", "opened", "held no-sender", "unclear low", "description steps impact"),
    ("encoding-quoted-and-twice.eml", "opened", "reply complete", "infrastructure high", ""),
    ("encoding-with-comment.eml", "opened", "reply complete", "infrastructure high", ""),
    ("encrypted-gpg-file.eml", "opened", "reply encrypted", "unclear low", ""),
    ("encrypted-mangled-by-exchange.eml", "opened", "reply encrypted", "unclear low", ""),
    ("encrypted-pgp-inline.eml", "opened", "reply encrypted", "unclear low", ""),
    ("encrypted-pgp-mime.eml", "opened", "reply encrypted", "unclear low", ""),
    ("encrypted-smime-gcm.eml", "opened", "reply encrypted", "unclear low", ""),
    ("encrypted-smime-octet-stream.eml", "opened", "reply encrypted", "unclear low", ""),
    ("encrypted-smime.eml", "opened", "reply encrypted", "unclear low", ""),
    ("escapes-in-part-type.eml", "opened", "reply complete", "infrastructure high", ""),
    ("executable-as-picture.eml", "opened", "reply complete", "infrastructure high", ""),
    ("external-banner.eml", "opened", "reply complete", "infrastructure high", ""),
    ("flowed-delsp-chinese.eml", "opened", "reply complete", "infrastructure high", ""),
    ("forward-gmail-introduced.eml", "opened", "reply forwarded", "infrastructure high", ""),
    ("forward-thunderbird-german.eml", "opened", "reply forwarded", "infrastructure high", ""),
    ("forwarded-report.eml", "opened", "reply forwarded", "infrastructure high", ""),
    ("from-comment-name.eml", "opened", "reply complete", "infrastructure high", ""),
    ("from-escaped-quotes.eml", "opened", "reply complete", "infrastructure high", ""),
    ("from-idn.eml", "opened", "reply complete", "infrastructure high", ""),
    ("from-in-display-name.eml", "opened", "held no-sender", "infrastructure high", "steps impact"),
    ("from-smtputf8.eml", "opened", "reply complete", "infrastructure high", ""),
    ("hallucination.eml", "opened", "reply wrong-answer", "out-of-scope high", ""),
    ("html-only.eml", "opened", "reply complete", "infrastructure high", ""),
    ("incomplete-infrastructure.eml", "opened", "reply needs-info", "infrastructure high", "steps"),
    ("jailbreak-no-headings.eml", "opened", "reply complete", "model low", ""),
    ("lf-only-raw-8bit.eml", "opened", "reply needs-info", "sdk low", "impact"),
    ("list-footer-beside-html.eml", "opened", "reply complete", "infrastructure high", ""),
    ("list-mail.eml", "set-aside", "silent list", "none high", ""),
    ("mbox-from-line.eml", "opened", "reply needs-info", "infrastructure high", "steps impact"),
    ("message-rfc822-root.eml", "opened", "reply forwarded", "infrastructure high", "steps"),
    ("moderator-approval.eml", "opened", "held moderation", "none low", ""),
    ("nested-1000.eml", "failed", "reply unreadable", "unclear low", ""),
    ("no-boundary.eml", "opened", "reply needs-info", "infrastructure high", "steps"),
    ("no-date-no-message-id.eml", "opened", "reply needs-info", "infrastructure high", "steps impact"),
    ("no-from.eml", "opened", "held no-sender", "infrastructure high", "steps impact"),
    ("no-headers.eml", "opened", "held no-sender", "infrastructure low", "steps"),
    ("noreply-verification.eml", "set-aside", "silent no-reply", "infrastructure low", ""),
    ("nul-bytes.eml", "opened", "reply needs-info", "infrastructure high", "steps impact"),
    ("nul-in-content-type.eml", "opened", "reply complete", "infrastructure high", ""),
    ("own-address.eml", "opened", "held own-mail", "unclear low", "description steps impact"),
    ("person-about-delivery-status.eml", "opened", "reply needs-info", "infrastructure high", "steps impact"),
    ("person-forwards-bounce.eml", "opened", "held not-a-report", "none high", ""),
    ("person-forwards-dsn-attached.eml", "opened", "reply complete", "infrastructure low", ""),
    ("pgp-clear-signed.eml", "opened", "reply complete", "infrastructure high", ""),
    ("read-receipt.eml", "set-aside", "silent report", "unclear low", "description steps impact"),
    ("recall-outlook.eml", "opened", "held recall", "infrastructure low", "steps impact"),
    ("receipt-by-words.eml", "set-aside", "silent receipt", "unclear low", "steps impact"),
    ("related-root-by-start.eml", "opened", "reply complete", "infrastructure high", ""),
    ("report-attached-as-markdown.eml", "opened", "reply complete", "infrastructure high", ""),
    ("root-html-attachment.eml", "opened", "reply complete", "infrastructure high", ""),
    ("root-text-named.eml", "opened", "reply complete", "infrastructure high", ""),
    ("russian-report.eml", "opened", "reply complete", "infrastructure high", ""),
    ("scanner-report.eml", "opened", "held auto-submitted", "infrastructure high", ""),
    ("screenshot-attached.eml", "opened", "reply complete", "infrastructure high", ""),
    ("sdk-prototype-pollution.eml", "opened", "reply complete", "sdk high", ""),
    ("sealed-age.eml", "opened", "reply encrypted", "unclear low", ""),
    ("sealed-rights-managed.eml", "opened", "reply encrypted", "unclear low", ""),
    ("sealed-winmail.eml", "opened", "reply encrypted", "unclear low", ""),
    ("second-from-behind-1000-fields.eml", "failed", "held no-sender", "infrastructure low", "steps"),
    ("second-from-behind-no-field.eml", "opened", "held no-sender", "infrastructure low", ""),
    ("second-from-torn.eml", "opened", "held no-sender", "infrastructure high", ""),
    ("short-question.eml", "opened", "reply beg-bounty", "none high", ""),
    ("smime-opaque-signed.eml", "opened", "reply complete", "infrastructure high", ""),
    ("spanish-incomplete.eml", "opened", "reply needs-info", "model high", "impact"),
    ("steps-attached-as-text.eml", "opened", "reply complete", "infrastructure high", ""),
    ("subject-crlf.eml", "opened", "reply needs-info", "infrastructure high", "steps impact"),
    ("suppress-exchange.eml", "opened", "held suppress", "infrastructure low", "description steps impact"),
    ("suppress-receipts-only.eml", "opened", "reply needs-info", "infrastructure high", "steps"),
    ("tls-report.eml", "set-aside", "silent tls-report", "infrastructure low", "steps impact"),
    ("truncated-mime.eml", "opened", "reply needs-info", "infrastructure low", "steps"),
    ("two-from.eml", "opened", "held no-sender", "infrastructure high", "steps"),
    ("unknown-charset.eml", "opened", "reply needs-info", "infrastructure low", "steps impact"),
    ("vacation-german.eml", "opened", "held away", "model low", ""),
    ("vacation-in-mid-subject.eml", "opened", "reply needs-info", "infrastructure low", "steps"),
    ("web-form-own-address.eml", "opened", "held own-mail", "infrastructure high", ""),
    ("words-split-letter.eml", "opened", "reply complete", "infrastructure high", ""),
    ("words-with-blanks.eml", "opened", "reply complete", "infrastructure high", ""),
    ("words-x-sjis.eml", "opened", "reply complete", "infrastructure high", ""),
)


def heard(decision):
    if decision.end == "set-aside":
        return f"silent {decision.silence.sign}"
    return f"held {decision.withheld.sign}" if decision.withheld else f"reply {decision.reply.variant}"


@pytest.mark.parametrize(("file", "end", "hears", "verdict", "missing"), GOLDEN, ids=[row[0] for row in GOLDEN])
def test_a_golden_mail_becomes_what_it_should(file, end, hears, verdict, missing):
    decision = decide(read_message((MAILS / file).read_bytes()))
    found = decision.report.verdict
    assert (decision.end, heard(decision)) == (end, hears)
    assert (f"{found.scope} {found.band}", " ".join(decision.report.missing)) == (verdict, missing)


def test_every_golden_mail_is_in_the_table_once():
    assert sorted(path.name for path in MAILS.iterdir()) == sorted(row[0] for row in GOLDEN)


@pytest.mark.parametrize("file", [row[0] for row in GOLDEN])
def test_a_reply_goes_to_the_one_author_and_nowhere_else(file):
    message = read_message((MAILS / file).read_bytes())
    decision = decide(message)
    if decision.reply:
        (author,) = {address.lower() for reading in message.author_readings for address in reading}
        assert decision.reply.to.lower() == author
    else:
        assert decision.withheld or decision.end == "set-aside"


@pytest.mark.parametrize("file", [row[0] for row in GOLDEN])
def test_a_golden_mail_breaks_no_rule_of_the_fuzzer(file):
    with quiet():
        found = explained(Mutant((MAILS / file).read_bytes()), 0, Product())
    assert list(breaches(found)) == []


def test_the_subject_with_a_hidden_line_break_is_a_true_one():
    raw = (MAILS / "subject-crlf.eml").read_bytes()
    assert b"=0D=0ABcc" in raw
    assert b"\r\n\r\n" in raw
    assert read_message(raw).subject == "XSS in dashboard\r\nBcc: victim@elsewhere.example"
