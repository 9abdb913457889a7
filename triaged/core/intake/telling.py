"""Judge whether a machine's mail concerns us: a waiting report, something of ours that is exposed, or a flaw.

A sign forbids the answer, never the filing: before such a mail is set aside, this decides whether anybody here should know.
"""

import re
from dataclasses import dataclass

from triaged.core.mail.automatic.people import about_a_flaw
from triaged.core.mail.automatic.phrasing import any_of, composed
from triaged.core.mail.domains import domain_of, organisational_domain
from triaged.core.mail.message import Message
from triaged.core.mail.ours import Ours
from triaged.core.policy.policy import Policy

_SUBJECT = 400
_HEAD = 6000

# Somebody has sent us a report, elsewhere.
_ANNOUNCES = any_of(
    r"\b(?:private|privately|confidential(?:ly)?|responsibl[ey]|coordinated)\b.{0,40}\b(?:report|disclos|vulnerab|advisor)",
    r"\b(?:submitted|filed|opened|sent|received|created|left) (?:a|an|the|your)? ?(?:new )?(?:\w{1,20} "
    r"){0,2}(?:report|submission|advisory)\b",
    r"\bnew (?:\w{1,20} ){0,2}(?:report|submission|finding|advisory)\b|\b(?:report|submission) #?\d{2,}",
    r"\b(?:vulnerability|abuse|security|malware) reports?\b",
    r"\bwhom?\b.{0,60}\b(?:security|vulnerab)|\b(?:report|disclose)\b.{0,30}\b(?:security|vulnerab)",
    r"\b(?:report|submission)\b.{0,40}\b(?:received|waiting|awaits|for (?:package|repository))|\bmediation\b.{0,30}\breport\b",
    r"\bform\b.{0,60}\b(?:vulnerab|security)|\bvulnerab\w{0,10}\b.{0,40}\bform\b|\bopened (?:a|an) (?:private|confidential)\b",
    r"\b(?:neue|vertrauliche|anonyme)\w{0,2} (?:\w{1,20} )?(?:meldung|hinweis|bericht)|\bschwachstellenmeldung",
    r"\bsicherheitsmeldung",
    r"\b(?:nouveau|nouvelle|déposé un) (?:\w{1,20} )?(?:rapport|signalement)|\brapport (?:confidentiel|de vulnérabilité)",
    r"\b(?:nuevo|nueva) (?:\w{1,20} )?(?:reporte|informe|notificación)",
    r"\b(?:informe|reporte) (?:confidencial|de vulnerabilidad)",
    r"\b(?:nova|novo|recebido) (?:\w{1,20} )?(?:relatório|denúncia|submissão)|\bnuova segnalazione",
    r"\bsegnalazione (?:riservata|di vulnerabilità)",
    r"\bnieuwe (?:\w{1,20} )?melding|\bkwetsbaarheidsmelding|\bzgłoszenie (?:podatności|luki)|\bnowe zgłoszenie",
    r"\bhlášení zranitelnosti",
    r"\b(?:новый|новое|поступил[ао]?) (?:\w{1,20} )?(?:отчёт|отчет|сообщение|обращение)",
    r"(?:отчёт|отчет|сообщение) об уязвимости|звіт про вразливість",
    r"\byeni (?:\w{1,20} )?(?:bildirim|rapor)|güvenlik açığı bildirimi|بلاغ|تقرير (?:ثغرة|سري)|דיווח (?:חדש|על חולשה)",
    r"laporan kerentanan|báo cáo lỗ hổng",
    r"脆弱性.{0,10}(?:報告|届出|通報)|新しい投稿|新着|漏洞.{0,6}(?:报告|提交|通报)|취약점.{0,6}(?:신고|제보|"
    r"보고)|รายงานช่องโหว่",
)
# People who report; machines that mention them write about a report.
_REPORTERS = any_of(
    r"\b(?:security )?researchers?\b.{0,60}\b(?:report|found|submit|sent|disclos|notif|contact)|\bwhite ?hat",
    r"\bethical hacker|\bbug hunter",
    r"\bforscher(?:in)?\b|\bchercheu(?:r|se)\b|\binvestigador(?:a)?\b|\bricercat(?:ore|rice)\b|\bpesquisador(?:a)?\b",
    r"\bonderzoeker\b",
    r"\bbadacz|\bvýzkumník|\baraştırmacı|исследовател|дослідник|研究者|研究员|연구원|باحث|חוקר",
    r"\bsegnalazione\b.{0,40}\b(?:ricevut|depositat|inviat|anonim)|\bzgłoszen\w{1,3}\b.{0,40}\bbezpieczeństw",
    r"\bmeldung\b.{0,40}\bsicherheit",
)
# Phrases that are addressed only to the party concerned.
_ADDRESSED = any_of(
    r"\bprivate(?:ly)? (?:vulnerability )?report|\bonly visible to you\b|\bvertrauliche meldung|\brapport confidentiel",
    r"\binforme confidencial|"
    r"\brelatório confidencial|\bsegnalazione riservata|非公開の報告",
)
_THING = (
    r"(?:secrets?|credentials?|(?:api |access |private |signing )?keys?|tokens?|passwords?|accounts?|logins?|"
    r"e-?mail addresses|database|"
    r"bucket|server|hosts?|source code|repositor\w{1,3}|personal data|records|backup|panel|port)"
)
_OPEN = (
    r"(?:detected|exposed|exposure|leak(?:ed|s)?|found|published|publicly|compromised|stolen|stealer|dump(?:ed)?|"
    r"breach(?:ed)?|pwned|"
    r"infected|hijacked|open to|listable|readable by|reachable from)"
)
# Something lies open, was taken over, or is used against others.
_EXPOSES = any_of(
    rf"\b{_THING}\b.{{0,80}}\b{_OPEN}\b|\b{_OPEN}\b.{{0,80}}\b{_THING}\b",
    r"\bdata breach\b|\bbreach notif|\bsecurity incident\b|\bopen (?:relay|resolver|redirect)\b",
    r"\b(?:black|block)list(?:ed)?\b|\bdelist",
    r"\b(?:vulnerable|misconfigured|compromised|infected|malicious|unsafe) (?:host|server|system|service|file|"
    r"package|device|device)s?\b",
    r"\bphishing (?:site|page|kit|url|domain)|\bmalware\b|\bbotnet\b|\bunexpected certificate|\btyposquat",
    r"\blookalike domain|\bdefac",
    r"\b(?:differs from|not present in) (?:its |the )?(?:source|tag)|\b(?:yank|revoke) (?:it|the)\b",
    r"\bimports? (?:posix|os)\.system",
    r"\bworld[- ]?(?:readable|writable|listable)|\bpublicly (?:accessible|readable|available|exposed|reachable)\b",
    r"\banonymous(?:ly)? (?:list|read|access)",
    r"\b(?:could|can) (?:list|read|download)\b.{0,60}\b(?:objects|files|bucket|directory)|\bdirectory listing",
    r"\B\.(?:git|env|svn)\b|\btake-?over\b",
    r"\b(?:suspicious|malicious|backdoor\w{0,4}|trojan\w{0,5})\b|\bflagged (?:as|by)\b|\babuse (?:report|complaint)",
    r"\bbrute[- ]force|\b(?:attacks?|spam) from\b",
    r"\bdatenleck|\bzugangsdaten\b|\bkompromittiert|\böffentlich (?:erreichbar|einsehbar)|\boffengelegt",
    r"\bfuite de données|\bcompromis(?:e|es)?\b",
    r"\bidentifiants\b.{0,60}\b(?:exposé|divulgué|fuite)|\bfiltración\b|\bcredenciales\b|\bexpuest[oa]s?\b|\bvazamento\b",
    r"\bcredenciais\b|\bexpost[oa]s?\b",
    r"\bcredenziali\b|\bespost[aei]\b|\bdatalek|\bgelekte?\b|\bwyciek|\bujawnion|\būnik dat|\búnik dat|\bsızıntı|\bsızdırıl",
    r"утечк|утекш|учётные данные|учетные данные|скомпрометир|витік|تسريب|تسرب|דליפ|דלף|rò rỉ|kebocoran",
    r"泄露|洩漏|外泄|泄漏|密钥|弱口令|漏えい|漏洩|流出|유출|노출|รั่วไหล",
)
_FLAW = any_of(
    r"sicherheitslücke|\blücke\b|schwachstelle|vulnérabilit|faille|vulnerabilidad|vulnerabilidade|vulnerabilità|kwetsbaarheid",
    r"podatnoś|zranitelnost|"
    r"уязвимост|вразливіст|güvenlik açığı|zafiyet|sårbarhet|sårbarhed|haavoittuvuu|sebezhetőség|vulnerabilit|ευπάθεια",
    r"ثغرة|חולשה|פגיעות|"
    r"漏洞|脆弱性|취약|ช่องโหว่|lỗ hổng|kerentanan|कमज़ोरी|"
    r"\bidor\b|\bxss\b|\bssrf\b|\bcsrf\b|\brce\b|\bsql injection\b|\bcve-\d{4}-\d{4,7}\b",
    r"\bsecurity (?:concern|question|contact|matter)\b",
)
_YOURS = any_of(
    r"\byour (?:\w{1,20} ){0,2}(?:web ?site|site|domain|server|host|network|product|service|package|"
    r"repositor\w{1,3}|organi[sz]ation|company|"
    r"api|apps?|account|accounts|program(?:me)?|infrastructure|ips?|mail ip|employees|users|customers|sdk|models?",
    r"endpoint|code|inbox|"
    r"dashboard|database|bucket|certificate|keys?|tokens?|dns|zone|team)\b",
    r"\bihre[rnms]? |\bvotre |\bvos |\bsu (?:organización|sitio|dominio|empresa|servicio)",
    r"\bsua (?:organização|empresa|conta)|\bseu (?:site|domínio|serviço)",
    r"\bla vostra |\bil vostro |\buw |\bwasz|\bpaństwa |\bвашей?|\bваших?|\bваше|\bвашому|貴社|御社|当社|贵司|"
    r"贵公司|您的|你们的|귀사",
)
# Words of feeds and summaries without findings, and of reports that the team has finished itself.
_ROUTINE = any_of(
    r"\b(?:weekly|monthly|daily|quarterly|annual|community) (?:\w{1,20} ){0,2}(?:summary|digest|report|activity|"
    r"newsletter|update|roundup|recap)\b",
    r"\b(?:0|no|zero) (?:new |open )?(?:\w{1,20} )?(?:submissions?|findings?|events?|incidents?|issues?|hits?|"
    r"vulnerabilit\w{1,3}|alerts?|reports?|results)\b",
    r"\bno (?:[\w,]{1,20} ){1,6}(?:were|was|have been) (?:found|observed|detected|seen|reported)\b",
    r"\bnothing (?:new )?(?:was|to) (?:found|report)",
    r"\b(?:was|has been) (?:closed|resolved|marked as|merged|triaged)\b|\bchanged the (?:state|status)\b|\bno further action\b",
    r"\b(?:has|have) passed (?:its|the|all)\b|\ball (?:systems|checks|monitors) (?:are )?(?:operational|ok|passed)",
    r"\buptime report\b|\bunread topics\b",
    r"\bkeine? (?:\w{1,20} ){0,3}(?:treffer|befunde|erkenntnisse|funde|vorfälle)\b|\bliegen .{0,60}keine erkenntnisse",
    r"\btageslage\b|\bwochenbericht",
    r"\baucun(?:e)? (?:\w{1,20} ){0,2}(?:incident|résultat|vulnérabilité|signalement|événement)",
    r"\bsin (?:novedades|hallazgos|incidentes)|\bresumen semanal",
    r"\bnessun(?:a|o)? (?:\w{1,20} )?(?:evento|risultato|segnalazion|vulnerabilit)",
    r"\bnenhum(?:a)? (?:\w{1,20} )?(?:evento|achado|incidente|vulnerabilidade)",
    r"\bgeen (?:\w{1,20} )?(?:bevindingen|meldingen|incidenten)|\bbrak (?:nowych )?(?:zdarzeń|zgłoszeń|podatności)",
    r"\byeni bulgu\W{0,3}(?:yok|0)",
    r"дайджест|\bновых (?:\w{1,20} )?(?:нет|не обнаружено)|не обнаружено|周报|日报|月报|汇总|未发现|0件|"
    r"検出されませんでした|ダイジェスト|발견되지 않았|주간",
)

