"""What helps with a report of one scope: which of it is there, and what may be asked for.

The finders are generous, for a question is only worth a reporter's time where nothing in the mail or with it looks like an
answer: any name with a figure is a version, any quotation is a prompt, any mention of the dashboard is an endpoint.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triaged.core.mail.message import Message
from triaged.core.policy.details import Detail, DetailName
from triaged.core.policy.policy import Policy
from triaged.core.report.dates import first_date, first_day
from triaged.core.report.documents.reading import Read
from triaged.core.report.prose import Prose
from triaged.core.report.report import FactKind, Facts, Shown, Verdict
from triaged.core.text import quoted

_LOOKED_AT = 100_000
_AROUND, _QUOTE = 40, 160
# Those in which the finders below have words; in others nothing is asked.
_LANGUAGES = frozenset("en de fr es pt it nl pl ru uk zh ja ko tr".split())


@dataclass(frozen=True, slots=True)
class Around:
    """All that a reporter has sent: what they wrote, quoted and attached."""

    text: str
    facts: Facts
    message: Message


_Place = tuple[int, int]


def everything(message: Message, documents: Sequence[Read], facts: Facts) -> Around:
    """The words of a mail and of all that came with it, names of files too."""
    told = (document.told.as_text for document in documents if document.told)
    names = (part.filename for part in message.attachments)
    texts = (message.subject, message.text, message.attached_text, message.quoted, *told, *names)
    return Around("\n".join(texts)[:_LOOKED_AT], facts, message)


def shown_in(around: Around, prose: Prose, verdict: Verdict, policy: Policy) -> tuple[Shown, ...]:
    """Each detail of the verdict's scope that applies, with the words that show it; an empty quote where none do."""
    details = (detail for detail in policy.details if detail.scope == verdict.scope)
    return tuple(Shown(detail.name, _quote(detail, around, prose)) for detail in details if _applies(detail, around))


def wanted(
    shown: Sequence[Shown], prose: Prose, verdict: Verdict, policy: Policy, *, complete: bool
) -> tuple[DetailName, ...]:
    """What may be asked for: of a short text in a known language, whose scope is certain.

    Who is `complete` by what the policy requires is asked for next to nothing.
    """
    if verdict.band != "high" or prose.language not in _LANGUAGES:
        return ()
    lacking = (policy.detail(each.name) for each in shown if not each.quote)
    return tuple(detail.name for detail in lacking if prose.length < detail.short and (detail.always or not complete))


def _applies(detail: Detail, around: Around) -> bool:
    return detail.name != "audio" or bool(_SPOKEN.search(around.text))


def _quote(detail: Detail, around: Around, prose: Prose) -> str:
    for fact in around.facts.of(*_FACTS.get(detail.name, ())):
        return fact.quote or fact.value
    place = next(_places(detail, around), None)
    if place:
        return quoted(around.text, *place, around=_AROUND, limit=_QUOTE)
    said = min(
        (prose.by_phrase[each] for each in detail.phrases if each in prose.by_phrase),
        key=lambda it: it.start,
        default=None,
    )
    return quoted(prose.whole, said.start, said.end, around=_AROUND, limit=_QUOTE) if said else ""


def _places(detail: Detail, around: Around) -> Iterator[_Place]:
    if match := SHAPES[detail.name].search(around.text):
        yield match.span()
    if detail.name == "occasion" and (day := first_date(around.text) or first_day(around.text)):
        yield day[1:]
    if detail.name == "audio" and around.message.attachments:
        name = around.text.rfind(around.message.attachments[0].filename)
        yield max(name, 0), len(around.text)


_FACTS: dict[DetailName, tuple[FactKind, ...]] = {
    "model-version": ("model", "version"),
    "occasion": ("tested", "url"),
    "exchange": ("conversation",),
    "package-version": ("version",),
    "endpoint": ("endpoint", "url", "host"),
}
_SPOKEN = re.compile(
    r"\b(?:audio|sound|recording|whisper\w*|spoken|speech|aufnahme|tonspur|enregistrement|grabación|"
    r"gravação|registrazione|opname|"
    r"nagrani\w+|запис\w+|аудио|звук\w*|аудіо|ses kaydı)\b|音频|录音|音声|録音|음성|녹음",
    re.IGNORECASE,
)


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("".join(patterns), re.IGNORECASE | re.MULTILINE)


