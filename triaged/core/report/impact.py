"""Impact: what an attacker gains. Many flaws are named by it (a takeover, a leaked key), and then nobody need spell it out."""

import re
from collections.abc import Iterator

from triaged.core.report.prose import Prose, Sentence

# Who gains: anybody, another customer, a former colleague; and what they do then.
_ANYBODY = re.compile(
    r"\b(?:any(?:one|body)|whoever|every(?:one|body)|any (?:\w+ ){0,2}(?:\w+(?:er|or|ers|ors|ist|ant|ants|"
    r"ee|man|body)|student|client|account|website|page|app|process|program|device)|victims?|(?:a|an|the|"
    r"any) (?:malicious|hostile|rogue|former|third|dishonest|bad) ?\w*|attackers?|adversar\w+|"
    r"criminals?|fraudsters?|scammers?|thie(?:f|ves)|strangers?|competitors?|outsiders?|(?:former|ex)[- ]?\w+|"
    r"someone (?:else|who|with)|somebody (?:else|who|with)|third part(?:y|ies)|other (?:tenants?|"
    r"customers?|users?|people|callers?|organi[sz]ations?|companies)|"
    r"jeder|jede[rn]? \w+|angreifer\w*|dritte|fremde|n'importe qui|attaquants?|quiconque|tout le monde|"
    r"cualquiera|cualquier \w+|atacantes?|qualquer \w+|invasor\w*|chiunque|qualsiasi \w+|"
    r"iedereen|aanvaller\w*|каждый|любой|любая|кто угодно|злоумышленник\w*|будь[- ]хто|будь[- ]який|"
    r"зловмисник\w*|każdy|ktokolwiek|napastnik\w*|herkes|saldırgan\w*|"
    r"siapa (?:pun|saja)|penyerang|bất kỳ ai|ai cũng|kẻ)\b|"
    r"任何人|攻击者|别人|他人|所有人|誰でも|第三者|攻撃者|누구나|공격자|제3자|أي شخص|المهاجم|कोई भी|हमलावर",
    re.IGNORECASE,
)
_GAIN = re.compile(
    r"\b(?:reads?|reading|sees?|hears?|listens?|gets?|obtains?|access\w*|steals?|stolen|takes? over|"
    r"taken over|deletes?|changes?|overwrit\w+|"
    r"impersonat\w+|poses?|pretends?|transfers?|withdraws?|pays?|buys?|books?|cancels?|calls?|sends?|"
    r"spends?|charges?|runs?|executes?|controls?|logs? in|"
    r"clones?|learns?|knows?|finds? out|downloads?|exfiltrat\w*|leaks?|bypass\w*|tricks?|fools?|makes?|"
    r"causes?|plants?|injects?|uses?|keeps?|decides?|steers?|redirects?|"
    r"lesen|liest|sehen|abrufen|übernehmen|löschen|hören|ändern|lire|lit|voir|accéder|prendre|supprimer|"
    r"écouter|modifier|obtenir|leer|lee|ver|acceder|tomar|borrar|escuchar|obtener|robar|"
    r"ler|acessar|assumir|apagar|ouvir|obter|roubar|leggere|vedere|accedere|ottenere|cancellare|rubare|"
    r"lezen|zien|overnemen|читать|читает|получить|получает|видеть|видит|слышит|удалить|украсть|"
    r"читати|отримати|бачить|слухати|odczytać|przejąć|usunąć|podsłuch\w*|okuyabil\w*|görebil\w*|alabil\w*|"
    r"membaca|mengambil|melihat|mendengar|đọc|lấy|xem|nghe)\b|"
    r"可以|能|就能|获取|できる|できます|取得|読め|할 수|가능|يمكن|يستطيع|सकता|सकते",
    re.IGNORECASE,
)
_CONSEQUENCE = re.compile(
    r"\b(?:so that|this means|that means|which means|meaning that|in other words|as a result|"
    r"the (?:result|consequence|damage|harm|risk|danger|effect|upshot)\b|consequences?|worst case|"
    r"in practice|therefore|thereby|with (?:this|that|it) (?:one|you|an?)|enough to|is enough for|"
    r"amounts to|exposes?|exposing|leaks? (?:the|all|every|our|their)|full (?:access|control|compromise)|"
    r"damit (?:kann|können|lässt|ist)|das heißt|die folge|folgen?\b|dadurch|somit|c'est[- ]à[- ]dire|"
    r"conséquences?|autrement dit|permet (?:de|à|d')|es decir|consecuencias?|permite|o sea|ou seja|"
    r"consequências?|"
    r"cioè|conseguenz\w+|quindi|gevolg\w*|то есть|последстви\w+|то є|тобто|наслід\w+|skutk\w+|czyli|sonuç|"
    r"yani|akibat\w*|jadi|dampak\w*|hậu quả|nghĩa là)|"
    r"影响|危害|后果|也就是说|意味|つまり|影響|영향|즉|التأثير|يعني|असर|यानी",
    re.IGNORECASE,
)
# Flaws that are called by what they give.
_NAMED = re.compile(
    r"\b(?:account take[- ]?over|take(?:over|s over| over| control) of|full (?:takeover|control)|"
    r"remote code execution|rce|(?:arbitrary )?code execution|command injection|"
    r"privilege escalation|(?:authentication|auth|login|2fa|mfa) bypass|bypass(?:es|ed|"
    r"ing)? (?:the )?(?:consent|authenti\w*|verification|2fa|mfa|login|paywall)|"
    r"(?:open|public|world[- ]readable) (?:s3 |storage )?buckets?|public(?:ly)? (?:listable|readable|"
    r"writable|accessible) \w+|"
    r"(?:leaked|exposed|hard[- ]?coded|live|valid) (?:\w+ )?(?:keys?|tokens?|secrets?|credentials?|passwords?)|"
    r"(?:another|different) (?:customer|tenant|user|caller|account|organi[sz]ation|patient|person|"
    r"company)(?:['’]s)\b|"
    r"other (?:customers|tenants|users|callers|people|organi[sz]ations)['’]|someone else['’]s|"
    r"somebody else['’]s|victim['’]s|"
    r"fremde[rn]?\s+\w+|anderer (?:kunden|nutzer)|d'autres (?:clients|utilisateurs)|otros (?:clientes|"
    r"usuarios)|outros (?:clientes|usuários)|altri (?:clienti|utenti)|чуж\w+|cudz\w+|"
    r"for free|free of charge|(?:free|open|visible|readable|available) (?:for|to) (?:every|any)(?:one|body)|"
    r"no (?:api )?(?:key|login|password|token|authentication|auth) (?:is |was )?(?:necessary|needed|"
    r"required|asked)|without (?:any |a |an )?(?:api )?(?:key|login|password|token|auth\w*|logging in)|"
    r"third[- ]party)\b|其他(?:用户|客户|租户)|他人の|別の(?:利用者|顧客)|다른 (?:고객|사용자)",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:no|not|never|cannot|can't|without)\b.{0,15}$", re.IGNORECASE)


def impact_in(prose: Prose) -> str:
    """The sentence that tells what is gained; empty where none does."""
    return next((prose.whole[each.start : each.end] for each in _told(prose)), "")


def _told(prose: Prose) -> Iterator[Sentence]:
    for sentence in prose.sentences:
        start, end = sentence.start, min(sentence.end, sentence.start + 600)
        who = _ANYBODY.search(prose.whole, start, end)
        if who and not _NEGATED.search(prose.whole[max(start, who.start() - 20) : who.start()]):
            if _GAIN.search(prose.whole, who.end(), end):
                yield sentence
        elif _CONSEQUENCE.search(prose.whole, start, end) and _GAIN.search(prose.whole, start, end):
            yield sentence


def named_by_its_flaw(prose: Prose) -> str:
    """The words that name a flaw by its impact, in the subject or the text."""
    found = _NAMED.search(prose.whole[:8_000])
    return found[0] if found else ""
