import csv
import io
import json
import re
import shutil
import tracemalloc
import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import COMPLETE, CONFIG, mail, rule, write_policy
from triaged.cli import run
from triaged.cli.mail_sources import messages
from triaged.cli.replay.changes import Comparison
from triaged.cli.replay.labels import labelled
from triaged.cli.replay.scores import Trial
from triaged.cli.verdicts import VERDICTS, Said
from triaged.core.report.report import Reason

STEPS = "\r\n\r\nSteps to reproduce\r\n1. Send the payload.\r\n\r\nImpact\r\nAn attacker can exploit this vulnerability.\r\n"
HOSTILE = mail(
    "=?utf-8?q?Eve=1B?= <eve@evil.example>",
    "=?utf-8?q?=1B[31mXSS=E2=80=AE=0D=0ABcc:_x@y.example?=",
    f"\x1b]8;;http://evil.example\x07The login page reflects its input.{STEPS}",
    "hostile",
)
SILENT = mail("a@x.example, b@x.example", "SSRF in the webhook endpoint", f"It is open to attackers.{STEPS}", "silent")

MODEL = rule("model.words", "model", "prompt injection")
INFRA = rule("infra.words", "infrastructure", "login page", "webhook endpoint")
OUT = rule("out.words", "out-of-scope", "ssrf", parts=["title", "lead"])
AS_SDK = rule("sdk.words", "sdk", "login page")


@pytest.fixture
def three(fill):
    return fill(HOSTILE, COMPLETE, SILENT)


@pytest.fixture
def mails(tmp_path):
    folder = tmp_path / "mails"
    folder.mkdir()
    for name, raw in (("complete", COMPLETE), ("hostile", HOSTILE), ("silent", SILENT)):
        (folder / f"{name}.eml").write_bytes(raw)
    return folder


@pytest.fixture
def present(config, tmp_path):
    """The policy in force: every mail above has its scope by one word."""
    config.write_text(f"{CONFIG}policy: policy.yaml\n")
    return write_policy(tmp_path / "policy.yaml", MODEL, INFRA)


@pytest.fixture
def new(tmp_path):
    """Another one, which loses one of them and moves another."""
    return write_policy(tmp_path / "new.yaml", {**MODEL, "id": "model.other"}, AS_SDK, OUT)


@pytest.fixture
def objects(triaged):
    def replayed(*arguments):
        *each, last = (json.loads(line) for line in triaged("replay", "--json", *arguments).splitlines())
        return each, last["summary"]

    return replayed


def table(text, corner):
    """A confusion as {row: {column: count}}."""
    lines = text[text.index(corner) :].splitlines()
    columns = lines[0].removeprefix(corner).split()
    rows = {}
    for line in lines[1:]:
        if not line.strip():
            break
        name, *cells = line.split()
        rows[name] = {column: int(cell) for column, cell in zip(columns, cells, strict=True) if cell != "."}
    return rows


def test_two_policies_are_held_against_each_other_the_costly_changes_first(triaged, present, new, mails):
    said = triaged("replay", mails, "--policy", new)
    assert table(said, "present \\ new") == {
        "model": {"model": 1},
        "infrastructure": {"out-of-scope": 1, "sdk": 1},
    }
    assert said.index("infrastructure -> out-of-scope") < said.index("infrastructure -> sdk")
    lost = said[said.index("infrastructure -> out-of-scope") : said.index("infrastructure -> sdk")]
    assert f"{mails}/silent.eml  SSRF in the webhook endpoint" in lost
    assert "infra.words [infrastructure, title]: SSRF in the webhook endpoint" in lost
    assert "out.words [out-of-scope, title]: SSRF in the webhook endpoint" in lost
    assert said.splitlines()[-1] == "2 of 3 verdicts change, 1 of them into out-of-scope or set-aside."


def test_the_same_policy_changes_nothing(triaged, present, mails):
    assert triaged("replay", mails, "--policy", present).splitlines()[-1] == "None of 3 verdicts changes."


