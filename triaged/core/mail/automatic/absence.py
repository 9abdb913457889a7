"""Recognise absence notices that no header field marks: by structure first, then by words in many languages.

A person may have typed any of these words, so one word is never enough, and text that starts like a report is not searched.
"""

import re

from triaged.core.mail.automatic.people import about_a_flaw, passed_on
from triaged.core.mail.automatic.phrasing import any_of, bare_subject, composed
from triaged.core.mail.message import Message
from triaged.core.mail.ours import Ours, answers_us

_OPENING = 300
_NOTICE = 1000
_SHORT = 2500
_SUBJECT_LENGTH = 200
_PREFIX = re.compile(r"[^:：\]】]{1,60}[:：\]】]")
_PREFIX_LENGTH = 120
_QUESTION = re.compile(r"[?？؟]")

# Stems of "automatic" in the languages of mail clients.
_AUTOMATIC = any_of(
    r"\bauto(?:m|r|s|v|-|_|\b)|авто|аутом|αυτόματ|otomat|samodejn|sjálfvirk|uathoib|awtom|"
    r"tự động|自動|自动|자동|تلقائ|خودکار|אוטומט|"
    r"อัตโนมัติ|स्वचालित|স্বয়ংক্রিয়|ავტომატ|ավտոմատ"
)
# "Absent" and "out of office", as used before a colon.
_ABSENT = any_of(
    r"\bo+to?\b|\babs[eê]n|out of (?:the )?office|abwesen|afwez|frånvar|fravær|poissa|nieobecn|nepřítomn|neprítomn|távol|"
    r"ausên|ausent|"
    r"fuera de|fora do|fuori|відсутн|отсутств|отпуск|відпуст|odsoten|odsutan|απουσί|不在|休暇|休假|부재|خارج|"
    r"إجازة|מחוץ|חופש|ไม่อยู่|"
    r"vắng|di luar|cuti|vacation|holiday|urlaub|congé|vacaciones|férias|ferie|semester|urlop|dovolen|szabadság|izin|tatil"
)
_AFTER = (
    r"\s{0,3}(?:$|[:：(\[\])】–—|!.]|- |(?:re|aw|sv|antw|until|from|till|bis|vom|hasta|fino|até|tot|do|до)\b|jusqu)"
)

