"""Impact: what an attacker gains. Many flaws are named by it (a takeover, a leaked key), and then nobody need spell it out."""

import re
from collections.abc import Iterator

from triaged.core.report.prose import Prose, Sentence

# All are looked for in the text in lower case, which takes a third of the time of patterns that ignore case.
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
)
# Nobody says "anyone" of a flaw but to say who gains; the words behind it need not be known.
_ANYONE = re.compile(
    r"\b(?:any(?:one|body) (?:who|with|on|in|at|can|could|else)|jeder,? der|jedermann|wer (?:auch immer|"
    r"\w+ hat|anruft)|"
    r"n['’]importe qui|quiconque|cualquiera|quienquiera|qualquer um\w*|quem quer|chiunque|iedereen|wie dan ook|"
    r"ktokolwiek|każdy|кто угодно|любой желающий|будь[- ]хто|kdokoliv|kdokoli|vem som helst|herkes|siapa (?:pun|saja)|"
    r"bất kỳ ai|ai cũng)\b|任何人|誰でも|누구나|أي شخص|कोई भी",
    re.IGNORECASE,
)
# "Chi ha il backup usa l'account", "Wer anruft, ...": a sentence that begins so says what somebody gains.
_WHO_FIRST = re.compile(
    r"\W{0,3}(?:(?:damit|dann|so|quindi|czyli|то есть|тобто) )?(?:chi|wer|kdo|kto|кто|хто|quien|quem|celui qui|"
    r"ceux qui|den som|kim)\s\w",
    re.IGNORECASE,
)
# "Harassers could ...", "a user can": people whom the flaw lets do something.
_PEOPLE_CAN = re.compile(
    r"\b[a-z]{2,20}(?:ers|ors|ees|ists) (?:can|could|may|might)\b|\bso (?:a|any|every|one) \w+|\bone (?:can|"
    r"could) (?!see\b)\w+|"
    r"\b(?:(?:un|une|um|uma|ein|eine|een|en|ett) (?:\w+ )?(?:utilisat|usuari|usuári|utente|nutzer|benutzer|"
    r"gebruiker|client|kunde|klant|"
    r"användare|bruker|employé|mitarbeiter|emplead|funcion)\w*|пользовател\w*|користувач\w*|użytkowni\w*|"
    r"uživatel\w*|klient\w*|"
    r"клиент\w*|клієнт\w*)\b",
    re.IGNORECASE,
)
# What comes of it, told without a person.
_AT_STAKE = re.compile(
    r"\b(?:at stake|at risk|in danger|(?:shown|told|given|sent|handed|open|visible|readable|available|exposed|"
    r"disclosed|delivered) to "
    r"(?:\w+ ){0,2}(?:strangers?|others?|anyone|everyone|the (?:whole )?(?:internet|world)|third parties|"
    r"whoever)|on the machine of|"
    r"(?:whole|entire) (?:account|tenant|database|platform)|(?:all|every|each) (?:of (?:your|the|"
    r"our) )?(?:\w+ )?(?:customers?|clients?|"
    r"tenants?|users?|accounts?|patients?|callers?|child|children)|supply[- ]chain|a disposizione di tutti|"
    r"(?:alle|allen|aller) (?:\w+ )?"
    r"(?:kunden|nutzer|konten)|tou(?:s|tes) (?:les|vos) (?:client|compte|utilisateur)\w*|todos (?:los|"
    r"os) (?:client|usu|cuent|dad)\w*|"
    r"tutti (?:i|gli) (?:client|utent|dat)\w*|wszystki\w+ (?:klient|użytkow|dan)\w*|все(?:х|м|ми)? (?:клиент|"
    r"пользовател|учётн)\w*|"
    r"всіх (?:клієнт|користувач)\w*|bütün müşteri\w*|tüm müşteri\w*)\b|所有(?:的)?(?:客户|用户|租户)|客户之间|全顧客|"
    r"全ての(?:顧客|利用者)|모든 (?:고객|사용자)",
    re.IGNORECASE,
)
# "... can": who may do it is named before.
_CAN = re.compile(
    r"\b(?:can|could|may|might|kann|können|könnte\w*|peut|peuvent|pourra\w*|puede\w*|podr[íi]a\w*|pode\w*|può|"
    r"possono|potrebbe\w*|"
    r"kan|kunnen|może|mogą|może|může|mohou|может|могут|сможет|може|можуть|kan|dapat|bisa|có thể|\w+[ae]bil\w*)\b|"
    r"可以|能|会|できる|できます|られる|れます|수 있|يمكن|يستطيع|सकता|सकते",
    re.IGNORECASE,
)
# By itself it may only go on with what is wrong.
_SO_THAT = re.compile(r"\bso that\b", re.IGNORECASE)
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
)
_CONSEQUENCE = re.compile(
    r"\b(?:this means|that means|which (?:means|says|gives|lets|shows|reveals|makes)|so (?:people|users|"
    r"customers|callers|they)\b|meaning that|in other words|as a result|"
    r"the (?:result|consequence|damage|harm|risk|danger|effect|upshot)\b|consequences?|worst case|"
    r"in practice|therefore|thereby|with (?:this|that|it) (?:one|you|an?)|enough to|is enough for|"
    r"amounts to|exposes?|exposing|leaks? (?:the|all|every|our|their)|full (?:access|control|compromise)|"
    r"damit (?:kann|können|lässt|ist)|das heißt|die folge|folgen?\b|dadurch|somit|c'est[- ]à[- ]dire|"
    r"conséquences?|autrement dit|permet (?:de|à|d')|es decir|consecuencias?|permite|o sea|ou seja|"
    r"consequências?|"
    r"cioè|conseguenz\w+|quindi|gevolg\w*|то есть|последстви\w+|то є|тобто|наслід\w+|skutk\w+|czyli|sonuç|"
    r"yani|akibat\w*|jadi|dampak\w*|hậu quả|nghĩa là)|"
    r"影响|危害|后果|也就是说|意味|つまり|影響|영향|즉|التأثير|يعني|असर|यानी",
)
# Flaws that are called by what they give.
_NAMED = re.compile(
    r"\b(?:account take[- ]?over|take(?:over|s over| over| control) of|full (?:takeover|control)|"
    r"remote code execution|rce|(?:arbitrary )?code execution|command injection|(?:runs|executes) (?:any |"
    r"arbitrary )?(?:code|commands)|"
    r"wykonani\w+ (?:dowolnego )?kodu|codeausführung|ausführung von code|exécut\w+ (?:de |du )(?:code|"
    r"commandes)|ejecu\w+ (?:de )?código|"
    r"execu\w+ (?:de )?código|esecuzione di codice|выполн\w+ (?:произвольн\w+ )?код\w*|виконання коду|"
    r"code uitvoeren|kod çalıştır\w*|"
    r"execution of code|"
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
    r"for free|free of charge|free \w+ for (?:every|any)(?:one|body)|(?:free|open|visible|readable|"
    r"available) (?:for|to) (?:every|any)(?:one|body)|"
    r"no (?:api )?(?:key|login|password|token|authentication|auth) (?:is |was )?(?:necessary|needed|"
    r"required|asked)|without (?:any |a |an )?(?:api )?(?:key|login|password|token|auth\w*|logging in)|"
    r"third[- ]party)\b|执行(?:任意)?(?:代码|命令)|コード(?:の)?実行|코드 실행|"
    r"其他(?:用户|客户|租户)|他人の|別の(?:利用者|顧客)|다른 (?:고객|사용자)",
)
_NEGATED = re.compile(r"\b(?:no|not|never|cannot|can't|without)\b.{0,15}$")