def test_as_json_each_mail_and_a_summary(objects, present, new, mails):
    each, summary = objects(mails, "--policy", new)
    assert [one["changed"] for one in each] == [False, True, True]
    assert [one["path"] for one in each] == [
        str(mails / name) for name in ("complete.eml", "hostile.eml", "silent.eml")
    ]
    silent = each[2]
    assert (silent["was"]["verdict"], silent["now"]["verdict"], silent["now"]["kind"]) == (
        "infrastructure",
        "out-of-scope",
        "report",
    )
    assert silent["now"]["reasons"][0] == {
        "rule": "out.words",
        "scope": "out-of-scope",
        "part": "title",
        "quote": "SSRF in the webhook endpoint",
        "score": 12.0,
    }
    assert (summary["mails"], summary["changed"], summary["into_out_of_scope"], summary["into_set_aside"]) == (
        3,
        2,
        1,
        0,
    )
    assert {"was": "infrastructure", "now": "sdk", "count": 1} in summary["verdicts"]


def test_what_senders_wrote_is_shown_escaped(triaged, present, new, mails):
    shown = triaged("replay", mails, "--policy", new)
    assert "\\x1b[31mXSS\\u202e" in shown
    assert not [char for char in shown if unicodedata.category(char) in {"Cc", "Cf"} and char != "\n"]


def test_a_scanner_whose_scope_is_lost_keeps_its_case_and_counts_as_lost(triaged, present, tmp_path):
    scanner = tmp_path / "scan.eml"
    text = "A vulnerability in the login page. Steps to reproduce\r\n1. GET /login\r\n\r\nAn attacker can read the data.\r\n"
    scanner.write_bytes(
        b"Auto-Submitted: auto-generated\r\n" + mail("s@x.example", "Scan of the login page", text, "scan")
    )
    without = write_policy(tmp_path / "without.yaml", MODEL, {**OUT, "phrases": ["login page"]})
    said = triaged("replay", scanner, "--policy", without)
    assert "infrastructure -> out-of-scope" in said
    assert said.splitlines()[-1] == "1 of 1 verdicts change, 1 of them into out-of-scope or set-aside."


def test_without_a_policy_today_is_held_against_what_the_store_says(triaged, present, three, tmp_path):
    assert triaged("replay").splitlines()[-1] == "None of 3 verdicts changes."
    write_policy(present, MODEL, AS_SDK, OUT)
    said = triaged("replay")
    assert table(said, "then \\ now") == {"model": {"model": 1}, "infrastructure": {"out-of-scope": 1, "sdk": 1}}
    assert said.splitlines()[-1] == "2 of 3 verdicts change, 1 of them into out-of-scope or set-aside."


def test_a_follow_up_is_read_with_what_its_case_held_before(triaged, present, fill):
    (case_id,) = fill(COMPLETE, ago=timedelta(hours=3))
    tag = f"Re: [{case_id}] thanks"
    answer = mail("Ann <ann@example.org>", tag, "One thing more: it happens on Sundays.", "more").replace(
        b"Message-ID", b"In-Reply-To: <complete@x.example>\r\nMessage-ID", 1
    )
    assert fill(answer) == [case_id]
    said = triaged("replay")
    assert table(said, "then \\ now") == {"model": {"model": 2}}


def test_mail_that_no_store_knows_is_counted_by_verdict(triaged, present, three, mails, tmp_path):
    (mails / "new.eml").write_bytes(mail("n@x.example", "Prompt injection again", STEPS, "new"))
    said = triaged("replay", mails)
    assert "Of 1 mail no store has a verdict to compare with." in said
    assert said.splitlines()[-1] == "None of 3 verdicts changes."


def test_it_needs_no_config(mails, capsys, monkeypatch):
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)
    assert run(["replay", str(mails)]) == 0
    out, _ = capsys.readouterr()
    assert out.startswith("verdict ")
    assert "Of 3 mails no store has a verdict to compare with." in out


def test_a_copy_of_a_state_directory_serves_without_a_config(config, present, three, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)
    shutil.copytree(tmp_path / "state", tmp_path / "backup")
    capsys.readouterr()
    assert run(["replay", "--json", str(tmp_path / "backup")]) == 0
    *each, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [len(one["path"]) for one in each] == [64] * 3
    assert (last["summary"]["mails"], last["summary"]["not_in_store"]) == (3, 0)
    assert {one["was"]["verdict"] for one in each} == {"model", "infrastructure"}


LABELS = (
    {"id": "a", "title": "Prompt injection", "text": STEPS, "label": "model"},
    {"id": "b", "title": "SSRF in the webhook endpoint", "text": STEPS, "label": "infrastructure"},
    {"id": "c", "title": "The login page", "text": STEPS, "label": "out-of-scope"},
    {"id": "d", "title": "The login page again", "text": STEPS, "label": "sdk"},
)


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in LABELS))
    return path


