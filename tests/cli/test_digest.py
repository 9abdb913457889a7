from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

from tests.cli.conftest import COMPLETE


def test_the_text_is_printed_with_its_subject(triaged, three):
    said = triaged("digest")
    assert said.startswith("[triaged] 3 new - ")
    assert f"> triaged case {three[2]} answered" in said
    assert "1 x" not in said


def test_files_are_written_and_the_mail_is_whole(triaged, three, tmp_path):
    out = tmp_path / "out"
    triaged("digest", "--out", out)
    mail = message_from_bytes((out / "digest.eml").read_bytes(), policy=policy.default)
    assert [part.get_content_type() for part in mail.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert three[0] in (out / "digest.txt").read_text()
    assert "<script" not in (out / "digest.html").read_text()


def test_one_persons_work_is_shown_alone(triaged, three):
    triaged("case", three[1], "owner", "ann")
    assert three[1] in triaged("digest", "--owner", "Ann")
    assert three[2] not in triaged("digest", "--owner", "ann")
    assert three[1] not in triaged("digest", "--owner", "nobody")
    assert three[2] in triaged("digest", "--owner", "nobody")
    assert "Only what dee has." in triaged("digest", "--owner", "dee")


def test_the_weeks_figures_come_with_a_mondays(triaged, config, three):
    monday = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday() + 7)
    tuesday = monday + timedelta(days=1)
    assert "THE LAST EIGHT WEEKS" in triaged("digest", "--date", monday)
    assert "THE LAST EIGHT WEEKS" not in triaged("digest", "--date", tuesday)
    assert "THE LAST EIGHT WEEKS" not in triaged("digest", "--date", monday, "--owner", "ann")
    config.write_text(config.read_text().replace("timezone: UTC}", "timezone: UTC, weekly: tuesday}"))
    assert "THE LAST EIGHT WEEKS" in triaged("digest", "--date", tuesday)


def test_a_past_day_is_told_from_the_histories_up_to_then(triaged, fill):
    (case_id,) = fill(COMPLETE, ago=timedelta(days=30))
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    assert case_id not in triaged("digest", "--date", yesterday)
    assert case_id in triaged("digest")


def test_what_does_not_go_together_is_64(triaged, three, tmp_path):
    assert "do not go together" in triaged("digest", "--send", "--out", tmp_path, code=64, err=True)
    assert "goes to the whole team" in triaged("digest", "--send", "--owner", "ann", code=64, err=True)
    assert "does not match the format" in triaged("digest", "--date", "tomorrow", code=64, err=True)
