"""What nothing but words gives away: absence notices, desks' acknowledgments, challenges. A person may have typed them.

So each needs more than one word, none is looked for in what begins as a report does, and all of them open a case.
"""

import re

from triaged.core.mail.automatic.people import about_a_flaw, passed_on
from triaged.core.mail.automatic.phrasing import any_of
from triaged.core.mail.message import Message
from triaged.core.mail.ours import Ours

_OPENING = 300
_NOTICE = 1000
_SHORT = 2500

# The notice and no more, or the notice and what it answers: "Automatic reply: Re: hello". A person may write *about* automatic
# replies ("Auto-reply endpoint leaks addresses"), and RFC 3834 section 3.1.5 warns of taking "Auto:" alone for a machine.
_AWAY_SUBJECT = re.compile(
    # English
    r"(?:auto(?:matic|mated)?[ -]?(?:reply|response|responder)|away from (?:the|my) (?:office|desk|mail|email)|"
    r"out of (?:the )?office(?: (?:auto[ -]?)?(?:reply|response|notice|message|notification))?|ooo|ooto|"
    r"(?:vacation|holiday) (?:reply|notice|message)|on (?:vacation|holidays?)|on (?:\w{3,9} )?leave|absence(?: notice)?|"
    # German, Dutch
    r"abwesen(?:d|heits?(?:notiz|nachricht|meldung|assistent)?)|auto(?:matische )?[ -]?antwort|automatische abwesenheitsnotiz|"
    r"(?:bin )?(?:nicht im (?:büro|haus)|im urlaub)|automatisch(?:e)? antwoord|afwezig(?:heid)?|"
    # French, Spanish, Italian, Portuguese, Romanian
    r"réponse automatique|répondeur automatique|absente?(?: du bureau)?|absence du bureau|en congés?|"
    r"respuesta automática|fuera de (?:la )?oficina|risposta automatica|fuori (?:sede|ufficio)|"
    r"resposta automática|fora do escritório|ausência|răspuns automat|"
    # Swedish, Danish, Norwegian, Finnish
    r"autosvar|automatiskt? svar|frånvaro|fravær|automaattinen vastaus|poissa|"
    # Polish, Czech, Hungarian, Turkish, Greek, Russian, Ukrainian
    r"odpowiedź automatyczna|automatyczna odpowiedź|nieobecność|automatická odpověď|automatikus válasz|"
    r"otomatik (?:yanıt|cevap)|αυτόματη απάντηση|автоответ(?:чик)?|автоматический ответ|автоматична відповідь|"
    # Chinese, Japanese, Korean
    r"自动(?:回复|答复)|自動(?:回覆|応答|返信)|不在|자동 ?(?:회신|응답)|부재중)"
    r"\s{0,3}(?:$|[:：(\[–—]|- |(?:until|from|till|bis|vom|hasta|fino|até|tot)\b|jusqu)|"
    r"i am (?:currently )?(?:out of|away)\b",
    re.IGNORECASE,
)
_I_AM = r"\b(?:i am|i'm|i will be|i'll be)(?: currently| now)?"
_AWAY_TEXT = any_of(
    rf"{_I_AM} (?:out of (?:the |my )?office|away from (?:the|my) (?:office|desk|e-?mail))",
    rf"{_I_AM} on (?:\w{{3,9}} )?(?:leave|vacation|holidays?)\b",
    r"\bich bin .{0,40}(?:nicht im (?:büro|haus)|im urlaub|abwesend|nicht erreichbar)",
    r"\bje suis (?:actuellement )?(?:absente?|en congés?)|\bje serai absente?",
    r"\b(?:estoy|estaré) (?:fuera de la oficina|de vacaciones)|\b(?:sono|sarò) (?:fuori (?:sede|ufficio)|assente|in ferie)",
    r"\b(?:estou|estarei) (?:fora do escritório|ausente|de férias)",
    r"\bik ben .{0,40}(?:afwezig|niet aanwezig|met vakantie)|\bjag är .{0,40}(?:inte på kontoret|på semester)",
    r"jestem nieobecn|przebywam na urlopie|я в отпуске|нахожусь в отпуске",
    r"不在办公室|休假|不在にし|休暇",
)
# What a notice says besides; a colleague who will be away tomorrow does not.
_AWAY_MORE = any_of(
    r"\burgen|\bdringend|\bin my absence|\b(?:upon|on|after|until) my return|\b(?:no|limited) access to|\breturn(?:ing)? on\b",
    r"\bthank(?:s| you) for your (?:e-?mail|message)|\bwill (?:reply|respond|answer|get back)",
    r"\b(?:immediate|further) assistance",
    r"\b(?:until|bis|vom|jusqu|hasta|fino|até|tot|t/m|till|do|по|до)\b.{0,40}\d|至|まで",
)
_IS_AUTOMATIC = any_of(r"\bthis is an auto(?:matic|mated)(?:ally generated)? (?:reply|response|message|e-?mail)")