def test_labels_measure_the_rules(triaged, objects, present, labels):
    _, summary = objects("--labels", labels)
    scores = summary["present"]
    assert (scores["labelled"], scores["accuracy"]) == (4, 0.5)
    assert scores["classes"]["infrastructure"] == {
        "precision": pytest.approx(1 / 3),
        "recall": 1.0,
        "f1": 0.5,
        "labelled": 1,
    }
    assert scores["classes"]["sdk"] == {"precision": None, "recall": 0.0, "f1": 0.0, "labelled": 1}
    assert scores["macro_f1"] == pytest.approx(1.5 / 4)
    assert (scores["costly"]["count"], scores["costly"]["of"]) == (0, 3)
    assert sum(band["coverage"] for band in scores["bands"].values()) == 1
    said = triaged("replay", "--labels", labels)
    assert "4 labelled, accuracy 0.500, macro-F1 0.375" in said
    assert (
        "costly errors (in scope, called out-of-scope or set-aside): 0 of 3, 0.00% (95 % interval 0.00% to 56.15%)"
        in said
    )
    assert table(said, "label \\ verdict")["out-of-scope"] == {"infrastructure": 1}


def test_another_policy_before_the_same_labels(triaged, objects, present, new, labels):
    said = triaged("replay", "--labels", labels, "--policy", new)
    assert said.splitlines()[-1] == f"{new} mends 1 and breaks 1 of 4 verdicts."
    assert "b, infrastructure: out-of-scope (high)\n    out.words [out-of-scope, title]: SSRF in the webhook" in said
    each, summary = objects("--labels", labels, "--policy", new)
    assert [(one["id"], one["was"]["verdict"], one["now"]["verdict"]) for one in each[:2]] == [
        ("a", "model", "model"),
        ("b", "infrastructure", "out-of-scope"),
    ]
    assert (summary["mended"], summary["broken"], summary["new"]["costly"]["count"]) == (1, 1, 1)


def test_csv_says_the_same_as_json_lines(objects, present, labels, tmp_path):
    path = tmp_path / "labels.csv"
    with path.open("w", newline="") as stream:
        rows = csv.DictWriter(stream, ("label", "id", "title", "text", "remark"))
        rows.writeheader()
        rows.writerows(LABELS)
    assert objects("--labels", path) == objects("--labels", labels)


def test_labels_may_name_mails_by_path_or_by_what_is_in_the_spool(objects, triaged, present, three, mails, tmp_path):
    path = tmp_path / "labels.jsonl"
    _, complete, _ = json.loads(triaged("cases", "--json"))
    rows = (
        {"path": "mails/silent.eml", "label": "infrastructure"},
        {"sha256": complete["messages"][0]["sha256"], "label": "model"},
        {"sha256": "0" * 64, "label": "model"},
    )
    path.write_text("\n".join(map(json.dumps, rows)))
    each, summary = objects("--labels", path)
    assert [(one["id"][:12], one["was"]["verdict"]) for one in each] == [
        ("mails/silent", "infrastructure"),
        (complete["messages"][0]["sha256"][:12], "model"),
    ]
    assert summary["present"]["accuracy"] == 1
    assert "the mail of 1 label is not among those given" in triaged("replay", "--labels", path, err=True)


def test_corrections_show_where_and_by_which_rules_the_team_was_misled(triaged, objects, present, three):
    hostile, complete, silent = three
    triaged("case", silent, "scope", "sdk")
    triaged("case", hostile, "scope", "infrastructure")
    triaged("case", complete, "triage")
    said = triaged("replay", "--corrected")
    assert table(said, "rules \\ person") == {"infrastructure": {"infrastructure": 1, "sdk": 1}}
    assert f"infra.words  1              {silent}" in said
    assert f"infrastructure -> sdk  {silent}  SSRF in the webhook endpoint" in said
    assert said.splitlines()[-1] == "the present policy now gets 0 of 1 corrected cases right."
    (each,), summary = objects("--corrected")
    assert (each["case"], each["was"]["verdict"], each["person"], each["mended"]) == (
        silent,
        "infrastructure",
        "sdk",
        False,
    )
    shares = summary["overruled"].values()
    assert (sum(share["count"] for share in shares), sum(share["of"] for share in shares)) == (1, 3)
    assert summary["rules"] == [{"rule": "infra.words", "cases": [silent]}]


