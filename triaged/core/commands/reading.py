"""Read one line of a person's mail as a command: exactly what may follow `triaged case` on the command line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triaged.core.commands.command import Command
from triaged.core.commands.splitting import Word, split
from triaged.core.commands.verbs import VERBS, Slot, Verb
from triaged.core.text import visible

_LONGEST = 2000
_ECHOED = 40
# Mail programs merge two dashes into one.
_DASHES = re.compile("^(?:--|[\u2010-\u2015\u2212])(?=[a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Order:
    """A command and the cases it applies to."""

    cases: tuple[str, ...]
    """The ids as written; empty if the line names none and means the case of the mail that it answers."""
    command: Command


class _Unclear(Exception):  # noqa: N818 - it never leaves this module
    """Raised with a sentence that says why a line is no command."""


def read_line(line: str) -> Order | str:
    """Return the order on the line, or a sentence that says why it is no command."""
    if len(line) > _LONGEST:
        return f"the line is longer than {_LONGEST} characters; write a shorter one"
    try:
        return _order(_without_prompt(split(line)))
    except _Unclear as why:
        return str(why)


def _without_prompt(words: Sequence[Word]) -> Sequence[Word]:
    """The words after `triaged case`, in case a person copied a whole hint."""
    names = [word.text.casefold() for word in words[:3]]
    start = 1 if names[:1] in (["$"], [">"]) else 0
    return words[start + 2 :] if names[start : start + 2] == ["triaged", "case"] else words


def _order(words: Sequence[Word]) -> Order:
    if not words:
        raise _Unclear("there is nothing on the line")
    if verb := VERBS.get(words[0].text.casefold()):
        return Order((), _command(verb, words[1:]))
    named = _naming_cases(words)
    cases = tuple(each for word in words[:named] for each in word.text.split(",") if each)
    if not cases or words[0].text.startswith("-") or words[0].quoted:
        raise _Unclear(f"{_echo(words[0])} is neither a case nor a verb; {_KNOWN}")
    if len(words) == named:
        raise _Unclear(f"{_echo(words[0])}: say what to do; {_KNOWN}")
    verb = VERBS.get(words[named].text.casefold())
    if verb is None:
        raise _Unclear(f"{_echo(words[named])} is no verb; {_KNOWN}")
    return Order(cases, _command(verb, words[named + 1 :]))


def _naming_cases(words: Sequence[Word]) -> int:
    """The number of words at the start of the line that name cases; telephones put a space after each comma."""
    named = 1
    while named < len(words) and words[named - 1].text.endswith(",") and words[named].text.casefold() not in VERBS:
        named += 1
    return named


def _command(verb: Verb, words: Sequence[Word]) -> Command:
    values: dict[str, str | bool] = {}
    places = list(_options_taken(verb, words, values))
    for slot in verb.slots:
        if slot.form == "text" and places:
            values[slot.field] = " ".join(word.text for word in places)
            places = []
        elif slot.form == "argument" and places:
            values[slot.field] = _chosen(slot, places.pop(0))
    if places:
        raise _Unclear(f"{_echo(places[0])} is one word too many; write: {verb.usage}")
    lacking = [slot for slot in verb.slots if slot.required and slot.field not in values]
    if lacking:
        raise _Unclear(f"{verb.name} lacks {_named(lacking[0])}; write: {verb.usage}")
    return verb.command(values)


def _options_taken(verb: Verb, words: Sequence[Word], values: dict[str, str | bool]) -> Iterator[Word]:
    """Put the values of options into `values` and yield the remaining words."""
    options = {slot.option: slot for slot in verb.slots if slot.form in {"option", "flag"}}
    rest = iter(words)
    for word in rest:
        if word.text == "--":
            yield from rest
            return
        name, equals, value = _DASHES.sub("", word.text).partition("=")
        slot = options.get(name.casefold()) if _DASHES.match(word.text) else None
        if slot is None:
            if word.text.startswith("-") and word.text != "-":
                raise _Unclear(f"{verb.name} has no option {_echo(word)}; write: {verb.usage}")
            yield word
            continue
        if slot.form == "flag":
            if equals:
                raise _Unclear(f"--{slot.option} takes no value; write: {verb.usage}")
            values[slot.field] = True
            continue
        given = Word(value, word.quoted) if equals else next(rest, None)
        if given is None:
            raise _Unclear(f"--{slot.option} lacks its value; write: {verb.usage}")
        values[slot.field] = _chosen(slot, given)


def _chosen(slot: Slot, word: Word) -> str:
    """The value itself, or the matching choice in any letter case: telephones capitalise the first word of a line."""
    if not slot.choices or word.text == slot.blank:
        return word.text
    meant = word.text.casefold()
    if meant not in slot.choices:
        raise _Unclear(f"{_echo(word)} is no {slot.field}; write one of {', '.join(slot.choices)}")
    return meant


def _named(slot: Slot) -> str:
    return f"--{slot.option}" if slot.form == "option" else f"its {slot.field}"


def _echo(word: Word) -> str:
    return f"'{visible(word.text, _ECHOED)}'"


_KNOWN = f"the verbs are {', '.join(VERBS)}"
