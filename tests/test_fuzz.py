"""The fuzzer for a moment, and the proof that each rule of its oracle can fail."""

import json
import os
import signal
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC

import pytest

from tests.support import fuzz as fuzzing
from tests.support import whole_way
from tests.support.fuzz import fuzz, run
from tests.support.letters import Writer
from tests.support.mutants import MAILS, MARKS, MUTATIONS, Mutant, corpus, mutant
from tests.support.oracle import RULES, breaches, digest_breaches
from tests.support.values import BORDER, NOON, house, opened
from tests.support.whole_way import KEY, Product, again, explained, quiet, writer
from triaged.adapters.letters.render import Words
from triaged.composition import renderer
from triaged.config.loading import example
from triaged.core.mail.parsing.reading import read_message
from triaged.core.mail.sender import Trust
from triaged.core.team.digest import Health, Inputs, digest

SEED = 20261124
RAW = (MAILS / "complete-model.eml").read_bytes()
SURE = house(trust=Trust(BORDER))


def sound(raw=RAW, **planted):
    """A golden mail that is answered, as it went the whole way."""
    with quiet():
        return explained(Mutant(raw, **planted), 0, Product())


def read_as(found, **changes):
    return replace(found, message=replace(found.message, **changes), again=replace(found.message, **changes))


def decided(found, **changes):
    return replace(found, decision=replace(found.decision, **changes))


def sent_to(found, *to):
    """The same, had it been sent to these."""
    reply, sender = replace(found.decision.reply, to=to[0]), replace(found.decision.sender, address=to[0])
    raw = found.owed.raw.replace(f"To: {found.owed.to[0]}", f"To: {to[0]}")
    return replace(decided(found, reply=reply, sender=sender), owed=replace(found.owed, to=to, raw=raw))


def read_and_sent_to(found, address, raw):
    """The same, had every parser of ours read that author in this raw mail."""
    read = read_as(sent_to(found, address), author_readings=((address,),) * 3)
    return replace(read, mutant=replace(found.mutant, raw=raw))


def written(found, old, new):
    assert old in found.owed.raw
    return replace(found, owed=replace(found.owed, raw=found.owed.raw.replace(old, new, 1)))


def shaped(found, **changes):
    return replace(found, shape=json.dumps({**json.loads(found.shape), **changes}))


def test_a_few_hundred_mutants_break_no_rule(tmp_path):
    figures = run(SEED, range(300), out=tmp_path)
    assert str(figures.kinds) == "Counter()", str(figures)
    assert list(tmp_path.iterdir()) == []
    assert (figures.mutants, figures.digests) == (300, 1)
    assert figures.answered > 60, "an oracle that sees no answer proves nothing"
    assert figures.degraded > 0
    assert figures.apart > 3
    assert figures.followed > 5


def test_a_seed_and_an_index_are_one_mutant():
    mails = corpus()
    assert [mutant(1, index, mails) for index in range(50)] == [mutant(1, index, mails) for index in range(50)]
    assert mutant(1, 3, mails) != mutant(2, 3, mails)


def test_every_mutation_changes_something():
    mails = corpus()
    for number, change in enumerate(MUTATIONS):
        dice = whole_way.random.Random(number)
        assert any(change(dice, raw, mails) != raw for raw in mails), change