_MARKETING = any_of(
    r"\bnewsletter\b|\bwebinar|\bview (?:this (?:e-?mail )?)?(?:in|online in) (?:your )?browser|\bsponsor|\bblog post\b",
    r"\bbook a demo|\btips (?:to|for|on)\b|\bjoin us (?:at|for|on)\b|\bregister (?:now|today|here)\b|\bcase study\b",
    r"\bwhat's new\b|\bnew features?\b",
)


@dataclass(frozen=True, slots=True)
class Telling:
    """What a machine's mail says, judged by its words."""

    something: bool
    """True if it mentions a report, something exposed, or a flaw, and does not say that there is none."""
    of_ours: bool
    """True if this concerns us: a report made to us, or our own names with it."""


def marketing(words: str) -> bool:
    """True for newsletters and sales mail."""
    return bool(_MARKETING.search(words))


def routine(words: str) -> bool:
    """True for a summary, a feed without a finding, or the end of something that the team handled itself."""
    return bool(_ROUTINE.search(words)) and not _ADDRESSED.search(words)


def telling(message: Message, ours: Ours, policy: Policy) -> Telling:
    """Read a machine's mail for what it says."""
    words = f"{composed(_own_subject(message, ours), _SUBJECT)}\n{composed(message.text, _HEAD)}"
    if routine(words) or marketing(words):
        return Telling(something=False, of_ours=False)
    announces = bool(_ANNOUNCES.search(words) or _REPORTERS.search(words))
    tells = bool(_EXPOSES.search(words) or _FLAW.search(words)) or about_a_flaw(message)
    named = bool(_YOURS.search(words) or _ADDRESSED.search(words)) or _names_us(words, ours, policy)
    return Telling(something=announces or tells, of_ours=(announces or tells) and named)


def _own_subject(message: Message, ours: Ours) -> str:
    """The subject before our case's id: after it comes the title of our letter, which itself mentions a report."""
    tag = ours.case_named_in(message.subject)
    return message.subject[: tag.start()] if tag else message.subject


def _names_us(words: str, ours: Ours, policy: Policy) -> bool:
    """True if it names a host, package or model of ours; our address as the recipient is no evidence."""
    assets = policy.scopes.assets
    domains = {domain_of(address) for address in ours.addresses}
    names = [
        rf"{re.escape(name)}(?!\w)" for name in (*domains, *assets.hosts, *assets.packages, *assets.models) if name
    ]
    # The organisation's name on code hosts and registries: "smallest/smallest-python".
    names += [rf"{re.escape(organisational_domain(domain).partition('.')[0])}[/-](?=\w)" for domain in domains]
    return bool(names) and bool(re.search(rf"(?<![\w@])(?:{'|'.join(names)})(?!@)", words, re.IGNORECASE))