def test_another_policy_is_asked_whether_it_would_have_been_right(triaged, objects, present, three, tmp_path):
    silent = three[2]
    triaged("case", silent, "scope", "sdk")
    other = write_policy(tmp_path / "other.yaml", MODEL, {**AS_SDK, "phrases": ["webhook endpoint"]})
    assert triaged("replay", "--corrected", "--policy", other).splitlines()[-1] == (
        f"{other} now gets 1 of 1 corrected cases right."
    )
    (tmp_path / "state" / "spool" / json.loads(triaged("show", silent, "--json"))["messages"][0]["sha256"]).unlink()
    assert "a mail of it is no longer in the spool" in triaged("replay", "--corrected")
    (each,), summary = objects("--corrected")
    assert (each["now"], summary["unread"]) == (None, 1)


def test_where_nobody_has_set_a_scope_it_says_how(triaged, present, three):
    assert "Nobody has set a scope yet: `triaged case CASE scope SCOPE` does." in triaged("replay", "--corrected")


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (b"{", "2: is not JSON"),
        (b"[" * 100_000, "2: is not JSON"),
        (b"[]", "2: is no object with label"),
        (b"\xff", "2: is not UTF-8 text"),
        (b'{"title": "a"}', "2: has no label"),
        (b'{"title": "a", "label": 1}', "2: has no label"),
        (b'{"title": "a", "label": "modle\\u001b"}', "2: the label 'modle\\x1b' is none of model, infrastructure"),
        (b'{"title": 1, "label": "model"}', "2: its title is no text"),
        (b'{"label": "model"}', "2: says no text: it needs title and text"),
        (b'{"path": "none.eml", "label": "model"}', "2: there is no file none.eml"),
        (b'{"path": "a\\u0000", "label": "model"}', "2: there is no file a\\x00"),
        (b'{"sha256": "ABC", "label": "model"}', "2: its sha256 is not 64 hexadecimal digits"),
    ],
)
def test_a_broken_row_is_named_with_its_line(triaged, present, tmp_path, row, what):
    path = tmp_path / "labels.jsonl"
    path.write_bytes(b'{"title": "a", "label": "model"}\n' + row + b"\n")
    said = triaged("replay", "--labels", path, code=65, err=True)
    assert said.startswith(f"triaged: {path}:{what}")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"title,label\na,model\nb,modle\n", "3: the label 'modle'"),
        (b"title,label\na,model\n\xff,model\n", ": is not UTF-8 text"),
        (b'title,label\na,model\n"b,model\n', ": is not CSV"),
        (b"title\na\n", "2: has no label"),
    ],
)
def test_a_broken_row_of_a_csv_file_too(triaged, present, tmp_path, text, what):
    path = tmp_path / "labels.csv"
    path.write_bytes(text)
    said = triaged("replay", "--labels", path, code=65, err=True)
    assert said.startswith(f"triaged: {path}:")
    assert what in said