_ID = (
    r"\b(?:conv(?:ersation)?|call|session|sess|request|req|trace|run|agent|message|msg|chat|thread)"
    r"[ _-]{0,2}(?:id|nr|no|#)?[ :=_#-]{1,3}\w{0,40}\d\w{3,40}"
)
_UUID = r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
SHAPES: dict[DetailName, re.Pattern[str]] = {
    "model-version": _words(
        r"\b[^\W\d_][\w-]{0,40}[- ]v?\d{1,3}(?:\.\d{1,3})*\b|\bv\d|",
        r"\b(?:production|prod|staging|preview|beta|demo|playground|sandbox|default|latest|current|newest|"
        r"free tier|trial|produktion\w*|aktuell\w*|",
        r"producción|produção|produzione|productie|produkcyj\w+|actual|actuelle?|attuale|huidige|текущ\w+|"
        r"рабоч\w+|поточн\w+)\b|",
        r"\b(?:agent\w*|assist\w*|bot|voice\w*|receptionist|concierge|hotline|stimm\w+|voix|voz|voce|stem|"
        r"głos\w*|голос\w*|агент\w*|ассистент\w*|помічник\w*)\b|",
        r"\b[A-Z]\w+ (?:model|Modell|voice)\b|助手|智能体|エージェント|アシスタント|에이전트|비서|最新|本番|默认|생산",
    ),
    "occasion": _words(
        r"\b\d{1,2}:\d\d\b|\b\d{1,2} ?(?:am|pm|uhr|h)\b|\b(?:today|yesterday|tonight|just now|this (?:morning|"
        r"afternoon|evening|week|month)|",
        r"last (?:night|week|month|time)|(?:days?|weeks?|hours?|months?) ago|monday|tuesday|wednesday|"
        r"thursday|friday|saturday|sunday|utc|gmt|heute|gestern|",
        r"aujourd.hui|hier|hoy|ayer|hoje|ontem|oggi|ieri|vandaag|gisteren|dziś|dzisiaj|wczoraj|сегодня|вчера|"
        r"сьогодні|вчора|bugün|dün|",
        r"playground|console|dashboard|demo|hotline|phone|telephone|telefon\w*|website|widget|app|api|"
        r"téléphone|teléfono|сайт\w*|телефон\w*)\b|",
        r"今天|昨天|今日|昨日|오늘|어제|控制台|网站|サイト|콘솔|전화|電話|电话",
    ),
    "exchange": _words(
        r"[\"“„«「『'‘][^\"”“»」』'’\n]{8,300}[\"”“»」』'’]|```|~~~|^[ \t>*-]{0,8}(?:user|human|prompt|me|caller|agent|"
        r"bot|assistant|ich|moi|yo|eu)[*_]{0,3} ?:|",
        _ID,
        "|",
        _UUID,
        r"|\b(?:i (?:said|asked|told|typed|wrote|sent|entered|pasted)|ask(?:ed)? it|tell it|say |type |"
        r"i played|ich (?:sagte|fragte|schrieb)|",
        r"j.ai (?:dit|demandé|écrit)|le (?:pregunté|dije|pedí)|perguntei|pedi|disse|ho (?:chiesto|detto|"
        r"scritto)|ik (?:vroeg|zei|typte)|zapytał\w+|",
        r"я (?:спросил\w*|сказал\w*|написал\w*|попросил\w*)|запит\w+)\b|我(?:问|说|输入)|と(?:言|聞|入力)|라고",
    ),
    "frequency": _words(
        r"\b\d{1,4}\b[^\d]{1,200}\b\d{1,4}\b|\d ?(?:/|of|out of|von|sur|de|di|van|из|з|z) ?\d|\d ?%|percent|"
        r"prozent|\b(?:every|each) (?:time|try|"
        r"call|attempt|run|language|single)|",
        r"\b(?:always|once|twice|times|thrice|reliab\w+|consisten\w+|determin\w+|sometimes|often|usually|"
        r"repeatedly|any|all|attempts?|tries|tried|",
        r"immer|jedes ?mal|jede[rsnm]?|manchmal|mal|versuch\w*|toujours|chaque|parfois|fois|essais?|siempre|"
        r"cada|veces|vez|intentos?|sempre|vezes|tentativas?|ogni|volte|volta|",
        r"altijd|elke|iedere|keer|soms|zawsze|każd\w+|razy|prób\w*|всегда|кажд\w+|иногда|раз|попыт\w+|завжди|"
        r"кожн\w+|разів|спроб\w*|her|kez|defa)\b|",
        r"每次|总是|次|毎回|必ず|回|항상|매번|번",
    ),
    "audio": _words(
        r"\.(?:wav|mp3|ogg|flac|m4a|opus|webm|mp4)\b|https?://|\b(?:attach\w*|anhang|angehängt|adjunt\w*|"
        r"anex\w*|allegat\w*|bijlage)\b|ci-joint|附件|添付|첨부"
    ),
    "package-version": _words(
        r"\d\.[\dx]|@\w|\b[0-9a-f]{7,40}\b|\b(?:latest|newest|current|main|master|head|trunk|nightly|commit|"
        r"release|lock ?file|requirements|pip freeze|",
        r"neueste\w*|aktuell\w*|dernière|actuelle|última|ultima|actual|atual|attuale|nieuwste|laatste|"
        r"najnowsz\w+|последн\w+|остан\w+|all versions)\b|最新|최신",
    ),
    "platform": _words(
        r"\b(?:python|node(?:js)?|npm|pip|deno|bun|java|kotlin|swift|go|golang|rust|ruby|php|c#|dotnet|\.net|"
        r"typescript|javascript|react|flutter|unity|",
        r"windows|linux|mac ?os|osx|ubuntu|debian|fedora|alpine|centos|arch|android|ios|iphone|ipad|docker|"
        r"kubernetes|wsl|x86\w*|arm64|aarch64|",
        r"chrome|firefox|safari|edge|browser|jupyter|colab|lambda|pypi|crate|gem|maven|gradle|cocoapods)\b|"
        r"\.(?:py|js|ts|tsx|java|kt|swift|go|rs|rb|php|cs)\b|^[ \t]{0,12}(?:import|from|const|require) ",
    ),
    "endpoint": _words(
        r"(?<!\w)/[a-z]|\b(?:[\w-]{1,63}\.){1,6}(?:ai|com|io|net|org|dev|app|cloud|example)\b|\b(?:endpoint\w*|api|"
        r"dashboard|console|konsole|portal\w*|log ?in|sign ?up|settings?|billing|invoice\w*|",
        r"web ?site|site|page|bucket|server|webhook\w*|subdomain\w*|domain|host|oauth|cookie|graphql|"
        r"websocket|seite|rechnung\w*|página|pagina|strona|stron\w+|страниц\w+|сайт\w*|панел\w+|сторін\w+|",
        r"кабинет\w*|pano|sayfa)\b|页面|控制台|后台|网站|接口|画面|ページ|コンソール|サイト|페이지|콘솔|사이트",
    ),
    "account": _words(
        r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w|\b(?:accounts?|users?|tenants?|workspaces?|orgs?|organi[sz]ations?|login|logged|"
        r"signed|credentials?|tokens?|api keys?|keys?|admin\w*|members?|roles?|customers?|",
        r"unauthenticated|anonymous\w*|without (?:auth\w*|login|an account|logging|any)|no (?:auth\w*|login|"
        r"account)|public\w*|anyone|anybody|konto|konten|nutzer\w*|benutzer\w*|kunde\w*|anmeld\w+|",
        r"comptes?|utilisateur\w*|clients?|connexion|cuentas?|usuari\w+|clientes?|contas?|utent\w+|"
        r"gebruiker\w*|klant\w*|użytkown\w+|klient\w*|kont\w*|",
        r"аккаунт\w*|пользовател\w+|клиент\w*|акаунт\w*|користувач\w*|клієнт\w*|hesap\w*|kullanıcı\w*|"
        r"müşteri\w*)\b|账号|账户|用户|客户|アカウント|ユーザ|顧客|계정|사용자|고객",
    ),
}
"""What looks like each detail, in any language that a question may be asked in."""
