"""Whether a text is in a language that the shipped vocabulary covers: only there does silence of the rules mean something."""

from collections.abc import Sequence

_ENGLISH = """
    the a an and or of to in is are was were for on with that this it i you we my your have has had be been at from not can
    will if me do does did as by but so she he they there their our us any would could please what when where how
"""
_GERMAN = """
    der die das und ist nicht ich sie mit von zu den dem des ein eine einen mir mich bitte für auf es im ihr ihre wir uns auch
"""
_FRENCH = "le la les et est je vous nous que qui une un pour dans mes mon ma en du de ce cette pas sur avec votre vos par au à"
_SPANISH = "el los las y es por para con una un su mi no se del de la lo al como en que me tu"
_PORTUGUESE = "o os as e é um uma não com seu sua do da de em meu minha ao que para por no na se"
_RUSSIAN = "и в не на я с что как мне по для вы это у мой мы а к от"
_COMMON = tuple(frozenset(words.split()) for words in (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _PORTUGUESE, _RUSSIAN))
_SHARE = 0.15
_SOME_WORDS = 8


def in_known_language(words: Sequence[str]) -> bool:
    """Whether enough of the words (lower case) are the small ones of one language that the vocabulary covers."""
    most = max(sum(word in common for word in words) for common in _COMMON)
    return len(words) >= _SOME_WORDS and most >= _SHARE * len(words)