BROKEN = (
    ("equal-twice", lambda found: replace(found, again=replace(found.message, text="another"))),
    ("equal-apart", lambda found: replace(found, apart=replace(found.message, defects=("another",)))),
    ("quick", lambda found: replace(found, seconds=2.1)),
    ("lean", lambda found: replace(found, growth=300 * 1024)),
    ("lean", lambda found: read_as(found, defects=("its structure could not be read (MemoryError)",))),
    ("limits", lambda found: read_as(found, text="a" * 1_100_000)),
    ("limits", lambda found: read_as(found, headers=(("a", "b"),) * 1001)),
    ("limits", lambda found: replace(found, told=("a" * 701,))),
    ("unicode", lambda found: read_as(found, subject="a\ud800")),
    ("unicode", lambda found: read_as(found, content_type="text/plain\0")),
    ("unicode", lambda found: replace(found, told=("a\udc80",))),
    ("plain", lambda found: replace(found, told=("a\x1b[31m",))),
    ("plain", lambda found: replace(found, told=("a\u202eb",))),
    ("plain", lambda found: replace(found, told=("a\nb",))),
    ("json", lambda found: replace(found, shape='{"end": ')),
    ("json", lambda found: replace(found, shape=found.shape.replace("{", "{\n", 1))),
    ("json", lambda found: shaped(found, reason="a\ud800")),
    ("json", lambda found: shaped(found, end="set-aside")),
    ("json", lambda found: shaped(found, reply={"action": "none"})),
    ("one-end", lambda found: decided(found, end="nowhere")),
    ("one-end", lambda found: decided(found, end="failed")),
    ("one-end", lambda found: decided(found, case_id=None)),
    ("one-end", lambda found: decided(found, reason="")),
    ("one-end", lambda found: decided(found, reply=None)),
    ("one-end", lambda found: replace(found, owed=None)),
    ("one-recipient", lambda found: sent_to(found, found.owed.to[0], "second@elsewhere.example")),
    ("one-recipient", lambda found: sent_to(found, "other@elsewhere.example")),
    (
        "one-recipient",
        lambda found: read_and_sent_to(found, "security@smallest.ai", b"From: security@smallest.ai\r\n\r\n"),
    ),
    (
        "one-recipient",
        lambda found: read_and_sent_to(found, "a@x.example", b"From: b@x.example\r\nCc: a@x.example\r\n\r\n"),
    ),
    (
        "one-recipient",
        lambda found: read_and_sent_to(found, "a@x.example", b"From: a@x.example\r\nFROM: a@x.example\r\n\r\n"),
    ),
    ("one-recipient", lambda found: read_and_sent_to(found, "a@x.example", b"From: a@x.example, b@y.example\r\n\r\n")),
    ("one-recipient", lambda found: read_and_sent_to(found, "a@x.example", b"Subject: a\r\n\r\nFrom: a@x.example\r\n")),
    ("joins-its-own", lambda found: replace(found, hijack=replace(found.decision, end="joined"))),
    ("nothing-automatic", lambda found: replace(found, mutant=Mutant(RAW, mark=MARKS[0]))),
    ("told-to-the-vouched", lambda found: replace(found, house=SURE)),
    (
        "told-to-the-vouched",
        lambda found: replace(decided(found, sender=replace(found.decision.sender, verdict="verified")), house=SURE),
    ),
    ("exact-header", lambda found: written(found, "Precedence:", "Bcc: victim@elsewhere.example\r\nPrecedence:")),
    ("exact-header", lambda found: written(found, "Precedence:", "Subject: another\r\nPrecedence:")),
    ("exact-header", lambda found: written(found, "Precedence: bulk\r\n", "")),
    ("exact-header", lambda found: written(found, "Precedence:", "no field\r\nPrecedence:")),
    ("exact-header", lambda found: written(found, "Subject: ", "Subject: é")),
    ("exact-header", lambda found: written(found, "Subject: ", "Subject: \r")),
    ("exact-header", lambda found: written(found, "Subject: ", "Subject: " + "a" * 999)),
    ("exact-header", lambda found: written(found, "auto-replied", "no")),
    ("exact-header", lambda found: written(found, "In-Reply-To: <", "In-Reply-To: <another-")),
    ("exact-header", lambda found: written(found, "To: ", "To: x")),
    ("nothing-of-theirs", lambda found: written(found, "Hello", "Hello mkplanted")),
    ("nothing-of-theirs", lambda found: written(found, "Subject: ", "Subject: MKplanted ")),
    ("nothing-of-theirs", lambda found: written(found, "Hello", "Hello \x1b[31m")),
)


@pytest.mark.parametrize(("rule", "broken"), BROKEN, ids=[f"{rule}-{at}" for at, (rule, _) in enumerate(BROKEN)])
def test_a_breach_of_a_rule_is_found(rule, broken):
    whole = sound(markers=("mkplanted",))
    assert list(breaches(whole)) == []
    assert rule in [name for name, _ in breaches(broken(whole))]