# The notice alone, or the notice and what it answers: "Automatic reply: Re: hello". A person may write *about* automatic
# replies ("Auto-reply endpoint leaks addresses"), and RFC 3834 section 3.1.5 warns against relying on "Auto:" alone.
_SUBJECTS = (
    # English
    r"auto(?:matic|mated)?[ -]?(?:reply|response|responder|answer)|away from (?:the|my) (?:office|desk|mail|email)",
    r"out of (?:the )?office(?: (?:auto[ -]?)?(?:reply|response|notice|message|notification))?|ooo|ooto|out-of-office",
    r"(?:vacation|holiday) (?:reply|notice|message|response)|on (?:vacation|holidays?)|on (?:\w{3,9} )?leave",
    r"absence(?: notice)?",
    # German, Dutch
    r"abwesen(?:d|heits?(?:notiz|nachricht|meldung|assistent)?)|auto(?:matische )?[ -]?antwort|automatische abwesenheitsnotiz",
    r"(?:bin )?(?:nicht im (?:büro|haus)|im urlaub)|automatisch(?:e)? antwoord|afwezig(?:heid)?",
    # French, Spanish, Catalan, Italian, Portuguese, Romanian
    r"réponse automatique|répondeur automatique|absente?(?: du bureau)?|absence du bureau|en congés?",
    r"respuesta automática|fuera de (?:la )?oficina|resposta automàtica|risposta automatica|fuori (?:sede|ufficio)",
    r"resposta automática|fora do escritório|ausência|răspuns automat",
    # Swedish, Danish, Norwegian, Icelandic, Finnish, Estonian, Latvian, Lithuanian
    r"autosvar|automatiskt? svar|frånvaro|fravær|sjálfvirkt svar|automaattinen vastaus|poissa|automaatvastus",
    r"automātiskā atbilde|automatinis atsakymas",
    # Polish, Czech, Slovak, Slovenian, Croatian, Serbian, Hungarian, Turkish, Greek
    r"odpowiedź automatyczna|automatyczna odpowiedź|nieobecność|automatická odpov[eě][dď]|samodejni odgovor|automatski odgovor",
    r"аутоматски одговор|automatikus válasz|házon kívül|otomatik (?:yanıt|cevap)|ofis dışında|αυτόματη απάντηση",
    # Russian, Ukrainian, Bulgarian
    r"автоответ(?:чик)?|автоматический ответ|автоматична відповідь|автоматичен отговор",
    # Arabic, Hebrew, Persian, Hindi
    r"رد تلقائي|الرد التلقائي|خارج المكتب|תשובה אוטומטית|מענה אוטומטי|מחוץ למשרד|پاسخ خودکار|स्वचालित (?:उत्तर|जवाब)",
    # Thai, Vietnamese, Indonesian, Malay
    r"(?:การ)?ตอบ(?:กลับ|รับ)อัตโนมัติ|(?:thư )?trả lời tự động|balasan otomatis|jawaban otomatis|balas(?:an)? automatik",
    # Chinese, Japanese, Korean
    r"自动(?:回复|答复)|自動(?:回覆|回復|応答|返信)|不在(?:通知|の?お知らせ)?|자동 ?(?:회신|응답|답장)|부재 ?중?(?: 알림)?",
)
_SUBJECT = re.compile(
    # Lotus Notes: "AUTO: Ann Lee is out of the office (returning 12/07/2026)"; sieve's default is "Auto: " and the old subject.
    rf"(?:{'|'.join(_SUBJECTS)}){_AFTER}|i am (?:currently )?(?:out of|away)\b|"
    r"auto: .{1,80} (?:is|ist|est|está) (?:out|away|nicht|absent|fuera)|"
    r"auto: (?:re|aw|sv|antw)\b",
    re.IGNORECASE,
)
_I_AM = r"\b(?:i am|i'm|i will be|i'll be)(?: currently| now)?"
_TEXT = any_of(
    rf"{_I_AM} (?:out of (?:the |my )?office|away from (?:the|my) (?:office|desk|e-?mail))",
    rf"{_I_AM} on (?:\w{{3,9}} )?(?:leave|vacation|holidays?)\b",
    r"\bich bin .{0,40}(?:nicht im (?:büro|haus)|im urlaub|abwesend|nicht erreichbar)",
    r"\bje suis (?:actuellement )?(?:absente?|en congés?)|\bje serai absente?",
    r"\b(?:estoy|estaré) (?:fuera de la oficina|de vacaciones)|\b(?:sono|sarò) (?:fuori (?:sede|ufficio)|assente|in ferie)",
    r"\b(?:estou|estarei) (?:fora do escritório|ausente|de férias)|\bsunt (?:plecat|în concediu)|\bestic de vacances",
    r"\bik ben .{0,40}(?:afwezig|niet aanwezig|met vakantie|tussenuit)|\bjag är .{0,40}(?:inte på kontoret|på semester)",
    r"\bjeg er .{0,40}(?:ikke på kontoret|på ferie|bortreist)|\bolen (?:poissa|lomalla)",
    r"jestem nieobecn|przebywam na urlopie|\bjsem .{0,40}(?:mimo kancelář|na dovolené)|\bnisem v pisarni|\bna godišnjem",
    r"\bszabadságon vagyok|\bnem vagyok az irodában|ofis(?:te değilim| dışındayım)|\bizinliyim|είμαι .{0,20}εκτός γραφείου",
    r"я .{0,20}в отпуске|нахожусь в отпуске|меня не будет в офисе|я .{0,20}у відпустці|в отпуск съм",
    r"(?:أنا|سأكون) .{0,20}(?:خارج المكتب|في إجازة)|(?:אני|אהיה) .{0,20}(?:מחוץ למשרד|בחופשה)|خارج از دفتر|छुट्टी पर",
    r"कार्यालय से बाहर",
    r"ไม่อยู่ที่(?:สำนักงาน|ออฟฟิศ)|ลาพักร้อน|vắng mặt|nghỉ phép|sedang cuti|di luar kantor|di luar pejabat",
    r"不在办公室|不在辦公室|休假|外出|不在にし|不在です|休暇|부재중|휴가",
)
# Other words of a notice; a colleague who announces an absence does not use them.
_MORE = any_of(
    r"\burgen|\bdringend|\bin my absence|\b(?:upon|on|after|until) my return|\b(?:no|limited) access to|\breturn(?:ing)? on\b",
    r"\bthank(?:s| you) for your (?:e-?mail|message)|\bwill (?:reply|respond|answer|get back)",
    r"\b(?:immediate|further) assistance",
    r"\b(?:until|bis|vom|jusqu|hasta|fino|até|tot|t/m|till|do|po|a|până|îna|până la|og til|til|kuni|līdz|iki|έως|"
    r"μέχρι|hingga|sampai|đến|по|до)\b"
    r".{0,40}\d|(?:至|まで|까지|تک|तक|kadar|\d.{0,20}-ig\b)",
    r"(?:حتى|إلى|עד|ถึง|تا) .{0,40}\d|\d.{0,20}(?:まで|까지|तक)",
)
_IS_AUTOMATIC = any_of(
    r"\bthis is an auto(?:matic|mated)(?:ally generated)? (?:reply|response|message|e-?mail)",
    r"\bdies ist eine automatische (?:antwort|nachricht)|\bceci est une réponse automatique|\besta es una respuesta automática",
)