_DESK = r"(?:ticket|case|request|enquiry|inquiry|query|incident|e-?mail|message)"
_TAKEN = r"(?:received|created|opened|registered|logged|submitted|acknowledged|assigned)"
_NUMBER = any_of(
    r"\b(?:inc|req|ritm|tkt)-?\d{5,12}\b",
    r"\[[^\]\[]{0,20}#\s?\d[\d-]{1,20}[^\]\[]{0,20}\]",
    r"\b(?:ticket|case|request|incident|inc|req)\b.{0,10}?\d[\d-]{2,20}",
)
_DESK_SUBJECT = any_of(
    rf"(?:^|\b(?:your|support|new|re:)|[\W\d]) ?\b{_DESK}\b.{{0,40}}\b{_TAKEN}\b",
    rf"\b{_TAKEN}\b.{{0,20}}\byour {_DESK}\b|\b(?:opened|created|new):? (?:support )?(?:ticket|case|incident)\b",
    r"\bthank(?:s| you) for (?:contacting|reaching out|getting in touch)",
    r"\b(?:acknowledge?ment|confirmation) (?:of|for) (?:your )?",
    r"\bihre? (?:anfrage|nachricht|e-?mail|ticket)\b|eingangsbestätigung",
    r"\bvotre (?:demande|message|ticket)\b|accusé de réception",
    r"\b(?:su|tu) (?:solicitud|consulta|mensaje|ticket)\b|acuse de recibo|\bhemos recibido\b",
    r"\brecebemos\b|\bsua (?:solicitação|mensagem)\b|\bla (?:sua|tua|vostra) (?:richiesta|segnalazione)\b",
    r"\bontvangstbevestiging\b|\bu?w (?:aanvraag|melding|bericht)\b|\bваш(?:е|а)? (?:обращение|заявка|запрос|письмо)\b",
    r"受付(?:完了|のお知らせ)|お問い合わせ|已收到|工单",
)
_DESK_TEXT = any_of(
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
    r"受け付け(?:ました|いたしました)|已收到您|已受理",
)
# Good manners, of people too.
_DESK_MANNERS = any_of(
    rf"\bthank(?:s| you) for your {_DESK}", r"\b(?:will|shall) (?:get back|contact|respond|reply|be in touch)\b"
)

_MAIL = r"(?:e-?mails?|messages?|mail)"
_CHALLENGE_NAME = any_of(
    r"spam ?arrest|\bboxbe\b|\btmda\b|active spam killer|\bchoicemail\b|\bmailblocks\b|\bbluebottle\b|\bqurb\b",
    r"challenge[/-]response|anti-?spam (?:uol|challenge)|sender (?:verification|confirmation|authentication)",
)
_ASKS = any_of(
    r"\b(?:confirm|verify|validate|prove|authenticate|identify)\b.{0,120}\b(?:you are|yourself)",
    rf"\b(?:confirm|verify|validate|prove|authenticate|identify)\b.{{0,120}}\byour (?:identity|address|{_MAIL})",
    rf"\b(?:confirm|verify|authorize|release)\b.{{0,60}}\b(?:the|this) {_MAIL}",
    rf"\b(?:click|follow|visit|reply to this|simply reply|just reply)\b.{{0,200}}\b(?:deliver|release|your {_MAIL})",
)
_WAITS = any_of(
    rf"\b{_MAIL}\b.{{0,120}}\b(?:will|can|to|may) (?:then |not )?be (?:delivered|released)\b",
    rf"\b{_MAIL}\b.{{0,80}}\b(?:been|is|are) (?:being )?(?:held|quarantined|placed|queued|pending|waiting)\b",
    rf"\bdeliver(?:y|ed)? (?:of )?(?:this|your|the) {_MAIL}|\bhave (?:this|your|the) {_MAIL} delivered",
    r"\breach(?:es)? (?:my|the|his|her|their) (?:inbox|mailbox)|\b(?:approved|allowed|authorized|guest|white) ?list",
    r"\bawaiting (?:your )?(?:verification|confirmation)",
)
_MODERATED = any_of(
    rf"\b(?:post|{_MAIL})\b.{{0,200}}\b(?:awaits? (?:moderator )?approval|is being held)",
    rf"\b(?:post|{_MAIL})\b.{{0,200}}\b(?:held for|(?:waiting|pending|awaiting)(?: for)?) (?:moderat|approval|review)",
    rf"\b(?:your|the) {_MAIL}\b.{{0,80}}\b(?:was|has been) (?:rejected|blocked|quarantined)",
)


def away(message: Message, _: Ours) -> str:
    """Whether it is an absence notice."""
    if _AWAY_SUBJECT.match(message.subject.strip()[:200]):
        return "its subject is that of an absence notice"
    opening = message.text[:_OPENING]
    told = _IS_AUTOMATIC.search(opening) or (_AWAY_TEXT.search(opening) and _AWAY_MORE.search(message.text[:_NOTICE]))
    return "its text begins as an absence notice does" if told and _could_be_a_notice(message) else ""


def desk(message: Message, _: Ours) -> str:
    """Whether a ticket system acknowledges a mail of ours: its subject and its text say so, or several tickets' numbers do."""
    if not _could_be_a_notice(message):
        return ""
    subject = message.subject.strip()[:300]
    subject_says = bool(_DESK_SUBJECT.search(subject))
    said = len({found.lower() for found in _DESK_TEXT.findall(message.text)})
    signs = subject_says + bool(_NUMBER.search(subject)) + said + bool(_DESK_MANNERS.search(message.text))
    return "a ticket system acknowledges a mail, by its words" if signs > 1 and (subject_says or said) else ""


def challenge(message: Message, _: Ours) -> str:
    """Whether it asks its sender to prove something before a mail is delivered; to answer would be to confirm."""
    if not _could_be_a_notice(message):
        return ""
    words = f"{message.subject[:200]}\n{message.text[:_SHORT]}"
    if _WAITS.search(words) and (_ASKS.search(words) or _CHALLENGE_NAME.search(words)):
        return "it asks for a confirmation before it delivers a mail"
    return ""


def moderated(message: Message, _: Ours) -> str:
    """Whether it says that a mail waits for a moderator, or that a filter has refused it."""
    words = f"{message.subject[:200]}\n{message.text[:_OPENING]}"
    found = _could_be_a_notice(message) and _MODERATED.search(words)
    return "it says that a mail is held or was refused by a filter" if found else ""


def _could_be_a_notice(message: Message) -> bool:
    return len(message.text) < _SHORT and not passed_on(message) and not about_a_flaw(message)