def test_every_rule_has_been_seen_to_fail():
    assert {rule for rule, _ in BROKEN} == set(RULES)


@pytest.mark.parametrize("mark", MARKS)
def test_each_planted_mark_silences(mark):
    marked = sound(f"{mark}\r\nX-Pad: 1\r\n".encode() + RAW, mark=mark)
    assert marked.owed is None
    assert list(breaches(marked)) == []


def test_a_follow_up_is_judged_by_the_same_rules():
    with quiet():
        second = again(sound(), Product())
    assert (second.decision.end, second.decision.reply.variant) == ("joined", "reopened")
    assert list(breaches(second)) == []
    assert "exact-header" in [name for name, _ in breaches(written(second, "Precedence: bulk\r\n", ""))]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<h1", "<img src=x><h1"),
        ("<h1", "<h1 onclick=x"),
        ("<h1", '<a href="https://evil.example">x</a><h1'),
        ("<h1", "\u202e<h1"),
        ("multipart/alternative", "multipart/mixed\r\nX-A: b"),
        ("[triaged]", "[triaged]\n"),
    ],
)
def test_a_breach_in_a_digest_is_found(old, new):
    well = Health(NOON, (), 0, None, "1.0")
    composed = digest(Inputs((opened(),), (), {}, well, NOON), house().policy, NOON, NOON.date(), UTC)
    mails = Writer(renderer(example(), KEY), example().policy)
    whole = mails.digest(composed, NOON)
    assert list(digest_breaches(composed, whole)) == []
    if old in whole.raw:
        broken = whole.raw.replace(old, new)
    else:
        subject, text, page = mails.digest_parts(composed)
        mails.renderer.words = lambda _: Words(subject, text, page.replace(old, new))
        broken = mails.digest(composed, NOON).raw
    assert list(digest_breaches(composed, replace(whole, raw=broken)))


def test_a_link_in_a_digest_is_found():
    well = Health(NOON, ("see https://evil.example",), 0, None, "1.0")
    composed = digest(Inputs((), (), {}, well, NOON), house().policy, NOON, NOON.date(), UTC)
    assert list(digest_breaches(composed, writer().digest(composed, NOON))) == []
    careless = replace(composed, health=well)
    assert list(digest_breaches(careless, writer().digest(careless, NOON)))


def test_an_exception_is_a_finding_with_its_bytes(tmp_path):
    def read(raw):
        raise KeyError("subject")

    figures = run(SEED, range(3), Product(read=read), tmp_path)
    ((kind, count),) = figures.kinds.items()
    assert (kind.partition(" <")[0], count) == ("exception KeyError test_fuzz.py:read", 3)
    assert f"seed {SEED} index 0" in str(figures)
    kept = {path.read_bytes() for path in tmp_path.glob("*.eml")}
    assert kept == {mutant(SEED, index, corpus()).raw for index in range(3)}


def test_a_reading_that_goes_on_for_ever_is_interrupted_and_found(monkeypatch):
    monkeypatch.setattr(whole_way, "INTERRUPT_AFTER", 0.2)

    def read(raw):
        while True:
            # As read_message itself lets nothing through.
            with suppress(Exception):
                sum(range(1000))

    figures = run(SEED, [0], Product(read=read))
    assert list(figures.kinds) == ["quick"]


def test_a_worker_that_dies_is_a_finding_and_the_run_goes_on(tmp_path):
    fatal = mutant(SEED, 1, corpus()).raw

    def read(raw):
        if raw == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return read_message(raw)

    figures = fuzz(SEED, 3, 1, tmp_path, Product(read=read))
    assert figures.kinds == {"worker died -9": 1}
    assert "index 1:" in figures.first["worker died -9"]
    assert figures.mutants > 2


def test_a_worker_that_hangs_is_a_finding(tmp_path, monkeypatch):
    monkeypatch.setattr(fuzzing, "HANGS_AFTER", 0.5)
    figures = fuzz(SEED, 1, 1, tmp_path, Product(read=lambda _: time.sleep(60)))
    assert figures.kinds["worker died -9"] >= 1
