"""What is asked for, of whom: what the writer left out, told by what they did and not by how technical it sounds."""

import pytest

from tests.support.values import message, policy
from triaged.core.report.reading import read_report


def read(text, subject="IDOR in the invoices endpoint"):
    return read_report(message(text=text, subject=subject), policy())


@pytest.mark.parametrize(
    "text",
    [
        "Hello,\n\nthe invoices endpoint does not check who is logged in: each invoice is shown by its number.\n\nAnn",
        "A reflected XSS in the search of the dashboard runs a script in the browser of the victim who follows a link.",
        "The login page of the dashboard is vulnerable to an open redirect. Write back for details.",
        "The demo agent reveals its full hidden instructions. A competitor can copy the product.",
        "Die Schnittstelle für Teams prüft die Berechtigung nicht.",
    ],
)
def test_a_flaw_that_is_only_described_is_asked_for_its_steps(text):
    assert "steps" in read(text).missing


@pytest.mark.parametrize(
    "text",
    [
        "Asked for a password reset of my own account, then edited the Host header: the mail links to my domain.",
        "Take the token from the local storage and connect without a login, the audio of all calls comes in.",
        "When I open the upgrade page in one tab and press back twice, the page shows another customer's card.",
        "The filter of the audio model misses whispered requests: 12 requests, 9 answered.",
        "I did not download anything, I only saw the listing of the bucket and one line of a file.",
    ],
)
def test_a_deed_an_order_or_a_count_of_tries_is_enough_of_steps(text):
    assert "steps" not in read(text).missing


@pytest.mark.parametrize(
    "sentence",
    [
        "Chiunque può scaricare gli altri e provare le password altrove.",
        "Każdy klient może czytać dane wszystkich pozostałych.",
        "Un utilisateur local peut y déposer un fichier.",
        "Chi mette le mani su un backup usa l'account del cliente.",
        "Arayan herkes başkalarının kişisel bilgilerini öğrenebilir.",
        "Harassers could therefore post what your customers believe they have filtered.",
        "A family's matters are told to strangers.",
        "Il s'agit donc d'une exécution de code à distance.",
        "多租户服务器上客户之间会互相使用对方的额度。",
    ],
)
def test_who_gains_is_impact_in_any_words(sentence):
    report = read(f"{sentence}\n\n1. Open the page.\n2. Change the number.", "Flaw")
    assert report.has("impact")
    assert "impact" not in report.missing


@pytest.mark.parametrize(
    "text", ["There is a stored XSS in the agent name.", "De Java-client valideert de hostnaam niet."]
)
def test_one_sentence_that_says_what_is_wrong_describes_it(text):
    assert read(text).has("description")


@pytest.mark.parametrize(
    "text",
    [
        "Please see the attached video of it.",
        "curl -s https://api.example.com/v1/voices -H x:y | jq .",
        "Hi",
        "Impact: an attacker reads it all.",
    ],
)
def test_a_pointer_a_command_or_another_section_describes_nothing(text):
    assert not read(text).has("description")