def away(message: Message, ours: Ours) -> str:
    """Return a sentence if the mail is an absence notice."""
    if _answers_automatically(message, ours):
        return "it is a short automatic answer to a mail of ours"
    whole = composed(message.subject, _SUBJECT_LENGTH).strip(" \t\r\n[({*【")
    if _SUBJECT.match(whole) or _SUBJECT.match(bare_subject(message.subject)[:_SUBJECT_LENGTH]):
        return "its subject is that of an absence notice"
    text = composed(message.text, _NOTICE)
    opening = text[:_OPENING]
    told = _IS_AUTOMATIC.search(opening) or (_TEXT.search(opening) and _MORE.search(text))
    return "its text begins as an absence notice does" if told and could_be_a_notice(message) else ""


def _answers_automatically(message: Message, ours: Ours) -> bool:
    """True if it is a short answer to our mail with our subject after a prefix that no client sets, and mentions no flaw."""
    subject = composed(message.subject, 2 * _SUBJECT_LENGTH)
    prefix = _before_ours(subject, message, ours)
    if not prefix or len(message.text) > _NOTICE or not could_be_a_notice(message) or _QUESTION.search(message.text):
        return False
    if _AUTOMATIC.search(prefix):
        return True
    return bool(_ABSENT.search(prefix)) and any(letter.isdecimal() for letter in message.text)


def _before_ours(subject: str, message: Message, ours: Ours) -> str:
    """The prefix before our own subject, if the mail answers us; our subject begins with the case's id in brackets."""
    tag = ours.case_named_in(subject)
    if tag:
        return subject[: tag.start()].strip(" [")[:_PREFIX_LENGTH]
    prefix = _PREFIX.match(subject.strip(" [【")) if answers_us(message, ours) else None
    return prefix[0] if prefix else ""


def could_be_a_notice(message: Message) -> bool:
    """True if it is short, forwards nothing and mentions no flaw."""
    return len(message.text) < _SHORT and not passed_on(message) and not about_a_flaw(message)
