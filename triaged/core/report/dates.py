"""Dates and lengths of time as people write them, where they can mean only one thing."""

import re
from datetime import date

_MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero janeiro gennaio januari января stycznia січня ocak",
            "february feb februar février fevrier febrero fevereiro febbraio februari февраля лютого lutego şubat",
            "march mar märz maerz mars marzo março marco maart марта marca березня mart",
            "april apr avril abril aprile апреля kwietnia квітня nisan",
            "may mai mayo maio maggio mei мая maja травня mayıs",
            "june jun juni juin junio junho giugno июня czerwca червня haziran",
            "july jul juli juillet julio julho luglio июля lipca липня temmuz",
            "august aug août aout agosto augustus августа sierpnia серпня ağustos",
            "september sep sept septembre septiembre setembro settembre сентября września вересня eylül",
            "october oct oktober okt octobre octubre outubro ottobre октября października жовтня ekim",
            "november nov novembre noviembre novembro ноября listopada листопада kasım",
            "december dec dezember dez décembre decembre diciembre dezembro dicembre декабря grudnia грудня aralık",
        ),
        1,
    )
    for name in names.split()
}
_YEAR = r"(20\d\d)"
_WORD = r"([^\W\d_]{3,12})\.?"
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?<!\d){_YEAR}[-/.](\d\d?)[-/.](\d\d?)(?!\d)"), "ymd"),
    (re.compile(rf"{_YEAR}\s?[年년]\s?(\d\d?)\s?[月월]\s?(\d\d?)\s?[日일]"), "ymd"),
    (
        re.compile(
            rf"(?<!\d)(\d\d?)(?:st|nd|rd|th|er|º|\.)?\s{{1,3}}(?:of |de )?{_WORD},?\s{{1,3}}(?:de )?{_YEAR}(?!\d)"
        ),
        "dmy",
    ),
    (re.compile(rf"(?<!\w){_WORD}\s{{1,3}}(\d\d?)(?:st|nd|rd|th)?,?\s{{1,3}}{_YEAR}(?!\d)"), "mdy"),
    # With dots the day stands first; with slashes it depends on who writes.
    (re.compile(rf"(?<![\d.])(\d\d?)\.(\d\d?)\.{_YEAR}(?!\d|\.\d)"), "dmy"),
    (re.compile(rf"(?<![\d-])(\d\d?)-(\d\d?)-{_YEAR}(?![\d-])"), "dmy"),
)
_SLASHED = re.compile(rf"(?<![\d/])(\d\d?)/(\d\d?)/{_YEAR}(?![\d/])")
# Small numbers as words; of a length of time they are as sure as figures.
_COUNTS = (
    "two|three|four|six|eight|ten|twelve|zwei|drei|vier|sechs|acht|zehn|zwölf|deux|trois|quatre|six|huit|"
    "dix|dos|tres|cuatro|seis|"
    "ocho|diez|duas|dois|três|quatro|oito|dez|due|tre|quattro|sei|otto|dieci|twee|drie|zes|acht|tien|"
    "dwa|trzy|cztery|sześć|два|две|три|четыре|шесть"
)
_LENGTH = re.compile(
    rf"(?<![\w.])(?:in |within |after )?(\d{{1,4}}|(?:{_COUNTS})(?= \w))"
    r"(?:[ -](?:business |calendar |working )?(?:days?|weeks?|months?|hours?|"
    r"tagen?|tage|wochen?|monaten?|jours|semaines|mois|días|semanas|meses|dias|giorni|settimane|mesi|dagen|"
    r"weken|maanden|dni|"
    r"tygodni\w{0,2}|miesi\w{1,6}|dniach|gün\w{0,3}|hafta|hari|minggu|ngày|tuần|дн\w{1,4}|денн\w{1,3}|"
    r"недел\w{1,3}|месяц\w{0,3}|"
    r"дні\w{0,2}|тижн\w{1,3}|"
    r"дневн\w{1,3})\b|\s?(?:天|日間|日(?:後|以内|の)|週間|か月|个月|周|일|주))",
    re.IGNORECASE,
)
# A day without its year, or of the week: told in its own words, for nobody here knows what day it is.
_WEEKDAY = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|"
    "lundi|mardi|mercredi|venerdì|lunedì|martedì|mercoledì|giovedì|segunda-feira|terça-feira|"
    "quarta-feira|quinta-feira|sexta-feira|maandag|dinsdag|woensdag|donderdag|vrijdag|piątk\\w|środ\\w|"
    "poniedział\\w{1,3}|п.ятниц\\w|"
    r"jeudi|vendredi|lunes|martes|miércoles|jueves|viernes|понедельник\w?|вторник\w?|сред[аыу]|четверг\w?|пятниц\w{1,2}"
)
_MONTH = "|".join(_MONTHS)
_DAY = re.compile(
    rf"(?<!\w)(?:(?:{_WEEKDAY})\b|\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?\s{{1,3}}(?:of |de )?(?:{_MONTH})\b|"
    rf"(?:{_MONTH})\.?\s{{1,3}}\d{{1,2}}(?:st|nd|rd|th)?\b)|"
    r"\d{1,2}\s?月\s?\d{1,2}\s?日",
    re.IGNORECASE,
)


def first_date(text: str) -> tuple[str, int, int] | None:
    """The first date in it as `2026-03-01` with its place; None where there is none, or it may be read in two ways."""
    found = [place for pattern, order in _FORMS for match in pattern.finditer(text) if (place := _placed(match, order))]
    found += [place for match in _SLASHED.finditer(text) if (place := _unambiguous(match))]
    return min(found, key=lambda place: place[1], default=None)


def first_length(text: str) -> tuple[str, int, int] | None:
    """The first length of time in it (`in 90 days`), or a date that may be read in two ways, in its own words."""
    match = _LENGTH.search(text) or _SLASHED.search(text) or _DAY.search(text)
    return (match[0].strip(), *match.span()) if match else None


def first_day(text: str) -> tuple[str, int, int] | None:
    """The first day in it that has no year (`3 April`, `until Friday`), in its own words."""
    match = _DAY.search(text)
    return (match[0].strip(), *match.span()) if match else None


def _placed(match: re.Match[str], order: str) -> tuple[str, int, int] | None:
    parts = dict(zip(order, match.groups(), strict=True))
    month = int(parts["m"]) if parts["m"].isdecimal() else _MONTHS.get(parts["m"].lower(), 0)
    read = _date(int(parts["y"]), month, int(parts["d"]))
    return (read, *match.span()) if read else None


def _unambiguous(match: re.Match[str]) -> tuple[str, int, int] | None:
    one, two, year = map(int, match.groups())
    day, month = (one, two) if one > 12 else (two, one)  # noqa: PLR2004 - months of a year
    sure = one == two or one > 12 or two > 12  # noqa: PLR2004
    read = _date(year, month, day) if sure else ""
    return (read, *match.span()) if read else None


def _date(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