def test_what_cannot_be_done_is_one_plain_sentence(triaged, present, mails, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.jsonl").write_text("\n")
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 1\nscopes: {rulez: []}\n")
    for arguments, code, words in (
        ((tmp_path / "none",), 66, "there is no such file or folder"),
        ((tmp_path / "empty",), 66, "holds no messages"),
        (("--labels", tmp_path / "none.jsonl"), 66, "cannot be read: No such file"),
        (("--labels", tmp_path / "empty.jsonl"), 65, "none of its labels has a mail"),
        ((mails, "--policy", tmp_path / "none.yaml"), 78, "cannot be read: No such file"),
        ((mails, "--policy", bad), 78, f"{bad}:2: scopes.rulez: is no setting"),
        ((), 64, "there is no state directory"),
        ((mails, "--corrected"), 66, f"{mails}: is no state directory"),
        (("--corrected",), 64, "there is no state directory"),
        (("--corrected", "--labels", tmp_path / "empty.jsonl"), 64, "--labels and --corrected are two questions"),
    ):
        assert words in triaged("replay", *arguments, code=code, err=True), arguments


def test_what_is_set_aside_counts_as_out_of_scope_right_or_costly():
    trial = Trial()
    for label in ("out-of-scope", "out-of-scope", "model"):
        trial.add("a", label, Said("set-aside", why="not a report"), None)
    scores = trial.shape()["present"]
    assert (scores["accuracy"], scores["costly"]["count"], scores["costly"]["of"]) == (pytest.approx(2 / 3), 1, 1)
    assert trial.costly == [("a, model", Said("set-aside", why="not a report"))]


SAID = st.builds(Said, st.sampled_from(VERDICTS), st.sampled_from(("high", "low")))


@given(st.lists(st.tuples(SAID, SAID), max_size=30))
def test_every_mail_is_counted_and_every_change_is_kept(pairs):
    found = Comparison()
    for number, (was, now) in enumerate(pairs):
        found.add(f"{number:02}", "", was, now)
    summary = found.summary()
    assert (
        sum(pair["count"] for pair in summary["verdicts"])
        == sum(pair["count"] for pair in summary["bands"])
        == len(pairs)
    )
    assert summary["changed"] == len([1 for was, now in pairs if was != now])
    lost = [
        now.verdict for was, now in pairs if now.verdict in {"out-of-scope", "set-aside"} != was.verdict != now.verdict
    ]
    assert summary["into_out_of_scope"] + summary["into_set_aside"] == len(lost)
    ranks = [change.rank[0] == 0 for change in sorted(found.changes, key=lambda change: change.rank)]
    assert ranks == sorted(ranks, reverse=True)


def test_of_a_change_only_the_strongest_reasons_are_kept_one_a_rule():
    reasons = (*(Reason(f"r{n // 2}", "model", "title", "a") for n in range(20)), Reason("x", "sdk", "title", "a"))
    found = Comparison()
    found.add("a", "", Said("model", "high", "report", reasons), Said("sdk", "high", "report", reasons))
    (change,) = found.changes
    assert [reason.rule for reason in change.was.reasons] == ["r0", "r1", "r2"]
    assert [reason.rule for reason in change.now.reasons] == ["x"]


FROM = b"From a@x.example Mon Nov 23 12:00:00 2026"
LINES = st.lists(
    st.sampled_from((b"a\n", b"\n", b">From b\n", b"From here to there\n", b"\r\n", b"c: d\r\n")), max_size=8
)


@given(st.lists(LINES.map(b"".join).map(lambda text: b"Subject: x\n\n" + text), min_size=1, max_size=5))
def test_an_mbox_is_taken_apart_where_its_messages_begin(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("box") / "box"
    path.write_bytes(b"".join(FROM + b"\n" + text + b"\n\n" for text in texts))
    found = [raw for _, raw in messages(str(path))]
    assert [raw.rstrip(b"\r\n") for raw in found] == [text.rstrip(b"\r\n") for text in texts]
    assert all(text in raw + b"\n\n" for text, raw in zip(texts, found, strict=True))


def test_a_from_line_counts_only_behind_a_blank_one(tmp_path):
    path = tmp_path / "box"
    path.write_bytes(
        b"".join(line + b"\n" for line in (FROM, b"Subject: x", b"", b"He wrote:", FROM, b"", FROM, b"Subject: y"))
    )
    assert list(messages(str(path))) == [
        (f"{path}#1", b"Subject: x\n\nHe wrote:\n" + FROM + b"\n"),
        (f"{path}#2", b"Subject: y\n"),
    ]


def test_an_mbox_is_never_held_whole(tmp_path):
    box = io.BytesIO()
    for number in range(2000):
        box.write(b"From a@x.example Mon Nov 23 12:00:00 2026\nSubject: %d\n\n" % number + b"words\n" * 1000 + b"\n")
    path = tmp_path / "box"
    path.write_bytes(box.getvalue())
    del box
    tracemalloc.start()
    try:
        assert sum(1 for _ in messages(str(path))) == 2000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < path.stat().st_size / 10


def test_labels_are_read_row_by_row(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text('{"title": "a", "label": "model"}\nbroken\n')
    rows = labelled(path)
    assert next(rows).label == "model"


def test_labels_measure_the_rules_and_the_tables_each_alone(triaged, tmp_path):
    rows = [
        {"label": "sdk", "title": "TLS is not verified", "text": "pip install x==1.2: Client() takes any certificate."},
        {"label": "infrastructure", "title": "IDOR", "text": "GET /api/invoices/7 shows another customer's invoice."},
    ]
    labels = tmp_path / "labels.jsonl"
    labels.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    shown = triaged("replay", "--labels", labels)
    assert re.search(r"^reader +accuracy +macro-F1 +costly\nboth .*\nrules .*\ntables ", shown, re.MULTILINE)
    summary = json.loads(triaged("replay", "--json", "--labels", labels).splitlines()[-1])["summary"]
    assert set(summary["readers"]) == {"rules", "tables"}
    assert all(each["labelled"] == len(rows) for each in summary["readers"].values())
