"""Commands as people write them in mail, and as hints write them for people."""

import shlex
from dataclasses import fields
from typing import get_args

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from triaged.cli.decide import case as group
from triaged.core.commands.command import (
    AddNote,
    AwaitReporter,
    Close,
    Command,
    FindExploited,
    MarkDuplicate,
    RecordNotified,
    Resend,
    SetOwner,
    SetScope,
    Triage,
    Undo,
)
from triaged.core.commands.reading import Order, read_line
from triaged.core.commands.splitting import split
from triaged.core.commands.verbs import VERB_OF, VERBS
from triaged.core.commands.writing import typed, words

ID = "SEC-7Q4K-2M8D"
# Surrogates are in no line that was decoded, and a hint is one line.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
MARKS = st.text(st.sampled_from("\"'“”‘’«»\\$`!=- a—.…\u00a0\u200b"), min_size=1, max_size=12)


def values(slot):
    """What a slot may be told."""
    if slot.form == "flag":
        return st.booleans()
    told = st.sampled_from(slot.choices) if slot.choices else TEXT | MARKS
    return told if slot.required else told | st.none()


COMMANDS = st.sampled_from(list(VERBS.values())).flatmap(
    lambda verb: st.fixed_dictionaries({slot.field: values(slot) for slot in verb.slots}).map(verb.command)
)


def by_click(arguments):
    """The command that the command line makes of these words, or the fault that it finds."""
    verb, *rest = arguments
    command = group.commands[verb]
    made = command.make_context(verb, list(rest), resilient_parsing=False)
    told = {name: " ".join(value) if isinstance(value, tuple) else value for name, value in made.params.items()}
    return VERBS[verb].command(told)


def test_every_command_has_one_verb_and_its_slots_are_its_fields():
    assert set(VERB_OF) == set(get_args(Command))
    for verb in VERBS.values():
        assert [slot.field for slot in verb.slots] == [field.name for field in fields(verb.makes)]
    assert list(group.commands) == list(VERBS)


@given(COMMANDS)
@example(AddNote("-x"))
@example(AddNote("it's"))
@example(AddNote('say "it\'s"'))
@example(SetOwner(""))
@example(SetScope("SCOPE"))
@example(FindExploited("confirm", "..."))
@example(Resend(None))
def test_a_hint_reads_back_as_its_command_in_mail_and_in_a_shell(command):
    line = typed(ID, command)
    assert read_line(line) == Order((ID,), command)
    assert read_line(f"{ID} {words(command)}") == Order((ID,), command)
    assert read_line(words(command)) == Order((), command)
    start = ["triaged", "case", ID]
    assert shlex.split(line)[:3] == start
    if command != SetScope("SCOPE"):
        assert by_click(shlex.split(line)[3:]) == command


ARGUMENTS = st.sampled_from(
    ["--severity", "--owner", "--reason", "--", "-", "high", "model", "confirm", "dismiss", "update", "ann", "x y", ""]
)


@given(st.sampled_from(list(VERBS)), st.lists(ARGUMENTS, max_size=5))
def test_what_the_command_line_takes_is_taken_in_mail_and_means_the_same(verb, arguments):
    try:
        expected = by_click([verb, *arguments])
    except click.UsageError:
        return
    line = " ".join([verb, *(f'"{word}"' if " " in word or not word else word for word in arguments)])
    assert read_line(line) == Order((), expected)


HIGH = Triage("high", "me")


