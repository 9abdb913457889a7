"""Near-identical texts, by a small signature of each: one-permutation MinHash over word shingles (Li, Owen, Zhang 2012).

Every run of four words is hashed once; the least hash of each of 32 bins is kept. Of two signatures, the share of bins that
agree estimates how much of both texts together is common to them (Jaccard), within about 0.09.
"""

import re
from collections.abc import Sequence
from zlib import crc32

_LONGEST = 40
_WORD = re.compile(rf"[⺀-\uffff]|[^\W_⺀-\uffff]{{1,{_LONGEST}}}")
_RUN = 4
_LEAST_RUNS = 20
_BINS = 32
_EMPTY = 0xFFFFFFFF
_ROWS = 3
_DIGITS = 8


def signature(words: Sequence[str]) -> str:
    """The signature of a text by its words, eight hexadecimal digits a bin; empty for so few words that they tell nothing."""
    runs = _runs(words)
    if len(runs) < _LEAST_RUNS:
        return ""
    least = [_EMPTY] * _BINS
    for run in runs:
        hashed = _mixed(crc32(run.encode("utf-8", "replace")))
        if hashed < least[place := hashed % _BINS]:
            least[place] = hashed
    return "".join(f"{each:08x}" for each in least)


def likeness(one: str, other: str) -> float:
    """How much two texts have in common, 0 to 1, by their signatures; 0 where one has none."""
    pairs = [
        (mine, yours) for mine, yours in zip(_bins(one), _bins(other), strict=False) if mine != yours or mine != _NONE
    ]
    return sum(mine == yours for mine, yours in pairs) / len(pairs) if pairs else 0.0


def bands(signed: str) -> tuple[str, ...]:
    """Keys of which texts that are half alike share one three times out of four, and unlike ones next to never."""
    bins = _bins(signed)
    rows = [bins[start : start + _ROWS] for start in range(0, len(bins) - _ROWS + 1, _ROWS)]
    return tuple(f"{number}:{''.join(row)}" for number, row in enumerate(rows) if set(row) != {_NONE})


_NONE = f"{_EMPTY:08x}"


def _bins(signed: str) -> list[str]:
    return [signed[start : start + _DIGITS] for start in range(0, len(signed), _DIGITS)]


def _runs(words: Sequence[str]) -> set[str]:
    """Every run of four words; a word is letters and figures, and what is longer than forty of them is several."""
    plain: list[str] = []
    for word in words:
        if word.isalnum() and len(word) <= _LONGEST:
            plain.append(word)
        else:
            plain += _WORD.findall(word)
    return set(map(" ".join, zip(*(plain[start:] for start in range(_RUN)), strict=False)))


def _mixed(value: int) -> int:
    """Spread a checksum's bits (the finaliser of MurmurHash3): CRC-32 is linear, and its low bits alone are no hash."""
    value = (value ^ (value >> 16)) * 0x85EBCA6B & _EMPTY
    value = (value ^ (value >> 13)) * 0xC2B2AE35 & _EMPTY
    return value ^ (value >> 16)
