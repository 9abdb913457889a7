"""Remove our own words from a mail before it is read: text that a client quoted from us is no evidence."""

from collections.abc import Iterable
from dataclasses import replace

from triaged.core.case.case import Case
from triaged.core.case.outbox import Letter
from triaged.core.letters.spoken import bodies_of, words_of
from triaged.core.mail.message import Message
from triaged.core.mail.parsing.echo import without_echo
from triaged.core.mail.parsing.furniture import without_furniture
from triaged.core.mail.parsing.quoting import passes_on, split

_CASES = 5
_LETTERS = 50
"""How many letters of each case to remove, the latest ones: a client that quotes a longer thread quotes these."""


def without_our_words(message: Message, cases: Iterable[Case], to_team: Iterable[Letter] = ()) -> Message:
    """The message without the letters of these cases, without those to the team, and without its other quotations.

    A mail that refers to a case is an answer, whatever fields its client left out; so nothing quoted in it is evidence.
    """
    known = {case.id: case for case in cases}
    letters = [words_of(letter) for case in list(known.values())[:_CASES] for letter in case.letters[-_LETTERS:]]
    letters += [words for letter in to_team for words in bodies_of(letter)]
    if not letters or not (message.whole or message.enclosed):
        return message
    split_up, ours = [], []
    for number, text in enumerate((message.whole, *message.enclosed)):
        written, echoed = without_echo(text, letters)
        split_up.append(split(written, answers=not number and not passes_on(message.subject)))
        ours.append(echoed)
    told = "\n\n".join(without_furniture(parts.evidence) for parts in split_up if parts.evidence)
    quoted = "\n\n".join(filter(None, (*(parts.quoted for parts in split_up), *ours)))
    return replace(message, text=told, quoted=quoted)