@pytest.mark.parametrize(
    ("line", "order"),
    [
        (f"{ID} triage --severity high --owner me", Order((ID,), HIGH)),
        ("triage --severity high --owner me", Order((), HIGH)),
        ("Triage --Severity High --owner me", Order((), HIGH)),
        ("triage —severity high –owner me", Order((), HIGH)),
        ("triage --severity=high --owner=me", Order((), HIGH)),
        (f"\u00a0{ID}\u00a0triage\u2003--severity\thigh --owner me \r", Order((ID,), HIGH)),
        (f"\ufeff{ID} triage\u200b --severity high --owner \u201cme\u201d", Order((ID,), HIGH)),
        (f"triaged case {ID} waiting", Order((ID,), AwaitReporter())),
        (f"$ triaged case {ID} waiting", Order((ID,), AwaitReporter())),
        ("7q4k,2m8d, undo", Order(("7q4k", "2m8d"), Undo())),
        ("7Q4K, 2M8D, 9XYZ scope sdk", Order(("7Q4K", "2M8D", "9XYZ"), SetScope("sdk"))),
        ("7Q4K, 2M8D", "'7Q4K,': say what to do"),
        ("7Q4K, 2M8D reject", "'reject' is no verb"),
        ("[SEC-7Q4K-2M8D] undo", Order(("[SEC-7Q4K-2M8D]",), Undo())),
        ("owner “Ann Lee”", Order((), SetOwner("Ann Lee"))),
        ("owner „Ann Lee“", Order((), SetOwner("Ann Lee"))),
        ("owner «Ann Lee»", Order((), SetOwner("Ann Lee"))),
        ("owner ‘Ann Lee’", Order((), SetOwner("Ann Lee"))),
        ('owner "Ann Lee”', Order((), SetOwner("Ann Lee"))),
        ('owner ""', Order((), SetOwner(""))),
        ("owner “”", Order((), SetOwner(""))),
        ("note it's broken and won't heal", Order((), AddNote("it's broken and won't heal"))),
        ("note it’s broken, they’re sure", Order((), AddNote("it’s broken, they’re sure"))),
        ('note the 5" and the 6" pipe', Order((), AddNote('the 5" and the 6" pipe'))),
        ("note 'don't touch'", Order((), AddNote("don't touch"))),
        ('note he said "hi', Order((), AddNote('he said "hi'))),
        ('note a "quoted part" of it', Order((), AddNote("a quoted part of it"))),
        ("note fixed — see the log", Order((), AddNote("fixed — see the log"))),
        ("note —severity is high", Order((), AddNote("—severity is high"))),
        ("close not reproducible", Order((), Close("not reproducible"))),
        ("close -- --no-warranty", Order((), Close("--no-warranty"))),
        ("exploited dismiss --reason a\\ lab", "'lab' is one word too many; write: exploited FINDING --reason REASON"),
        ('exploited --reason "a \\"lab\\" exploit" dismiss', Order((), FindExploited("dismiss", 'a "lab" exploit'))),
        ("duplicate 7q4k", Order((), MarkDuplicate("7q4k"))),
        ("notified cra-early-warning", Order((), RecordNotified("cra-early-warning"))),
        ("resend", Order((), Resend())),
        ("resend update", Order((), Resend("update"))),
        ("", "there is nothing on the line"),
        (" \u200b ", "there is nothing on the line"),
        ("scope hardware", "'hardware' is no scope; write one of model, infrastructure, sdk"),
        ("scope", "scope lacks its scope; write: scope SCOPE"),
        ("exploited confirm", "exploited lacks --reason; write: exploited FINDING --reason REASON"),
        ("triage --severity", "--severity lacks its value; write: triage [--severity SEVERITY] [--owner OWNER]"),
        ("triage high", "'high' is one word too many; write: triage [--severity"),
        ("triage --by bo", "triage has no option '--by'"),
        ("--by bo SEC-7Q4K-2M8D triage", "'--by' is neither a case nor a verb; the verbs are triage, scope"),
        ("SEC-7Q4K-2M8D --by bo triage", "'--by' is no verb"),
        (ID, f"'{ID}': say what to do; the verbs are triage"),
        (f"{ID} reject", "'reject' is no verb"),
        ("note -v is on", "note has no option '-v'"),
        ("note", "note lacks its text"),
        ('"SEC 7Q4K" close spam', "'SEC 7Q4K' is neither a case nor a verb"),
        ("Thanks, I will \x1b[31mlook", "'will' is no verb"),
        ("note " + "x" * 2000, "the line is longer than 2000 characters"),
        (",,, close spam", "',,,' is neither a case nor a verb"),
    ],
)
def test_a_line_is_a_command_or_a_sentence_that_says_why_it_is_none(line, order):
    read = read_line(line)
    if isinstance(order, Order):
        assert read == order
    else:
        assert read.startswith(order)


RUBBISH = st.text(max_size=200) | st.lists(
    st.sampled_from(
        [*VERBS, ID, "--severity", "--reason", "—owner", "=", '"', "'", "“", "”", "\\", ",", "--", "\ud800"]
    )
).map(" ".join)


@given(RUBBISH)
@example('"' * 1999)
@example('="' * 900)
def test_no_line_raises_and_no_sentence_shows_anything_but_one_visible_line(line):
    read = read_line(line)
    if isinstance(read, str):
        assert read.isprintable()
        assert len(read) < 400


@pytest.mark.parametrize("word", ['"', '="', '="\\"', '="\\"=', "=“", "='\"", "'a", "«x ", '" "', "a\u200b", "\u200b"])
def test_taking_a_line_apart_takes_linear_time(word):
    assert_linear(split, (word * 50_000)[:50_000], (word * 200_000)[:200_000])
