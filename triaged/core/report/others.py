"""What a reporter says of others: who else knows of it, whether a machine helped, and by which name to thank them.

Told by two things that stand in one sentence, so that a name alone says nothing: a body and no denial, a tool and what it was
used for, a wish and a name. Every pattern is linear.
"""

import re
from collections.abc import Iterator

from triaged.core.report.pointers import Place

_SENTENCE = re.compile(r"[^\n.!?;。！？；]{1,400}(?:[.](?=\S)[^\n.!?;。！？；]{0,400}){0,8}")
_BODY = re.compile(
    r"(?<![\w/@.-])(VU#\s?\d{4,8}|(?:JP|CN|Kr|US-)?CERT(?:/CC|-[A-Z][A-Za-z]{1,12}|\.[a-z]{2}|"
    r"[ ](?:Polska|Bund|NZ|UA))?|CSIRT(?: [A-Z]\w{2,12})?|"
    r"CNVD|CNNVD|KISA|ANSSI|BSI|NCSC(?:-[A-Z]{2})?|INCIBE(?:-CERT)?|CISA|ENISA|ZDI|VINCE|MITRE|"
    r"ACN)(?![A-Za-z\d_-]|[ ](?:KEV|ATT|guid|catalog))"
)
_CVE = re.compile(r"(?<![A-Za-z\d_-])CVE(?![-‐_ ]{0,2}\d|[A-Za-z])")
_ASKED = re.compile(
    r"request|asked for|appl(?:y|ied)|reserv|will (?:assign|issue)|assigned by|beantrag|angefordert|"
    r"demand[ée]|solicit|pedi|richiest|aangevraagd|"
    r"wniosk|wystąpi|запрос|подал|запит|申请|申請|採番|依頼|신청|요청|talep",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:also (?:reported|sent|told|submitted|notified|informed|went|affects)|(?:other|two|three|"
    r"several|upstream) (?:vendors?|maintainers?)|"
    r"(?:who )?(?:were|was|has been|have been) (?:also|already|separately) (?:told|notified|informed)|"
    r"who were (?:told|notified|informed)|has the same report|"
    r"(?:reported|submitted|sent) (?:it|this) (?:to|through|via) (?-i:[A-Z])\w+|"
    r"a copy of this|verständigt|ebenfalls informiert|andere hersteller|également (?:été )?(?:prévenu|"
    r"informé|signalé)\w*|autres? (?:éditeurs?|fournisseurs?)|"
    r"(?:he|hemos) (?:avisado|informado)|otros fabricantes|também (?:foi|foram|avis\w+|inform\w+)|"
    r"ho (?:informato|avvisato)|altri fornitori|"
    r"(?:ook )?op de hoogte|ingelicht|andere leveranciers|powiadomi\w+|также сообщ\w+|други(?:м|"
    r"е) вендор\w+|також повідом\w+)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|no|nobody|never|haven't|hasn't|nicht|kein\w*|niemand\w*|pas|aucun\w*|personne|nadie|ningún|"
    r"ninguna|não|nenhum\w*|ninguém|"
    r"non|nessun\w*|niet|geen|niemand|nie|nikogo|не|нет|никому)\b|没有|未(?!来)|ていません|않",
    re.IGNORECASE,
)
_TOOL = re.compile(
    r"(?<![\w@])(?:chat ?gpt|gpt-?\d\w{0,3}|claude|gemini|copilot|deepl|deepseek|mistral|llama|"
    r"google translate|llms?|(?:an? )?language model|"
    r"ai(?: tools?| use| usage| disclosure| assistance)?|ki(?:-\w+)?|ia|ии|нейросет\w+|переводчик\w*)(?![\w@])|"
    r"大模型|人工智能|生成AI|AI(?=[辅助工具を])|(?<=[A-Za-z])(?=GPT|翻译)|人工知能|人工지능|생성형",
    re.IGNORECASE,
)
_USED_FOR = re.compile(
    r"\b(?:help(?:ed|s)? (?:me|us|with|to)|with (?:the |some )?help|assist(?:ed|ance)|translat\w+|"
    r"(?:written|wrote|drafted|polished|phrased|reworded|generated) ?\w*|"
    r"ai (?:use|usage|disclosure)|i used|we used|geholfen|mit ?hilfe|hilfe von|übersetz\w+|formulier\w+|"
    r"ki-(?:nutzung|einsatz|hilfe)|"
    r"avec l.aide|à l.aide|rédig\w+|tradui\w+|con (?:la )?ayuda|redactad\w+|traducid\w+|com (?:a )?ajuda|"
    r"escrev\w+|traduzid\w+|"
    r"con l.aiuto|aiuta\w+|tradott\w+|scritt\w+|met (?:de )?hulp|geschreven|vertaald|przetłumaczon\w+|z pomocą|przy pomocy|"
    r"с помощью|при помощи|помога\w+|помог\w*|перевед\w+|за допомогою|yardım\w+|çevr\w+)|翻译|借助|辅助|整理|润色|"
    r"撰写|翻訳|訳し|使って|補助|작성|번역|도움",
    re.IGNORECASE,
)
_YOURS = re.compile(
    r"\b(?:your|ihr\w*|votre|su|seu|sua|vostr\w+|uw|ваш\w*) (?:\w+ ){0,2}(?:ai|ki|ia|assist\w+|chatbot|"
    r"bot|agent\w*|model\w*)\b",
    re.IGNORECASE,
)
_NAME = r"[\"“„«「『']?(?P<name>[^\W\d_][^\n.,;:!?()\"”“»」』。、，；（]{1,50})"
_WISH = re.compile(
    r"(?:\bcredit(?:ed|s)?(?: (?:this|it|me|us|goes|should go|the finding)){0,2} (?:to|as|"
    r"under)(?: the name)?|\bplease credit(?! (?:this|it|me|us|the|my|our|goes)\b)|"
    r"^\W{0,4}credits?(?: to)?[:：]|\b(?:my|our) handle(?: is|:)?|"
    r"\b(?:list|name|mention|acknowledge|thank|cite) (?:me|us) as|\b(?:finder|discoverer|reporter)(?: is|:)|"
    r"\bnennen sie (?:mich|uns) (?:bitte |gern )?(?:als|unter)|\bals finder(?:in)?[:]?|"
    r"\bacreditar(?:me|nos)(?: como| a)|\bcréditos? (?:a|para)[:]?|\b(?:me|nos) creditar como|\bcreditar (?:a |como )|"
    r"\b(?:indicatemi|indicateci|citatemi|menzionatemi) come|\bvermeld (?:mij|ons|me)(?: \w+)? als|"
    r"\bуказать (?:меня |нас )?как|署名[：:]|致谢[：:]|クレジット[：:])[ \t]{0,3}" + _NAME,
    re.IGNORECASE | re.MULTILINE,
)
_WISH_BEFORE = re.compile(r"[「『](?P<name>[^\n「」『』]{1,40})[」』](?=と(?:記載|クレジット|表記))")
_UNDER = re.compile(
    r"\b(?:under the (?:name|handle|pseudonym)|unter dem (?:namen|pseudonym)|sous le (?:nom|"
    r"pseudonyme)(?: de)?|bajo el nombre(?: de)?|sob o nome(?: de)?|"
    r"con il nome(?: di)?|onder de naam|pod (?:nazwą|pseudonimem|nazwiskiem)|под (?:именем|ником|"
    r"псевдонимом)|під (?:іменем|ніком))[ \t]{1,3}" + _NAME,
    re.IGNORECASE,
)
# Who is named under a name elsewhere (a booking, an account) asks for no thanks.
_THANKS = re.compile(
    r"credit|acknowledg|thank|hall of fame|advisory|mention|list (?:me|us)|nenn|dank|erwähn|remerci|"
    r"cit[eé]|mentionn|crédit|agradec|acredit|mencion|"
    r"ringrazi|cita|vermeld|noem|podzięk|wymieni|благодар|указ|упом|подяк",
    re.IGNORECASE,
)
_ANONYMOUS = re.compile(
    r"\banonymous(?:ly)?\b|\banonyme?(?:ment)?\b|\banónim[oa]s?\b|\banônim[oa]s?\b|\banoniem\b|"
    r"\banonim[oaiy]?\w{0,2}\b|\bанонимн\w{1,3}\b|\bанонімн\w{1,3}\b|匿名(?!化)|익명|"
    r"\b(?:rather )?not (?:be|to be) (?:named|credited|mentioned)|\bkeep (?:my|our) names? out|"
    r"\bdo not (?:credit|name|mention) (?:me|us)|\bno credit\b|"
    r"\bnicht (?:namentlich )?(?:genannt|erwähnt)|\bne pas (?:être cité|mentionner mon)|\b(?:no|"
    r"que no) se mencione mi|\bnão (?:mencion\w+|cite\w*) (?:o )?meu|"
    r"\bnon (?:citare|menzionare) il mio|\bniet (?:bij naam )?genoemd|\bне упомина\w+|\bне указыва\w+|\bне згадува\w+",
    re.IGNORECASE,
)
# Who is anonymous in an attack, a survey or a dataset wants no thanks and refuses none.
_WANTS = re.compile(
    r"\b(?:remain|stay|prefer|rather|i.d like|would like|want|wish|please|credit|do not|bleib\w*|"
    r"möchte\w*|bitte|rest(?:er|e|ons)|souhait\w+|préf\w+|merci|"
    r"prefier\w+|permanec\w+|quiero|quero|gostaria|prefir\w+|prefer\w+|rest(?:are|o)|voglio|vorrei|"
    r"blijf\w*|wil|graag|wol\w+|chc\w+|zosta\w+|"
    r"остат\w+|прошу|хочу|хотел\w*|желаю|пожалуйста|залиш\w+|хоті\w+|будь ласка)\b|请|希望|お願い|원합|부탁|kalmak|tetap|muốn",
    re.IGNORECASE,
)


def informed_elsewhere(text: str) -> Iterator[Place]:
    """Who else knows of it: a coordinator's name, a CVE that was asked for, others who were told. Not where it is denied."""
    for sentence in _SENTENCE.finditer(text):
        words = sentence[0]
        found = (
            _BODY.search(words) or (_CVE.search(words) if _ASKED.search(words) else None) or _ELSEWHERE.search(words)
        )
        if found and not _DENIED.search(words):
            yield found[0], sentence.start() + found.start(), sentence.start() + found.end()


def assisted(text: str) -> Iterator[Place]:
    """That a machine helped to write, to translate or to find. An assistant of ours that is reported on is none."""
    for sentence in _SENTENCE.finditer(text if _TOOL.search(text) else ""):
        words = sentence[0]
        tool, used = _TOOL.search(words), _USED_FOR.search(words)
        if tool and used and not _YOURS.search(words):
            begins, ends = min(tool.start(), used.start()), max(tool.end(), used.end())
            yield words[begins:ends].lower(), sentence.start() + begins, sentence.start() + ends


def credit_wish(text: str) -> Iterator[Place]:
    """The name by which they want to be thanked, or `anonymous`."""
    for sentence in _SENTENCE.finditer(text if _ANONYMOUS.search(text) else ""):
        words = sentence[0]
        if (found := _ANONYMOUS.search(words)) and _WANTS.search(words):
            yield "anonymous", sentence.start() + found.start(), sentence.start() + found.end()
    for match in _names(text):
        if name := _as_name(match["name"]):
            yield name, *match.span("name")


def _names(text: str) -> Iterator[re.Match[str]]:
    for pattern in (_WISH, _WISH_BEFORE):
        yield from pattern.finditer(text)
    for match in _UNDER.finditer(text):
        if _THANKS.search(text, max(match.start() - _NEAR, 0), match.start()):
            yield match


_NEAR = 80


def _as_name(words: str) -> str:
    """The words of a name: up to five that begin with a capital or a sign, or one word of any kind."""
    kept: list[str] = []
    for word in words.split():
        if kept and not (word[0].isupper() or word in _PARTICLES or not word[0].isalpha()):
            break
        kept.append(word)
    while kept and kept[-1] in _PARTICLES:
        kept.pop()
    return "" if not kept or kept[0].lower() in _NO_NAMES else " ".join(kept[:5]).strip("-–'\"“”«»")


_PARTICLES = frozenset("de da di do dos del della van von der den la le el al bin ibn y e of & @".split())
_NO_NAMES = frozenset(
    "me us my our the this it a an i we you him her them if when once as by for in on at not mich uns mir der die das nous moi "
    "mi yo nosotros eu nós io noi mij ons nas mnie меня нас please and or your public publicly".split()
)
