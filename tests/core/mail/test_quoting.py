import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.mail.parsing.quoting import Forwarded, Split, passes_on, split

OWN = "These are the words that somebody wrote in this mail, and enough."
OLD = "Old words that somebody else wrote, which nobody wants to read as news."
ATTRIBUTIONS = {
    "gmail-en": "On Mon, 23 Nov 2026 at 10:15, Security <security@smallest.ai> wrote:",
    "gmail-en-wrapped": "On Mon, 23 Nov 2026 at 10:15, Security of the Company\n<security@smallest.ai> wrote:",
    "gmail-fr": "Le lun. 23 nov. 2026 à 10:15, Security <security@smallest.ai> a écrit :",
    "gmail-es": "El lun, 23 nov 2026 a las 10:15, Security (<security@smallest.ai>) escribió:",
    "gmail-ja": "2026年11月23日(月) 10:15 Security <security@smallest.ai>:",
    "gmail-zh": "Security <security@smallest.ai> 于2026年11月23日周一 10:15写道：",
    "gmail-ko": "2026년 11월 23일 (월) 오전 10:15, Security <security@smallest.ai>님이 작성:",
    "gmail-ru": "пн, 23 нояб. 2026 г. в 10:15, Security <security@smallest.ai>:",
    "gmail-uk": "пн, 23 лист. 2026 р. о 10:15 Security <security@smallest.ai> пише:",
    "gmail-tr": "Security <security@smallest.ai>, 23 Kas 2026 Pzt, 10:15 tarihinde şunu yazdı:",
    "gmail-ar": "\u202bفي الاثنين، 23 نوفمبر 2026 في 10:15 تمت كتابة ما يلي بواسطة Security <security@smallest.ai>:\u202c",
    "gmail-fi": "ma 23. marrask. 2026 klo 10:15 Security (security@smallest.ai) kirjoitti:",
    "gmail-hu": "Security <security@smallest.ai> ezt írta (időpont: 2026. nov. 23., H, 10:15):",
    "gmail-el": "Στις Δευ 23 Νοε 2026 στις 10:15 μ.μ., ο χρήστης Security <security@smallest.ai> έγραψε:",
    "thunderbird-de": "Am 23.11.26 um 10:15 schrieb Security:",
    "thunderbird-nl": "Op 23-11-2026 om 10:15 schreef Security:",
    "thunderbird-cs": "Dne 23. 11. 26 v 10:15 Security napsal(a):",
    "apple-sv": "23 nov. 2026 kl. 10:15 skrev Security <security@smallest.ai>:",
    "unknown-language": "Kl 10:15 den 23/11 2026 hat Security <security@smallest.ai> gebabbelt:",
}
BLOCKS = {
    "en": "From: Security\nSent: Monday, 23 November 2026\nTo: Ann\nSubject: your report",
    "de": "Von: Security\nGesendet: Montag, 23. November 2026\nAn: Ann\nBetreff: Ihr Bericht",
    "fr": "De : Security\nEnvoyé : lundi 23 novembre 2026\nÀ : Ann\nObjet : votre rapport",
    "it": "Da: Security\nInviato: lunedì 23 novembre 2026\nA: Ann\nOggetto: segnalazione",
    "nl": "Van: Security\nVerzonden: maandag 23 november 2026\nAan: Ann\nOnderwerp: uw melding",
    "pl": "Od: Security\nWysłano: poniedziałek, 23 listopada 2026\nDo: Ann\nTemat: zgłoszenie",
    "da": "Fra: Security\nSendt: 23. november 2026\nTil: Ann\nEmne: din rapport",
    "hu": "Feladó: Security\nElküldve: 2026. november 23.\nCímzett: Ann\nTárgy: bejelentés",
    "ru": "От: Security\nОтправлено: 23 ноября 2026 г.\nКому: Ann\nТема: отчёт",
    "tr": "Kimden: Security\nGönderildi: 23 Kasım 2026\nKime: Ann\nKonu: rapor",
    "he": "מאת: Security\nנשלח: יום שני 23 נובמבר 2026\nאל: Ann\nנושא: הדוח",
    "ja": "差出人: Security\n送信日時: 2026年11月23日\n宛先: Ann\n件名: 報告",
    "zh": "发件人： Security\n发送时间： 2026年11月23日\n收件人： Ann\n主题： 报告",
    "ko": "보낸 사람: Security\n보낸 날짜: 2026년 11월 23일\n받는 사람: Ann\n제목: 보고",
    "bold": "*From:* Security\n*Sent:* Monday, 23 November 2026\n*To:* Ann\n*Subject:* your report",
    "bold-outside": "**From**: Security\n**Date**: Monday\n**To**: Ann",
    "rows-apart": "From: Security\n\nSent: Monday\n\nTo: Ann\n\nSubject: your report",
    "ruled": "________________________________\nFrom: Security\nSent: Monday\nTo: Ann\nSubject: your report",
    "georgian": "გამომგზავნი: Security <security@smallest.ai>\nგაგზავნილია: 23 ნოე 2026\nმიმღები: Ann\nთემა: ანგარიში",
    "original": "-----Original Message-----\nFrom: Security\nSent: Monday",
    "original-de": "-----Ursprüngliche Nachricht-----\nVon: Security",
    "original-zh": "------------------ 原始邮件 ------------------\n发件人: Security",
}
FORWARDS = {
    "gmail-en": "---------- Forwarded message ---------\nFrom: Rosa <rosa@x.example>\nDate: Mon, 23 Nov 2026\nSubject: leak",
    "apple-en": "Begin forwarded message:\n\nFrom: Rosa <rosa@x.example>\nSubject: leak\nDate: 23 Nov 2026",
    "apple-it": "Inizio messaggio inoltrato:\n\nDa: Rosa <rosa@x.example>\nOggetto: leak\nData: 23 novembre 2026\nA: a@b.c",
    "thunderbird-de": "-------- Weitergeleitete Nachricht --------\nBetreff: \tleak\nDatum: 1.1.26\nVon: Rosa <rosa@x.example>",
    "thunderbird-fi": "-------- Välitetty viesti --------\nAihe: leak\nPäiväys: 23.11.2026\nLähettäjä: Rosa <rosa@x.example>",
    "thunderbird-ru": "-------- Перенаправленное сообщение --------\nТема: leak\nДата: 23 ноя 2026\nОт: Rosa <rosa@x.example>",
    "gmail-pt": "---------- Forwarded message ---------\nDe: Rosa <rosa@x.example>\nDate: 23 de nov. de 2026\nSubject: leak",
    "outlook-cs": "Od: Rosa <rosa@x.example>\nOdesláno: pondělí 23. listopadu 2026\nKomu: a@b.c\nPředmět: leak",
}


