"""Absence notices that no field marks, desks and recalls: by structure, in composed letters, in many languages."""

import re
import unicodedata

import pytest

from tests.support.values import message
from triaged.core.case.naming import CASE_ID_PATTERN
from triaged.core.mail.automatic.signs import Ours, silence

LETTER = "sealed@smallest.ai"
OURS = Ours(frozenset({"security@smallest.ai"}), wrote=LETTER.__eq__, case_id=re.compile(CASE_ID_PATTERN))
TAGGED = "[SEC-7Q4K-2M8D] We received your report"

NOTICES = (
    ("ar", "رد تلقائي: تقرير", "أنا خارج المكتب حتى 15 ديسمبر."),
    ("he", "תשובה אוטומטית: דוח", "אני מחוץ למשרד עד 15.12.2026."),
    ("fa", "پاسخ خودکار: گزارش", "تا ۱۵ دسامبر نیستم."),
    ("hi", "स्वचालित उत्तर: रिपोर्ट", "मैं 15 दिसंबर तक छुट्टी पर हूँ।"),
    ("th", "ตอบกลับอัตโนมัติ: รายงาน", "กลับมาวันที่ 15"),
    ("vi", "Trả lời tự động: báo cáo", "Tôi vắng mặt đến 15/12."),
    ("id", "Balasan otomatis: laporan", "Saya sedang cuti sampai 15 Desember."),
    ("ms", "Balas automatik: laporan", "Saya bercuti."),
    ("uk", "Автоматична відповідь: звіт", "Я у відпустці до 15 грудня."),
    ("bg", "Автоматичен отговор: доклад", "Ще се върна."),
    ("sr", "Аутоматски одговор: извештај", "Вратићу се."),
    ("hr", "Automatski odgovor: izvješće", "Vraćam se."),
    ("sl", "Samodejni odgovor: poročilo", "Vrnem se."),
    ("sk", "Automatická odpoveď: správa", "Vrátim sa."),
    ("lt", "Automatinis atsakymas: ataskaita", "Grįšiu."),
    ("lv", "Automātiskā atbilde: ziņojums", "Atgriezīšos."),
    ("et", "Automaatvastus: aruanne", "Tulen tagasi."),
    ("is", "Sjálfvirkt svar: skýrsla", "Kem aftur."),
    ("el", "Αυτόματη απάντηση: αναφορά", "Θα επιστρέψω."),
    ("ro", "Răspuns automat: raport", "Revin."),
    ("ca", "Resposta automàtica: informe", "Tornaré."),
    ("ja", "自動返信: 報告", "12月15日まで不在です。"),
    ("zh-TW", "自動回覆: 報告", "我不在辦公室。"),
    ("ko", "자동 회신: 보고", "12월 15일까지 부재중입니다."),
    ("de", "Abwesenheitsnotiz: Bericht", "Bin am 15. wieder da."),
    ("nl", "Afwezig: Re: uw melding", "Ik ben er even tussenuit."),
    ("es", "Fuera de la oficina Re: acuse de recibo", "Vuelvo."),
)


def sign(**changes):
    why = silence(message(**changes), OURS)
    return why.sign if why else None


@pytest.mark.parametrize(("language", "subject", "text"), NOTICES, ids=[row[0] for row in NOTICES])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("tag", ["", "[EXTERNAL] ", "[EXT] [Spam?] ", "EXTERNAL: ", "\u200f"])
def test_an_absence_notice_is_known_in_either_spelling_and_behind_a_gateways_tag(language, subject, text, form, tag):
    spelled = [unicodedata.normalize(form, words) for words in (tag + subject, text)]
    assert sign(subject=spelled[0], text=spelled[1]) == "away", language


@pytest.mark.parametrize(
    "text",
    [
        "أنا خارج المكتب حتى 15 ديسمبر وسأرد عند عودتي.",
        "אני מחוץ למשרד עד 15.12.2026. בדחיפות פנו לקולגה.",
        "Jestem nieobecny do 15 grudnia.",
        "Szabadságon vagyok, december 15-ig nem olvasok levelet.",
        "12月15日まで不在にしております。",
        "Я в отпуске до 15 декабря.",
    ],
)
def test_it_is_known_by_its_text_alone(text):
    assert sign(subject="Re: hello", text=text) == "away"


@pytest.mark.parametrize(
    "subject",
    [
        f"Automatisch: {TAGGED}",
        f"[Auto-Reply] {TAGGED}",
        f"AUTO: {TAGGED}",
        f"Ausente: {TAGGED}",
        f"ავტომატური პასუხი: {TAGGED}",
    ],
)
def test_a_short_answer_behind_a_prefix_is_known_in_a_language_that_no_table_has(subject):
    why = silence(message(subject=subject, text="Zzz, 15.12."), OURS)
    assert (why.sign, why.strength) == ("away", "worded")
    answer = silence(message(subject=subject, text="Zzz, 15.12.", references=(LETTER,)), OURS)
    assert answer.strength == "replied"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (f"Re: {TAGGED}", "Thanks, 15.12. is fine."),
        (f"Antwort: {TAGGED}", "Danke."),
        (f"Odp: {TAGGED}", "Dziękuję, 15.12. pasuje."),
        (f"Automatic: {TAGGED}", "Is this mailbox read by a person?"),
        (f"Out: {TAGGED}", "The vulnerability can be exploited since 15.12."),
        (f"Question: {TAGGED}", "When do I hear from you, on 15.12. or later"),
        (TAGGED, "15.12."),
    ],
)
def test_a_persons_answer_to_our_letter_is_none(subject, text):
    assert sign(subject=subject, text=text, references=(LETTER,)) is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("[#48211] Zgłoszenie przyjęte", "Państwa zgłoszenie zostało zarejestrowane pod numerem 48211."),
        ("[#48211] Xyzzy", "Qwerty 48211 asdf."),
        ("(Ticket 48211) Foo", "Bar 48211."),
        ("Požadavek #48211", "Váš požadavek byl přijat pod číslem 48211."),
        ("【48211】受付", "48211 受付いたしました。"),
        ("[EXTERNAL] [#48211] طلبك", "تم استلام طلبك رقم 48211."),
    ],
)
def test_a_desk_is_known_by_the_number_that_it_repeats_in_any_language(subject, text):
    assert sign(subject=subject, text=text) == "desk"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("[#48211] my report", "What became of 48211?"),
        ("[#48211] XSS", "I found that 48211 can be exploited."),
        ("Order 48211", "The order 48211 of somebody else is shown to me."),
    ],
)
def test_a_person_who_names_a_number_is_none(subject, text):
    assert sign(subject=subject, text=text) is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Recall: IDOR on /v1/keys", 'Ann Lee would like to recall the message, "IDOR on /v1/keys".'),
        ("Rückruf: IDOR on /v1/keys", 'Ann Lee möchte die Nachricht "IDOR on /v1/keys" zurückrufen.'),
        ("Rappel : IDOR on /v1/keys", "Ann Lee souhaite rappeler le message « IDOR on /v1/keys »."),
        ("[EXT] Recall: IDOR on /v1/keys", 'Ann Lee would like to recall the message, "IDOR on /v1/keys".'),
    ],
)
def test_outlooks_recall_is_a_case_for_a_person_and_not_answered(subject, text):
    why = silence(message(subject=subject, text=text), OURS)
    assert (why.sign, why.strength) == ("recall", "worded")


def test_a_report_on_recalls_is_a_persons():
    assert (
        sign(subject="Recall: anyone can use it", text="Anyone would like to recall the message of others. " * 9)
        is None
    )
