"""What gateways, lists, companies and clients put around what a person wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.values import policy
from triaged.core.mail.parsing.furniture import without_furniture
from triaged.core.mail.parsing.links import unwrapped
from triaged.core.mail.parsing.reading import read_message
from triaged.core.report.reading import read_report

WRITTEN = """\
Hello,

the endpoint /v1/keys of your REST API returns the keys of other tenants when the X-Tenant header is changed.

An attacker can read them all."""
BANNERS = {
    "english": "CAUTION: This email originated from outside of the organization. Do not click links.",
    "a tag": "[EXTERNAL]",
    "a tag in stars": "**EXTERNAL EMAIL**",
    "wrapped": "[External Sender] This message came from outside your organization.\nBe careful with links and attachments.",
    "outlook": "You don't often get email from ann@lab.example. Learn why this is important",
    "german": "ACHTUNG: Diese E-Mail stammt von außerhalb der Organisation. Klicken Sie nicht auf Links.",
    "french": "ATTENTION : ce courriel provient de l'extérieur de l'organisation. Ne cliquez pas sur les liens.",
    "spanish": "PRECAUCIÓN: Este correo electrónico se originó fuera de la organización. No haga clic en enlaces.",
    "polish": "UWAGA: Ta wiadomość pochodzi spoza organizacji. Nie otwieraj załączników.",
    "russian": "ВНИМАНИЕ: это письмо от внешнего отправителя. Не переходите по ссылкам.",
    "japanese": "【注意】このメールは社外からのメールです。リンクや添付ファイルにご注意ください。",
    "chinese": "注意：此邮件来自外部发件人，请勿点击链接。",
}
ENDS = {
    "a signature": "-- \nAnn Lee\nSenior Researcher, Lab Ltd\n+44 20 7946 0000",
    "a phone": "Sent from my iPhone",
    "a phone, german": "Von meinem iPhone gesendet",
    "a client, chinese": "发自我的iPhone",
    "outlook": "Get Outlook for iOS <https://aka.ms/o0ukef>",
    "a list": "_______________________________________________\nSec mailing list\nhttps://lists.example.org/mailman/listinfo/sec",
    "a disclaimer": "This email and any attachments are confidential and intended solely for the addressee.",
    "a disclaimer, french": "Ce message et toutes les pièces jointes sont établis à l'intention exclusive des destinataires.",
    "several": "-- \nAnn\n\nThis email and any attachments are confidential.\n\nSent from my Pixel",
}


@pytest.mark.parametrize("banner", BANNERS.values(), ids=BANNERS)
@pytest.mark.parametrize("between", ["\n\n", "\n"], ids=["apart", "at once"])
def test_a_gateways_banner_is_no_part_of_a_report(banner, between):
    assert without_furniture(f"{banner}{between}{WRITTEN}") == WRITTEN


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_what_stands_below_a_mail_is_no_part_of_a_report(end):
    assert without_furniture(f"{WRITTEN}\n\n{end}\n") == WRITTEN


@pytest.mark.parametrize(
    "text",
    [
        "Anyone from outside your organization can read /v1/keys: the check is missing.",
        "Hello,\nI got an email from outside your organization whose links and attachments are shown unescaped.",
        "A mail with attachments from an external sender is shown without the warning; a click on links runs code.",
        "The banner [EXTERNAL] is missing in mails that come from outside.",
        "Steps:\n--\n" + "\n".join(f"{number}. send request {number}" for number in range(20)),
        "The mailing list leaks its members.\n\n-----\nGET /members HTTP/1.1\nHost: lists.smallest.ai",
        "A reset mail sent from my account reaches others.\n\nIt should not.",
        "--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@",
        "Any user can read the messages.\n\nThe reset token is sent to the old Outlook account",
        "Any user can read the messages.\n\nAn attacker reads confidential mail that was sent in error to another recipient.",
        "Any user can read the messages.\n\nThe virus scanner of the mail gateway is bypassed, so malware is delivered.",
        "Any user can read the messages.\n\nLog in with Outlook on Android and open the shared calendar of somebody else",
        "Any user can read the messages.\n\nSent from an unauthenticated session, it works too",
        "Any user can read the messages.\n\nTested on my iPhone 15",
        "This message is shown to an external user, who must not see it.",
    ],
)
def test_a_report_about_such_things_stays_whole(text):
    assert without_furniture(text) == text.strip()


def test_nothing_but_furniture_is_no_description():
    raw = f"From: <a@x.example>\r\nSubject: [EXTERNAL] x\r\n\r\n{BANNERS['english']}\r\n\r\n{ENDS['a signature']}\r\n"
    read = read_message(raw.encode())
    assert read.text == ""
    assert not read_report(read, policy()).has("description")


@given(st.text(alphabet=" \n-_[]*aEXTRNLexternalmail:", max_size=400))
def test_no_text_breaks_it_and_no_word_is_made_up(text):
    words = iter(text.split())
    assert all(word in words for word in without_furniture(text).split())


def test_it_takes_time_in_proportion():
    for text in ("[EXTERNAL] mail \n\n-- \n", "[EXTERNAL] mail\n", "-- \n", "\t\n", "sent from my\n"):
        assert_linear(without_furniture, text * 5_000, text * 20_000)
    for text in ("https://urldefense.com/v3/__https:**A", "https://urldefense.com/v3/__", "https://google.com/url?q= "):
        assert_linear(unwrapped, text * 5_000, text * 20_000)


LINK = "https://app.smallest.ai/v1/keys?id=7&x=a_b-c"
WRAPPED = {
    "safelinks": "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fapp.smallest.ai%2Fv1%2Fkeys%3Fid%3D7%26x%3Da_b-c"
    "&data=05%7C01%7C&sdata=x%3D&reserved=0",
    "safelinks, in html's form": "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fapp.smallest.ai%2Fv1%2Fkeys%3Fid"
    "%3D7%26x%3Da_b-c&amp;data=05",
    "proofpoint, first": "https://urldefense.proofpoint.com/v1/url?u=https%3A//app.smallest.ai/v1/keys%3Fid%3D7%26x%3Da_b-c&k=abc",
    "proofpoint, second": "https://urldefense.proofpoint.com/v2/url?u=https-3A__app.smallest.ai_v1_keys-3Fid-3D7-26x-3Da-5Fb-2Dc"
    "&d=DwMFaQ&c=x",
    "proofpoint, third": "https://urldefense.com/v3/__https://app.smallest.ai/v1/keys?id=7*x=a_b-c__;Jg!!abc!def$",
    "proofpoint, third, a run": "https://urldefense.com/v3/__https://app.smallest.ai/v1/keys**Bd=7&x=a_b-c__;P2k9!!abc!def$",
    "barracuda": "https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fapp.smallest.ai%2fv1%2fkeys%3fid%3d7%26x%3da_b-c&c=E,1,x",
    "google": "https://www.google.com/url?q=https%3A%2F%2Fapp.smallest.ai%2Fv1%2Fkeys%3Fid%3D7%26x%3Da_b-c&sa=D",
    "cisco": "https://secure-web.cisco.com/1abcDEF/https%3A%2F%2Fapp.smallest.ai%2Fv1%2Fkeys%3Fid%3D7%26x%3Da_b-c",
    "sophos": "https://eu-west-1.protection.sophos.com/?d=smallest.ai"
    "&u=aHR0cHM6Ly9hcHAuc21hbGxlc3QuYWkvdjEva2V5cz9pZD03Jng9YV9iLWM=&i=x",
}  # fmt: skip


@pytest.mark.parametrize("wrapped", [each for name, each in WRAPPED.items() if "run" not in name])
@pytest.mark.parametrize("around", ["{}", "See {}.", "<{}>", "({})"])
def test_a_link_is_read_as_its_author_wrote_it(wrapped, around):
    assert unwrapped(around.format(wrapped)) == around.format(LINK)


def test_a_run_of_characters_that_proofpoint_took_out_is_put_back():
    link = "https://urldefense.com/v3/__https://x.example/a**Bd__;w6TDtsO8!!abc!def$"
    assert unwrapped(link) == "https://x.example/aäöüd"


@pytest.mark.parametrize(
    "link",
    [
        "https://protect-eu.mimecast.com/s/AbCdEf123?domain=smallest.ai",
        "https://eur01.safelinks.protection.outlook.com/?url=javascript%3Aalert(1)",
        "https://urldefense.com/v3/__https://x.example/*__;%%%!!a$",
        "https://urldefense.proofpoint.com/v2/url?d=x",
        "https://www.google.com/search?q=https%3A%2F%2Fx.example",
        "https://secure-web.cisco.com/%",
    ],
)
def test_a_link_that_says_nothing_stays_as_it_is(link):
    assert unwrapped(link) == link


def test_the_host_that_a_gateway_hid_is_a_fact():
    raw = f"From: <a@x.example>\r\nSubject: x\r\n\r\nThe page {WRAPPED['safelinks']} leaks.\r\n".encode()
    facts = read_report(read_message(raw), policy()).facts
    assert "app.smallest.ai" in facts.values("host")
    assert not any("safelinks" in fact.value for fact in facts.found)


@pytest.mark.parametrize(
    "piece", ["x BannerStart\n\n", "virus avg mail\n\n", "avg mail\n\n", "disclaimer\n\n", "BannerStart "]
)
def test_furniture_without_end_is_read_all_the_same(piece):
    assert isinstance(without_furniture(piece * 5000), str)