@pytest.mark.parametrize(
    "heading", [*ATTRIBUTIONS.values(), *BLOCKS.values()], ids=[*ATTRIBUTIONS, *(f"block-{name}" for name in BLOCKS)]
)
def test_in_an_answer_what_stands_below_a_clients_heading_is_quoted(heading):
    found = split(f"{OWN}\n\n{heading}\n\n{OLD}", answers=True)
    assert (found.own.strip("_ \n"), found.forwarded) == (OWN, None)
    assert OLD in found.quoted


def test_an_answer_without_a_word_of_its_own_says_nothing():
    assert split(f"{ATTRIBUTIONS['gmail-en']}\n\n> {OLD}", answers=True).evidence == ""
    assert split(f"{BLOCKS['it']}\n\n{OLD}", answers=True).evidence == ""


@pytest.mark.parametrize("heading", FORWARDS.values(), ids=FORWARDS)
def test_what_is_passed_on_is_the_report_and_a_short_introduction_is_not(heading):
    found = split(f"Can you take this one? It came in at support.\n\n{heading}\n\n{OLD}")
    assert found.forwarded == Forwarded(OLD, "Rosa <rosa@x.example>", "leak")
    assert found.evidence == OLD


def test_a_long_text_above_what_is_passed_on_is_read_too():
    long = " ".join([OWN] * 8)
    assert split(f"{long}\n\n{FORWARDS['gmail-en']}\n\n{OLD}").evidence == f"{long}\n\n{OLD}"


