"""Which language a text is in: by its script, else by its small words."""

import re
from collections.abc import Sequence

_SMALL_WORDS = {
    "en": """the a an and or of to in is are was were for on with that this it i you we my your have has had be been at from not
        can will if me do does did as by but so he she they there their our us any would could please what when where how""",
    "de": """der die das und ist nicht ich sie mit von zu den dem des ein eine einen mir mich bitte für auf es im ihr
        ihre wir uns auch sich wird werden wurde kann dass aus bei nach als""",
    "fr": """le la les et est je vous nous que qui une un pour dans mes mon ma en du de ce cette pas
        sur avec votre vos par au à il""",
    "es": "el los las y es por para con una un su mi no se del de la lo al como en que me tu he ha está pero",
    "pt": "o os as e é um uma não com seu sua do da de em meu minha ao que para por no na se foi está mas",
    "it": "il lo la gli e è un una di che non per con da in del della dei mi si sono ho come al nel anche ma",
    "nl": "de het een en van ik is niet dat op te in met voor zijn u wij als er aan ook maar door bij om",
    "pl": "i w na nie z że się do to jest o po jak od za dla przez ale czy tylko mnie przy są oraz ten",
    "tr": "bir ve bu için ile da de ne var olarak çok ben gibi daha ama o kadar sonra her",
    "id": "yang dan di ke dari ini itu untuk dengan tidak saya ada pada bisa akan kami atau juga sudah oleh",
    "vi": "và của là có không được cho một các người với trong khi này đã tôi em thì từ vào",
    "ru": "и в не на я с что как мне по для вы это у мой мы а к от из но за то все так о его",
    "uk": "і в не на я з що як мені по для ви це у мій ми а до від та є але за та й про він його",
}
_SMALL = {name: frozenset(words.split()) for name, words in _SMALL_WORDS.items()}
SMALL_WORDS = frozenset().union(*_SMALL.values())
"""The small words of all these languages, in lower case."""
_SPOKEN_IN = {word: tuple(name for name, small in _SMALL.items() if word in small) for word in SMALL_WORDS}
_SCRIPTS = {
    "ja": re.compile(r"[぀-ヿ]"),
    "ko": re.compile(r"[가-힯]"),
    "zh": re.compile(r"[一-鿿]"),
    "ar": re.compile(r"[؀-ۿ]"),
    "hi": re.compile(r"[ऀ-ॿ]"),
}
_LOOKED_AT = 2_000
_SCRIPT_SHARE = 0.12
_SHARE = 0.12
_SOME_WORDS = 5
_COVERED = frozenset({"en", "de", "fr", "es", "pt", "ru"})


def language_of(text: str, words: Sequence[str]) -> str:
    """ISO 639-1 of a text, from its beginning; empty where it is too short or none of those that are known."""
    beginning = text[:_LOOKED_AT]
    for name, script in _SCRIPTS.items():
        if len(script.findall(beginning)) >= _SCRIPT_SHARE * max(len(beginning), 1):
            return name
    some = words[: _LOOKED_AT // 5]
    counts = dict.fromkeys(_SMALL, 0)
    for word in some:
        for name in _SPOKEN_IN.get(word, ()):
            counts[name] += 1
    best = max(counts, key=lambda name: counts[name])
    return best if len(some) >= _SOME_WORDS and counts[best] >= _SHARE * len(some) else ""


def in_known_language(words: Sequence[str]) -> bool:
    """True if the words (lower case) are in a language that the policy's vocabulary of kinds covers."""
    return language_of("", words) in _COVERED
