"""Recognise the automatic thanks of ticket systems, by words and by structure. A person may have typed the words."""

import re

from triaged.core.mail.automatic.absence import could_be_a_notice
from triaged.core.mail.automatic.phrasing import any_of, composed
from triaged.core.mail.message import Message
from triaged.core.mail.ours import Ours

_SHORT = 2500
_BRIEF = 1000
_DESK = r"(?:ticket|case|request|enquiry|inquiry|query|incident|e-?mail|message)"
_TAKEN = r"(?:received|created|opened|registered|logged|submitted|acknowledged|assigned)"
_NUMBER = any_of(
    r"\b(?:inc|req|ritm|tkt)-?\d{5,12}\b",
    r"\[[^\]\[]{0,20}#\s?\d[\d-]{1,20}[^\]\[]{0,20}\]",
    r"\b(?:ticket|case|request|incident|inc|req)\b.{0,10}?\d[\d-]{2,20}",
)
# A ticket's number in a subject, as desks of any language write it: "[#48211]", "(INC0012345)", "#48211".
_TICKET = re.compile(r"[\[(【][^\])】\d\n]{0,20}(\d[\d-]{3,19})[^\])】\n]{0,20}[\])】]|#\s?(\d[\d-]{3,19})\b")
_QUESTION = re.compile(r"[?？؟]")
_SUBJECT = any_of(
    rf"(?:^|\b(?:your|support|new|re:)|[\W\d]) ?\b{_DESK}\b.{{0,40}}\b{_TAKEN}\b",
    rf"\b{_TAKEN}\b.{{0,20}}\byour {_DESK}\b|\b(?:opened|created|new):? (?:support )?(?:ticket|case|incident)\b",
    r"\bthank(?:s| you) for (?:contacting|reaching out|getting in touch)",
    r"\b(?:acknowledge?ment|confirmation) (?:of|for) (?:your )?",
    r"\bihre? (?:anfrage|nachricht|e-?mail|ticket)\b|eingangsbestätigung",
    r"\bvotre (?:demande|message|ticket)\b|accusé de réception",
    r"\b(?:su|tu) (?:solicitud|consulta|mensaje|ticket)\b|acuse de recibo|\bhemos recibido\b",
    r"\brecebemos\b|\bsua (?:solicitação|mensagem)\b|\bla (?:sua|tua|vostra) (?:richiesta|segnalazione)\b",
    r"\bontvangstbevestiging\b|\bu?w (?:aanvraag|melding|bericht)\b|\bваш(?:е|а)? (?:обращение|заявка|запрос|письмо)\b",
    r"\bzgłoszenie (?:przyjęte|zarejestrowane|nr)|\bpotwierdzenie (?:otrzymania|przyjęcia)|\bpotvrzení (?:o )?přijetí",
    r"\bváš požadavek",
    r"\bvisszaigazolás|\bbejelentés(?:ét|e)|\btalebiniz|\bärendet? (?:har|är|mottag)|\bkvittering|\bhenvendelsen? (?:er|din)",
    r"\bsolicitarea (?:dvs|dumneavoastră)|\bваше звернення|\bепιβεβαίωση|επιβεβαίωση λήψης|\bvastaanotto|\bpyyntösi",
    r"تم استلام|طلبك|פנייתך|פנייתכם|ได้รับคำขอ|yêu cầu (?:của bạn|đã)|permintaan anda|접수|문의",
    r"受付(?:完了|のお知らせ)|お問い合わせ|已收到|工单",
)
_TEXT = any_of(
    rf"\b(?:your|the|a|this|new)\b.{{0,30}}\b{_DESK}\b.{{0,60}}\b(?:has been|have been|was|is being) {_TAKEN}\b",
    rf"\bwe(?:'ve| have)? (?:successfully )?received your {_DESK}",
    rf"\b{_DESK} (?:number|id|reference|no\.?)\b.{{0,10}}(?:[:#]|\bis\b)",
    r"\b(?:please )?do not (?:reply|respond) to this|\breply above this line|\bplease type your reply",
    r"\bthank(?:s| you) for (?:contacting|reaching out)|\bthis is an auto(?:matic|mated)",
    r"\bwe have opened\b|\bticket (?:has been )?opened",
    r"\bwir haben ihre (?:anfrage|nachricht|e-?mail) (?:erhalten|aufgenommen)|\bist bei uns eingegangen",
    r"\bnous avons bien reçu|\ba (?:bien )?été (?:enregistré|reçu|créé)",
    r"\bhemos recibido su|\bha sido (?:recibid|registrad|cread)",
    r"\brecebemos (?:a )?sua?|\bfoi (?:recebid|registrad|criad|abert)",
    r"\babbiamo ricevuto|\bè stata? (?:ricevut|registrat|creat|apert)",
    r"\bwij hebben uw|\bis ontvangen|\b(?:зарегистрирован|принят[оа]? в работу|получен[оа]?)\b",
    r"\bzostał[oa]? (?:zarejestrowan|przyjęt|utworzon)|\b(?:byl[oa]?|byl) (?:přijat|zaregistrován|vytvořen)|\bsme prijali",
    r"\bprejeli smo",
    r"\bmegkaptuk|\brögzítettük|\b(?:alınmıştır|oluşturulmuştur|kaydedilmiştir)|\bvi har (?:mottagit|mottatt|modtaget)",
    r"\bolemme vastaanottaneet",
    r"\bam primit|\ba fost (?:înregistrat|primit)|\bзареєстрован|\bотримали ваш|έχουμε λάβει|έχει (?:καταχωρηθεί|ληφθεί)",
    r"تم (?:استلام|تسجيل|إنشاء)|התקבלה|קיבלנו את|ได้รับ(?:เรื่อง|คำขอ|ข้อความ)|đã (?:được )?(?:nhận|tiếp nhận|ghi nhận)",
    r"telah (?:kami )?(?:terima|diterima)",
    r"접수되었|접수했|受け付け(?:ました|いたしました)|受付いたしました|已收到您|已受理|已创建",
)
# Polite phrases that people use too.
_MANNERS = any_of(
    rf"\bthank(?:s| you) for your {_DESK}", r"\b(?:will|shall) (?:get back|contact|respond|reply|be in touch)\b"
)


def desk(message: Message, _: Ours) -> str:
    """Return a sentence if a ticket system acknowledges our mail: by subject and text, or by the numbers of several tickets."""
    if not could_be_a_notice(message):
        return ""
    subject, text = composed(message.subject, 300).strip(), composed(message.text, _SHORT)
    if _repeats_its_number(subject, text):
        return "a ticket system acknowledges a mail: its text repeats the ticket's number"
    subject_says = bool(_SUBJECT.search(subject))
    said = len({found.lower() for found in _TEXT.findall(text)})
    signs = subject_says + bool(_NUMBER.search(subject)) + said + bool(_MANNERS.search(text))
    return "a ticket system acknowledges a mail, by its words" if signs > 1 and (subject_says or said) else ""


def _repeats_its_number(subject: str, text: str) -> bool:
    """True if a brief text without a question repeats the number in the subject, in any language."""
    ticket = _TICKET.search(subject)
    number = (ticket[1] or ticket[2]) if ticket else ""
    return bool(number) and len(text) < _BRIEF and number in text and not _QUESTION.search(text)