def test_a_mail_that_is_passed_on_and_marked_line_by_line_is_unmarked():
    marked = textwrap.indent(f"{OLD}\n\n1. Open it.", "> ", lambda _: True)
    assert split(f"{FORWARDS['apple-en']}\n\n{marked}").evidence == f"{OLD}\n\n1. Open it."


def test_what_an_answer_passes_on_expressly_is_read():
    found = split(f"{OWN}\n\n{FORWARDS['gmail-en']}\n\n{OLD}", answers=True)
    assert found.forwarded.text == OLD


def test_marked_lines_are_quoted_and_the_answers_between_them_are_not():
    assert split(f"> one\n{OWN}\n> two\n>> three\nmore", answers=True) == Split(
        f"{OWN}\nmore", "> one\n> two\n>> three"
    )


def test_an_answer_below_a_marked_quotation_is_the_writers():
    above = "On Mon, 23 Nov 2026 at 10:15, Security wrote:"
    found = split(f"{OWN}\n\n{above}\n\n> question\n\nanswer", answers=True)
    assert found == Split(f"{OWN}\n\n\n\nanswer", f"{above}\n> question")


@pytest.mark.parametrize(
    "lines",
    [
        ">>> import os",
        "><svg onload=alert(1)>",
        "On line 42 the server wrote:",
        "From: is not checked by the server",
        "On my system the following can be seen:",
        "-----",
        "From: ceo@victim.example\nTo: you@victim.example\nSubject: transfer",
        "Return-Path: <a@b.c>\nFrom: ceo@victim.example\nDate: Mon, 23 Nov 2026 10:15\nTo: you@victim.example",
        "POST /login HTTP/1.1\nHost: api.smallest.ai\nDate: Mon, 23 Nov 2026 10:15\nFrom: a@b.c",
        "To: reproduce, log in\nFrom: there, open the console",
        "Date: 23 Nov 2026\nSubject: voices",
    ],
)
@pytest.mark.parametrize("answers", [True, False])
def test_lines_that_resemble_a_quotation_are_the_writers(lines, answers):
    assert split(f"{OWN}\n{lines}\nand more", answers=answers) == Split(f"{OWN}\n{lines}\nand more")


def test_a_marked_mail_that_answers_nothing_is_passed_on():
    text = f"fyi\n\n> {OLD}"
    assert split(text) == Split(text)


@pytest.mark.parametrize(
    "subject",
    [
        "Fwd: x",
        "FW: x",
        "WG: x",
        "Tr : x",
        "RV: x",
        "Fwd[2]: x",
        "[EXTERNAL] Fwd: x",
        "转发：x",
        "Doorst: x",
        "Пересл: x",
    ],
)
def test_a_subject_says_that_a_mail_is_passed_on(subject):
    assert passes_on(subject)


@pytest.mark.parametrize("subject", ["Re: x", "x", "", "AW: x", "XSS: in the forward form", "FW rules are bypassed"])
def test_another_subject_says_nothing_of_the_kind(subject):
    assert not passes_on(subject)


def test_an_empty_mail_has_nothing():
    assert split("") == Split("")


LINES = (
    "> a",
    ">> b",
    "|> c",
    "words",
    "",
    "On 1/1/26 10:00, x wrote:",
    "On 1/1/26 10:00, x <x@y.z>",
    "y wrote:",
    "From: x",
    "Sent: y",
    "To: z",
    "-------- Original Message --------",
    "---------- Forwarded message ---------",
)


WORDS = st.text(st.characters(exclude_categories=("C", "Z")), max_size=20)


@given(st.lists(st.sampled_from(LINES) | WORDS, max_size=20).map("\n".join), st.booleans())
def test_no_line_of_a_text_is_made_up_and_none_but_of_a_forwards_heading_is_lost(text, answers):
    found = split(text, answers=answers)

    def lines(*parts):
        return sorted(line.strip("> ") for part in parts for line in part.split("\n") if line.strip("> "))

    forwarded = found.forwarded.text if found.forwarded else ""
    there, kept = lines(text), lines(found.own, found.quoted, forwarded)
    if found.forwarded:
        rest = iter(there)
        assert all(line in rest for line in kept)
    else:
        assert kept == there
