"""What the writer did, or tells the reader to do: verbs that act, in the languages that reports come in.

A sentence that says what is wrong tells no deed, however technical it is.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from triaged.core.report.prose import Prose, Sentence

_ACT = (
    "go open log login sign register create make click press send run execute visit navigate browse intercept "
    "capture enter type "
    "use call dial change replace swap edit modify upload download set add put copy paste submit start stop wait "
    "play say speak tell "
    "ask record select choose pick install build clone import export request fetch get post delete remove search "
    "fill attach invite "
    "share save refresh reload switch connect serve host point load inject decode encode repeat observe note "
    "notice see check verify "
    "compare listen read turn take give let have pass provide configure enable disable mix cut join convert "
    "render write publish "
    "query list scan crawl forward proxy craft prepare generate feed draw print train fine tune deploy redirect "
    "resolve reply answer"
).split()
_IMPERATIVE = frozenset(_ACT)
_PAST = frozenset(
    "sent put set made got ran wrote said told gave took saw built spoke spelled spelt read played asked tried "
    "opened changed replaced "
    "called phoned dialled dialed typed pasted copied uploaded downloaded created added used tested recorded "
    "booked clicked "
    "logged registered signed installed started stopped edited modified removed deleted sped mixed fed trained "
    "drew printed hid "
    "prompted entered requested fetched loaded hosted served pointed redirected intercepted captured repeated "
    "compared checked "
    "verified measured invited shared submitted swapped switched placed stuck left let had cut joined converted "
    "rendered queried "
    "listed published commented posted connected configured enabled disabled decoded crafted bought borrowed "
    "took whispered sang".split()
)
_PERSONS = frozenset({"i", "we", "colleague", "friend", "i've", "we've", "who"})
_FOREIGN_DEED = re.compile(
    r"\b(?:ich|wir) habe?n?\b|\bhabe ich\b|\bhaben wir\b|\bj'ai\b|\bnous avons\b|\bon a\b|\bj'\w{3,}|"
    r"\bhe \w{2,}[aei]do\b|\bhemos \w{2,}[aei]do\b|"
    r"\b(?:probé|envié|cambié|abrí|subí|puse|pedí|llamé|creé|repetí|dije|grabé|entré|hice|usé|pegué|cogí|"
    r"modifiqué|escribí|cerré|copié|descargué|pulsé|busqué|volví|inicié|borré)\b|"
    r"\b(?:testei|enviei|mudei|troquei|abri|coloquei|pedi|liguei|criei|repeti|disse|gravei|entrei|fiz|"
    r"usei|colei|peguei|alterei|baixei|copiei|cliquei|acessei|digitei|repeti|subi)\b|\bho \w{2,}(?:ato|uto|ito|"
    r"sto|tto|so)\b|"
    r"\b\w{3,}l[aio]? jsem\b|\bjsem \w{3,}l[aio]?\b|\bjag \w{3,}(?:de|te)\b|"
    r"\bik heb\b|\bheb ik\b|\bwij hebben\b|\bwe hebben\b|\w{3,}(?:łem|łam|liśmy|łyśmy)\b|\b(?:я|мы|"
    r"ми) \w{3,}|\b\w{3,}(?:ил|ал|ел|ил|іл|ив|ав|ов|или|али|ели) |"
    r"\b(?!victim|quantum|momentum)\w{3,}(?:dım|dim|dum|düm|tım|tim|tum|tüm|dık|dik|tık|tik)\b|"
    r"\bsaya (?:coba|uji|kirim|ganti|buka|"
    r"unggah|\w{4,})|\b(?:em|tôi|mình) (?:thử|gửi|đổi|mở|gọi|\w{2,})|"
    r"我们?(?:用|把|在|试|发|将|改|换|打开|上传|输入|让|测试|做|录|问|说|放|拿|写|注册)|(?:しました|しても|"
    r"すると|ました)|(?:했습니다|했더니|했고|하면|보니|"
    r"해 보)|(?:قمت|جربت|أرسلت|طلبت|فتحت|غيرت|اتصلت|سجلت)|(?:मैंने|हमने)",
    re.IGNORECASE,
)
_HYPOTHETIC = re.compile(
    r"\b(?:may|might|could|would|should|potentially|possibly|lack of|insufficient|missing|inadequate|"
    r"improper|weak|will (?:send|share|provide|disclose|give|be)|"
    r"recommend\w*|ensure|implement|könnte\w*|sollte\w*|pourrai\w*|devrai\w*|podría\w*|debería\w*|"
    r"poderia\w*|deveria\w*|potrebbe\w*|"
    r"может|могут|следует|可能|应该|かもしれ)\b",
    re.IGNORECASE,
)
COUNTED = re.compile(
    r"\b\d{1,5}\s?(?:of|out of|/|von|de|sur|su|di|из|з|із|van|från|dari)\s?(?:the\s|my\s)?\d{1,5}\b|"
    r"\b\d{1,5} \w{3,20}, (?:only )?\d{1,5} \w{3,20}|\b\d{1,5} (?:vs\.?|against|instead of) \d{1,5}\b|"
    r"\d\s?(?:次|回)(?:中|里|のうち)|\d\s?(?:번|개|명|건|회|통)\s?중|"
    r"\b(?:tried|worked|works|succeeded|happened|repeated|reproduced|tested|tested it)\b.{0,40}\b(?:times|"
    r"twice|runs?|attempts?|accounts?|devices?|again)\b",
    re.IGNORECASE,
)
INPUT = re.compile(
    r"[\"“„«「『‘`'][^\n]{3,400}?[\"”“»」』’`']|https?://|(?<![\w/])/[\w.-]{1,40}/|\b\w{1,60}\.(?:wav|mp3|pdf|"
    r"py|js|sh|html|json|txt|csv|png|svg|docx?|yaml|zip)\b|"
    r"\d\s?(?:dB|kHz|Hz|%|x\b|×)|\w\(|\b\w{1,40}_\w{1,40}\b|[?&]\w{1,40}="
)

# "When I open ...", "if you ask it to ...": steps in one clause.
_CONDITION = re.compile(
    r"\b(?:when|if|whenever|once|after|before|by|then|and|just|only|simply|to) (?:i |you |we |one |someone |somebody )?"
    r"(?:just |only |first |then |also )?([a-z]{2,12})\b",
    re.IGNORECASE,
)
_LED_BY = frozenset(
    "step then now next and also just only simply so still steps poc repro check run i've we've".split()
)
_CLAUSE = 3
_LOOKED_AT = 20_000
# At the beginning of a sentence these are more often no deed.
_NOT_ALONE = frozenset("left let set put cut read posted used found listed shared".split())
# "Write back", "tell me": that is for whoever reads the mail.
_TO_THE_READER = frozenset({"me", "us", "back", "your", "care", "note"})
_SUFFERED = frozenset("is are was were be been am being isn't wasn't who".split())
_DID_NOT = re.compile(r"\bdid(?:n['’]?t| not) \w+", re.IGNORECASE)


def acts(line: str) -> bool:
    """True if an item begins with what to do, or says what somebody did."""
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", line[:300].lower())
    begins = [word for word in words[:4] if word not in {"step", "then", "now", "next", "a", "the", "and"}][:2]
    return bool(_IMPERATIVE.intersection(begins)) or any(
        person in _PERSONS and act in _PAST for person, act in pairwise(words)
    )


def hypothetic(line: str) -> bool:
    """True if it speaks of what may be or will come."""
    return bool(_HYPOTHETIC.search(line[:300]))


def deeds_in(prose: Prose) -> tuple[Sentence, ...]:
    """The sentences in which the writer says what they did."""
    return tuple(sentence for sentence in prose.sentences if is_deed(sentence, prose.whole))


def is_deed(sentence: Sentence, whole: str) -> bool:
    """True if its writer says in it what they did."""
    words = sentence.words
    for at, word in enumerate(words):
        if word in _PERSONS and _acted(words[at + 1 : at + (2 if word == "who" else 4)]):
            return True
    return bool(_FOREIGN_DEED.search(whole, sentence.start, min(sentence.end, sentence.start + 400)))


def _acted(behind: Sequence[str]) -> bool:
    """True if one of the words behind a person is a deed, and none before it makes that something that happened to them."""
    for word in behind:
        if word in _SUFFERED:
            return False
        if word in _PAST:
            return True
    return False


def does(sentence: Sentence, whole: str) -> bool:
    """True if a sentence acts: it says what its writer did, says what to do, or counts tries."""
    end = min(sentence.end, sentence.start + 600)
    return is_deed(sentence, whole) or _begins_with_an_act(sentence) or bool(COUNTED.search(whole, sentence.start, end))


# So many of so many: in words, for a slash stands in the numbers of files and dates too.
_OF_SO_MANY = re.compile(
    r"\b\d{1,5}\s?(?:of|out of|von|de|sur|su|di|из|з|із|van|från|dari|trên|üzerinden)\s(?:the\s|"
    r"my\s)?\d{1,5}\b(?![./]\d)|"
    r"\d\s?(?:次|回)(?:中|里|のうち)|\d\s?(?:번|개|명|건|회|통)\s?중",
    re.IGNORECASE,
)


def counts_tries(prose: Prose) -> bool:
    """True if its writer counted how often something worked, beside something that went in: no other letter does."""
    text = prose.text[:_LOOKED_AT]
    return bool(_OF_SO_MANY.search(text) and INPUT.search(text))


def tells_how(sentence: Sentence, whole: str) -> bool:
    """True if a sentence that does not act names an input, or the act after which it happens ("when I open ...")."""
    end = min(sentence.end, sentence.start + 600)
    return bool(INPUT.search(whole, sentence.start, end)) or any(
        found[1].lower() in _IMPERATIVE for found in _CONDITION.finditer(whole, sentence.start, end)
    )


def _begins_with_an_act(sentence: Sentence) -> bool:
    words = [word for word in sentence.words[:6] if word not in _LED_BY]
    if len(words) < _CLAUSE or _TO_THE_READER.intersection(words[1:3]):
        return False
    return words[0] in _IMPERATIVE or (words[0] in _PAST and words[0] not in _NOT_ALONE)
