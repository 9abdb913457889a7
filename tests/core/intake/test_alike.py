"""Cases that tell of something similar: the same from both sides, in any order, in any language, and never slow."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.values import by, message, opened, policy
from triaged.core.case.events import Closed
from triaged.core.case.folding import fold
from triaged.core.intake.alike import Alike
from triaged.core.intake.duplicates import Duplicates
from triaged.core.report.reading import read_report

INVOICES = (
    "The endpoint GET /v1/billing/invoices/{id}/pdf does not check that the invoice belongs to the workspace of the caller. "
    "I requested the number of my second company with the first account and received its address and VAT number."
)
INVOICES_AGAIN = (
    "hi, as user B i changed the number in billing/invoices/88121/pdf to the one of another workspace. got the bill with VAT "
    "number and address of a foreign company!! ids are sequential"
)
OTHERS = (
    "Port 10255 of the cluster answers without authentication and lists the pods of the namespace tts-prod.",
    "The name of an agent is shown as raw markup in the table of calls, so that a handler runs in the browser.",
    "A calendar entry orders the scheduling assistant to send the agenda of the day to an outside mailbox.",
    "The zone of the domain can be transferred from the second name server by everybody who asks for it.",
    "The Python client unpickles its cache, which other people of the machine can write to before it starts.",
    "The Go client accepts any certificate for its stream, which shows the key to whoever sits between both.",
    "The four digits of the telephone login can be guessed within some minutes, as nobody counts the tries.",
    "The bucket with recordings may be listed by strangers, who then load the talks of patients to their disk.",
)


def named(number):
    return f"SEC-0000-{number:04d}"


def told(number, text, subject="", *later):
    return opened(by(f"r{number}@x.example", text=text, subject=subject), case_id=named(number), later=later)


def of_terms(number, *terms):
    bare = opened(message(text="x", subject=""), case_id=named(number))
    return replace(bare, report=replace(bare.report, terms=terms, flaws=(), facts=type(bare.report.facts)()))


BACKGROUND = [told(number, text) for number, text in enumerate(OTHERS, 10)]


def test_the_same_flaw_in_other_words_is_the_first_similar_case_and_says_why():
    one, again = told(1, INVOICES, "Invoices of others"), told(2, INVOICES_AGAIN, "idor on the pdf")
    found = Duplicates([*BACKGROUND, one, again]).of(again)
    assert found[0].of == one.id
    assert found[0].grade in {"weak", "similar"}
    (similar, *_) = Alike([*BACKGROUND, one, again]).of(again)
    assert similar.of == one.id
    assert set(similar.both) <= set(
        "invoices/*/pdf /invoices/*/pdf billing invoices pdf vat workspace address company number changed".split()
    )


@pytest.mark.parametrize(
    ("one", "again"),
    [
        (
            "管理画面が公開され、キューにある顧客の文章を誰でも読めます。",
            "キューの管理画面が公開され、顧客の文章が平文です。",
        ),
        ("Злоумышленник читает расшифровки разговоров в журнале.", "В системном журнале видны расшифровки разговоров."),
        ("Der Bezahlbeleg fremder Mandanten, wenn man hochzählt.", "Fremder Bezahlbeleg: hochzählen genügt."),
    ],
)
def test_similar_words_are_seen_in_every_script(one, again):
    first, second = told(1, one), told(2, again)
    assert [each.of for each in Alike([*BACKGROUND, first, second]).of(second)][:1] == [first.id]


def test_a_closed_case_tells_what_was_decided_then():
    closed = Closed(at=told(1, INVOICES).opening.at, by="bo", reason="fixed in release 41")
    one, again = told(1, INVOICES, "", closed), told(2, INVOICES_AGAIN)
    found = Duplicates([*BACKGROUND, one, again]).of(again)[0]
    assert (found.of, found.why[-1]) == (one.id, "closed: fixed in release 41")


def test_what_only_small_words_and_a_form_share_is_not_similar():
    form = "Summary\nSteps to reproduce\nImpact\nKind regards, the researcher. "
    cases = [told(number, form + text) for number, text in enumerate(OTHERS)]
    assert Alike(cases).of(cases[0]) == ()


CASES = st.lists(
    st.lists(
        st.sampled_from("alpha beta gamma delta omega sigma kappa token invoice".split()), min_size=2, unique=True
    ),
    min_size=2,
    max_size=14,
).map(lambda lists: [of_terms(number, *terms) for number, terms in enumerate(lists)])


@given(CASES, st.randoms())
def test_the_order_in_which_cases_come_changes_nothing_nor_does_asking_for_few(cases, chance):
    shuffled = list(cases)
    chance.shuffle(shuffled)
    for case in cases:
        found = Alike(cases).of(case)
        assert Alike(shuffled).of(case) == found == Alike(shuffled, [case]).of(case)
        assert len(found) <= 3
        assert case.id not in {each.of for each in found}


@given(CASES)
def test_two_cases_are_as_like_as_they_are_from_the_other_side(cases):
    index = Alike(cases)
    for one in cases:
        for other in cases:
            assert index.likeness(one, other) == index.likeness(other, one)
            assert 0 <= index.likeness(one, other) <= 1 + 1e-9


def test_an_index_that_is_kept_up_is_the_one_that_is_made_at_once():
    cases = [told(1, INVOICES), *BACKGROUND, told(2, INVOICES_AGAIN)]
    index = Alike(cases[:4])
    for case in cases[3:]:
        index.add(case)
        index.add(case)
    assert [index.of(case) for case in cases] == [Alike(cases).of(case) for case in cases]


def test_a_lookup_among_ten_thousand_that_look_alike_reads_a_bounded_number_of_them(monkeypatch):
    words = [f"word{number}" for number in range(60)]
    cases = [of_terms(number, *words) for number in range(10_000)]
    rare = of_terms(10_001, *words, "quokka", "numbat")
    again = of_terms(10_002, "quokka", "numbat", *words[:5])
    index = Alike([*cases, rare, again])
    compared = []
    weigh = Alike._likeness
    monkeypatch.setattr(Alike, "_likeness", lambda self, *both: compared.append(1) or weigh(self, *both))
    assert index.of(cases[0]) == ()
    assert [each.of for each in index.of(again)] == [rare.id]
    assert len(compared) <= 100


def test_reading_the_terms_of_hostile_texts_is_linear():
    policy()
    for piece in ("same ", "x" * 39 + " ", "漢", "a1b2-", "xss csrf ssrf "):
        assert_linear(
            lambda text: read_report(message(text=text), policy()),
            piece * (25_000 // len(piece)),
            piece * (100_000 // len(piece)),
        )


def test_a_case_read_before_terms_were_kept_is_compared_by_its_subject_and_quotes():
    old = told(1, INVOICES, "Invoice PDF of other workspaces can be downloaded with sequential numbers")
    old = replace(old, report=replace(old.report, terms=(), flaws=()))
    again = told(2, INVOICES_AGAIN, "sequential invoice numbers of other workspaces")
    assert [each.of for each in Alike([*BACKGROUND, old, again]).of(again)][:1] == [old.id]
    assert fold(old.id, old.history).id == old.id