def impact_in(prose: Prose) -> str:
    """The sentence that tells what is gained; empty where none does."""
    return next((prose.whole[each.start : each.end] for each in _told(prose)), "")


def _told(prose: Prose) -> Iterator[Sentence]:
    return (each for each in prose.sentences if _tells(prose.lowered, each.start, min(each.end, each.start + 600)))


def _tells(lowered: str, start: int, end: int) -> bool:
    who = _ANYBODY.search(lowered, start, end)
    if who and not _NEGATED.search(lowered[max(start, who.start() - 20) : who.start()]):
        return bool(_GAIN.search(lowered, who.end(), end) or _CAN.search(lowered, who.end(), end))
    follows = _CONSEQUENCE.search(lowered, start, end) or _SO_THAT.search(lowered, start, end)
    return bool(follows and _GAIN.search(lowered, start, end))


def hinted_impact(prose: Prose) -> str:
    """What hints at an impact, enough not to ask for one: the name of the flaw, whom it lets do something, what follows."""
    if named := _named_by_its_flaw(prose):
        return named
    spoken = prose.sentences
    for at, each in enumerate(spoken):
        end = min(each.end, each.start + 600)
        # People say what follows from a flaw at the end.
        last = len(spoken) >= _A_STORY and at >= len(spoken) - 2
        if _hints(prose.lowered, each.start, end) or _follows(prose.lowered, each.start, end, last=last):
            return prose.whole[each.start : each.end]
    return ""


_A_STORY = 3
"""A text of so many sentences has an end."""
# What the writer can do, or will, and what is asked of the reader, is no consequence.
_OF_THE_WRITER = re.compile(
    r"\b(?:i|we|you|ich|wir|sie|je|nous|vous)(?:['’]d|['’]ll)? (?:\w+ )?(?:can|could|may|might|kann|können|"
    r"könnte\w*|peux|pouvons|pouvez)\b|"
    r"\b(?:please|bitte|merci|por favor|per favore|kindly)\b|[?？؟]\W{0,3}$",
    re.IGNORECASE,
)
_ALL_OF_THEM = re.compile(
    r"\b(?:every(?:one|body|thing)?|all (?:the|of|our|your|their)|alle[rn]?|tou(?:s|te|tes)|tod[oa]s?|tutt[ieo]|"
    r"wszys\w+|"
    r"все[хм]?|всі[хм]?|všech\w*|alla|bütün|tüm|herkes\w*|semua|tất cả)\b|所有|全部|すべて|全て|모든|모두|كل|सभी",
    re.IGNORECASE,
)


def _follows(lowered: str, start: int, end: int, *, last: bool) -> bool:
    """True if a sentence says what follows; the last ones say it in fewer words."""
    if _OF_THE_WRITER.search(lowered, start, end):
        return False
    shapes = (_CONSEQUENCE, _CAN, _ALL_OF_THEM) if last else (_CONSEQUENCE,)
    return any(shape.search(lowered, start, end) for shape in shapes)


def _hints(lowered: str, start: int, end: int) -> bool:
    if lowered[max(start, end - 3) : end].rstrip().endswith(("?", "？", "؟")):
        return False
    people = _PEOPLE_CAN.search(lowered, start, end)
    return bool(
        _ANYONE.search(lowered, start, end)
        or _WHO_FIRST.match(lowered, start, end)
        or _AT_STAKE.search(lowered, start, end)
        or (people and (_CAN.search(lowered, people.start(), end) or _GAIN.search(lowered, people.end(), end)))
    )


def _named_by_its_flaw(prose: Prose) -> str:
    """The words that name a flaw by its impact, in the subject or the text."""
    found = _NAMED.search(prose.lowered[:8_000])
    return prose.whole[slice(*found.span())] if found else ""
