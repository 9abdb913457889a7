import subprocess
import sys
from datetime import date, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support.values import policy
from triaged.composition import house
from triaged.config.loading import example, find_config, load, load_policy
from triaged.config.notation import LOOPBACK
from triaged.config.settings import Login, MailboxSettings, WebhookSettings
from triaged.config.yaml_source import SettingsError
from triaged.core.policy.spans import BusinessDays
from triaged.core.team.alerts import QuietHours
from triaged.resources import resource

CONFIG = """\
identity:  {organization: Smallest.AI, name: Smallest.AI Security, address: security@smallest.ai, aliases: []}
mailbox:   {host: imap.example.com, port: 993, security: tls,        # tls | starttls | none (loopback only)
            username: security@smallest.ai, password_file: credentials/imap-password,
            folder: INBOX, poll_every: 60s, since: 48h}
smtp:      {host: smtp.example.com, port: 587, security: starttls, username: out, password_file: /etc/triaged/smtp}
digest:    {to: [team@smallest.ai], at: "09:00", timezone: Europe/Berlin}
replies:   {per_address_per_day: 5, per_domain_per_hour: 20, per_hour: 60, on_uncertain: resend}   # resend | hold
trust:     {authserv_id: null}
state_dir: state
policy: policy.yaml
templates: null
"""
LEAST = """\
identity:
  organization: Smallest.AI
  name: Smallest.AI Security
  address: security@smallest.ai
mailbox:
  host: imap.example.com
  username: security
  password_env: IMAP_PASSWORD
smtp:
  host: localhost
digest:
  to: [team@smallest.ai]
  at: 09:00
  timezone: UTC
state_dir: /var/lib/triaged
"""
POLICY = resource("config/policy.yaml").read_text(encoding="utf-8")


@pytest.fixture
def written(tmp_path):
    """Writes a config (and the shipped policy, changed) and gives its path."""

    def write(text: str, *changes: tuple[str, str]) -> Path:
        ours = POLICY
        for old, new in changes:
            assert old in ours
            ours = ours.replace(old, new, 1)
        (tmp_path / "policy.yaml").write_text(ours, encoding="utf-8")
        path = tmp_path / "triaged.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def faults(path: Path) -> list[str]:
    """The faults without the folder: `triaged.yaml:3: key: what`."""
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert str(caught.value).splitlines() == list(caught.value.faults)
    return [fault.replace(f"{path.parent}/", "") for fault in caught.value.faults]


def changed(old: str, new: str) -> str:
    """The least config with one line changed."""
    assert LEAST.count(old) == 1
    return LEAST.replace(old, new)


def test_the_config_of_the_contract_loads_with_its_paths_beside_it(written, tmp_path):
    loaded = load(written(CONFIG))
    settings = loaded.settings
    assert settings.mailbox.password_file == tmp_path / "credentials/imap-password"
    assert settings.smtp.password_file == Path("/etc/triaged/smtp")
    assert (settings.state_dir, settings.policy) == (tmp_path / "state", tmp_path / "policy.yaml")
    assert settings.templates is None
    assert (settings.mailbox.poll_every, settings.mailbox.since) == (timedelta(seconds=60), timedelta(hours=48))
    assert (settings.digest.at, settings.digest.timezone) == (time(9), ZoneInfo("Europe/Berlin"))
    assert loaded.policy == policy()


def test_paths_do_not_depend_on_where_the_daemon_is_started(written, tmp_path, monkeypatch):
    path = written(CONFIG + "# more\n")
    monkeypatch.chdir(tmp_path.parent)
    relative = load(path.relative_to(tmp_path.parent)).settings
    assert relative == load(path).settings
    assert relative.state_dir.is_absolute()


def test_what_may_be_left_out_has_its_default(written):
    settings = load(written(LEAST)).settings
    assert (settings.mailbox.port, settings.mailbox.security, settings.mailbox.folder) == (993, "tls", "INBOX")
    assert (settings.mailbox.poll_every, settings.mailbox.since) == (timedelta(seconds=60), timedelta(hours=48))
    assert (settings.smtp.port, settings.smtp.security, settings.smtp.username) == (587, "starttls", None)
    assert settings.mailbox.max_size == 25_000_000
    assert (settings.replies.per_address_per_day, settings.replies.on_uncertain) == (5, "resend")
    assert settings.trust.authserv_id is None
    assert settings.attachments.clamd is None
    assert settings.digest.at == time(9)


def test_the_shipped_policy_serves_where_none_is_named(written):
    path = written(LEAST, ("version: 1", "version: 2"))
    assert load(path).policy == load_policy() == policy()


def test_the_shipped_config_is_the_commented_example():
    text = resource("config/triaged.yaml").read_text(encoding="utf-8")
    assert "password:" not in text
    assert load(resource("config/triaged.yaml")).settings.mailbox.username


def test_the_example_identity_needs_no_file():
    assert example().policy == policy()
    assert example().settings.identity.address == "security@smallest.ai"


def test_every_fault_of_both_files_is_said_at_once(written):
    text = (
        CONFIG.replace("port: 993", "port: 0").replace("48h", "soon").replace("at:", "on:").replace("aliases", "alias")
    )
    path = written(text, ("version: 1", "version: 2"), ("within: 48h", "within: 48"))
    found = faults(path)
    assert found[:-2] == [
        "triaged.yaml:1: identity.alias: is no setting; allowed here: organization, name, address, aliases, key",
        "triaged.yaml:2: mailbox.port: must be greater than or equal to 1",
        "triaged.yaml:4: mailbox.since: 'soon' is no length of time; write it like 60s, 15m, 48h, 14d or 2w",
        "triaged.yaml:6: digest.at: is missing",
        "triaged.yaml:6: digest.on: is no setting; allowed here: to, at, timezone, weekly",
    ]
    assert [each.partition(":")[0] for each in found[-2:]] == ["policy.yaml", "policy.yaml"]
    assert "version: must be 1" in found[-2]
    assert "promises[0].within: '48' is no length of time" in found[-1]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  at: 09:00", "  at: 9", "13: digest.at: '9' is no time of day; write it like \"09:00\""),
        ("  at: 09:00", "  at: 9:00", "13: digest.at: '9:00' is no time of day; write it like \"09:00\""),
        ("  at: 09:00", "  at: 24:00", "13: digest.at: '24:00' is no time of day; write it like \"09:00\""),
        (
            "  at: 09:00",
            '  at: "09:00+02:00"',
            "13: digest.at: '09:00+02:00' is no time of day; write it like \"09:00\"",
        ),
        ("  at: 09:00", "  at:", "13: digest.at: 'None' is no time of day; write it like \"09:00\""),
        (
            "timezone: UTC",
            "timezone: CE(S)T",
            "14: digest.timezone: 'CE(S)T' is no time zone; write it like Europe/Berlin",
        ),
        ("timezone: UTC", "timezone: 2", "14: digest.timezone: '2' is no time zone; write it like Europe/Berlin"),
        (
            "  host: imap.example.com",
            "  host: a.example\n  since: 48",
            "7: mailbox.since: '48' is no length of time; write it like 60s, 15m, 48h, 14d or 2w",
        ),
        (
            "  host: imap.example.com",
            "  host: a.example\n  poll_every: 0s",
            "7: mailbox.poll_every: must be longer than nothing and no longer than a century",
        ),
        (
            "  host: imap.example.com",
            "  host: a.example\n  since: 999999w",
            "7: mailbox.since: must be longer than nothing and no longer than a century",
        ),
        (
            "  host: imap.example.com",
            "  host: a.example\n  max_size: 25",
            "7: mailbox.max_size: must be greater than or equal to 65536",
        ),
        (
            "  host: imap.example.com",
            "  host: a.example\n  max_size: 25 megs",
            "7: mailbox.max_size: '25 megs' is no size; write it like 25MB or 512KiB",
        ),
        (
            "  host: imap.example.com",
            "  host: a.example\n  security: none",
            "5: mailbox: security: none is for a server on this machine (localhost); use tls or starttls",
        ),
        (
            "  host: imap.example.com",
            "  host: a.example\n  security: ssl",
            "7: mailbox.security: must be 'tls', 'starttls' or 'none'",
        ),
        (
            "  password_env: IMAP_PASSWORD",
            "  password_env: A\n  password_file: b",
            "5: mailbox: name one of password_file, password_env, password_credential, password_command and auth, not several",
        ),
        (
            "  password_env: IMAP_PASSWORD",
            "  folder: INBOX",
            "5: mailbox: a username needs one of password_file, password_env, password_credential, password_command and auth",
        ),
        ("  username: security", "  folder: INBOX", "5: mailbox.username: is missing"),
        ("  username: security", "  username:", "7: mailbox.username: must be text"),
        ("  username: security", "  username: 12", '7: mailbox.username: must be text; put it in quotes: "12"'),
        (
            "  password_env: IMAP_PASSWORD",
            "  password: hunter2",
            "8: mailbox.password: is no setting; allowed here: " + ", ".join(MailboxSettings.model_fields),
        ),
        (
            "  address: security@smallest.ai",
            "  address: Security <a@b.example>",
            "4: identity.address: 'Security <a@b.example>' is not of the form that is allowed here",
        ),
        (
            "  to: [team@smallest.ai]",
            "  to: [a@b.example, -x@b.example]",
            "12: digest.to[1]: '-x@b.example' is not of the form that is allowed here",
        ),
        ("  to: [team@smallest.ai]", "  to: []", "12: digest.to: must name at least one"),
        ("  to: [team@smallest.ai]", "  to: team@smallest.ai", "12: digest.to: must be a list, like [one, two]"),
        ("  name: Smallest.AI Security", '  name: ""', "3: identity.name: must not be empty"),
        ("  host: localhost", "  host: localhost\n  port: 70000", "11: smtp.port: must be less than or equal to 65535"),
        ("smtp:\n  host: localhost", "smtp: localhost", "9: smtp: must hold settings of its own, as `key: value`"),
        ("state_dir: /var/lib/triaged", "state_dir:", "15: state_dir: must be a path"),
        ("state_dir: /var/lib/triaged", "policy: none.yaml", "1: state_dir: is missing"),
        (
            "state_dir: /var/lib/triaged",
            "state_dir: a\nstate_dir: b",
            "16: state_dir: is given twice (first on line 15); keep one",
        ),
    ],
)
def test_a_fault_is_one_line_with_its_place_and_what_to_do(written, old, new, fault):
    assert faults(written(changed(old, new)))[0] == f"triaged.yaml:{fault}"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("version: 1", "version: 2", "version: must be 1"),
        (
            "within: 14d",
            "within: 14 days",
            "promises[2].within: '14 days' is no length of time; write it like 60s, 15m",
        ),
        (
            "closed: [] ",
            "closed: [25.12.2026] ",
            "calendar.closed[0]: '25.12.2026' is no date; write it like \"2026-12-",
        ),
        ("closed: [] ", "closed: [2026] ", "calendar.closed[0]: '2026' is no date; write it like \"2026-12-25\""),
        ("required: true", "required: maybe", "sections[0].required: must be true or false"),
        (
            "required: true",
            "requird: true",
            "sections[0].requird: is no setting; allowed here: name, required, title, exam",
        ),
        ("    unclear: a", "    unsure: a", "scopes.titles.unsure: must be 'model', 'infrastructure', 'sdk', "),
        ("assets:\n", "asset:\n", "scopes.asset: is no setting; allowed here: titles, assets, rules"),
        ("timezone: UTC", "timezone: no", "calendar.timezone: 'no' is no time zone; write it like Europe/Berlin"),
        (
            "good_faith:",
            "good_fate:",
            "sentences.good_fate: is no setting; allowed here: good_faith, credit, out_of_scope",
        ),
        (
            "sentences:",
            "sentence:",
            "sentence: is no setting; allowed here: version, url, key_url, sections, reading, scopes, kinds, ",
        ),
    ],
)
def test_a_fault_of_the_policy_has_its_place_in_the_policy(written, old, new, fault):
    path = written(CONFIG, (old, new))
    line = POLICY[: POLICY.index(old) + len(old.rstrip())].count("\n") + 1
    assert any(each.startswith(f"policy.yaml:{line}: {fault}") for each in faults(path)), faults(path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1: identity: is missing"),
        ("- a\n- b\n", "1: must hold settings of its own, as `key: value`"),
        ("nothing of the kind\n", "1: must hold settings of its own, as `key: value`"),
        ("a: [1\n", "2: is not valid YAML: expected ',' or ']', but got '<stream end>'"),
        ("a: 1\n---\nb: 2\n", "2: is not valid YAML: but found another document"),
        ("a: \x01\n", " is not valid YAML: unacceptable character #x0001: special characters are not allowed in"),
        ("a: &a [*a]\n", "1: *a is an alias, which is not allowed here; write out what it stands for"),
        ("a: &a {b: 1}\nc:\n  <<: *a\n", "3: *a is an alias"),
        ("a: &a b\n*a : c\n", "2: *a is an alias"),
        ("a: [*nobody]\n", "1: *nobody is an alias"),
        ("a: !!int twelve\n", "1: a: is not of the type that its tag says, or too long a number"),
        (f"a: {'9' * 5000}\n", "1: a: is not of the type that its tag says, or too long a number"),
    ],
)
def test_a_file_of_any_kind_is_one_sentence_and_never_a_traceback(written, text, fault):
    assert faults(written(text))[0].startswith(f"triaged.yaml:{fault}")


def test_a_handful_of_aliases_does_not_become_a_billion_values(written):
    rows = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    assert faults(written(f"a0: &a0 [x]\n{rows}")) == [
        "triaged.yaml:2: *a0 is an alias, which is not allowed here; write out what it stands for"
    ]


def test_the_policy_too_has_no_aliases(written):
    path = written(CONFIG, ("scopes:", "own: &own [a]\nscopes:"), ("scopes:", "more: *own\nscopes:"))
    assert any(each.startswith("policy.yaml:") and "*own is an alias" in each for each in faults(path)), faults(path)


def test_a_policy_that_is_not_there_is_one_fault_beside_the_others(written, tmp_path):
    path = written(CONFIG.replace("policy: policy.yaml", "policy: other.yaml").replace("port: 993", "port: x"))
    assert faults(path) == [
        "triaged.yaml:2: mailbox.port: must be a whole number",
        "other.yaml: cannot be read: No such file or directory",
    ]


@pytest.mark.parametrize(
    ("key", "value", "meant"),
    [
        ("folder", "no", "no"),
        ("folder", "2026-11-23", "2026-11-23"),
        ("folder", "012.5.1", "012.5.1"),
        ("poll_every", "1m", timedelta(minutes=1)),
        ("max_size", "1MB", 1_000_000),
        ("max_size", "512KiB", 512 * 1024),
        ("max_size", "70000", 70_000),
        ("keyword", "$Triaged", "$Triaged"),
        ("file_to", "yes", "yes"),
    ],
)
def test_a_value_means_what_it_looks_like(written, key, value, meant):
    path = written(changed("  host: imap.example.com", f"  host: imap.example.com\n  {key}: {value}"))
    assert getattr(load(path).settings.mailbox, key) == meant


@pytest.mark.parametrize("set_time", ["18:30", "09:00", "00:00", "23:59", "'12:30'"])
def test_a_time_of_day_is_no_number_in_base_sixty(written, set_time):
    path = written(changed("  at: 09:00", f"  at: {set_time}"))
    assert load(path).settings.digest.at == time.fromisoformat(set_time.strip("'"))


@pytest.mark.parametrize(
    ("weekly", "days"), [("", [0]), ("  weekly: sunday\n", [6]), ("  weekly: null\n", []), ("  weekly: monday\n", [0])]
)
def test_the_weeks_figures_come_on_a_day_of_the_teams_choice_or_never(written, weekly, days):
    settings = load(written(changed("  at: 09:00\n", f"  at: 09:00\n{weekly}"))).settings.digest
    assert [day for day in range(7) if settings.is_weekly(date(2026, 11, 23) + timedelta(days=day))] == days


def test_a_day_of_the_week_is_one_of_seven(written):
    (fault,) = faults(written(changed("  at: 09:00", "  at: 09:00\n  weekly: mondays")))
    assert "digest.weekly: " in fault
    assert "'monday'" in fault


def test_promises_may_be_in_business_days(written):
    path = written(CONFIG, ("within: 48h", "within: 2 business days"))
    assert load(path).policy.promised("acknowledge").within == BusinessDays(2)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_server_on_this_machine_needs_no_encryption(host):
    assert Login(host=host, port=25, security="none").security == "none"


# The password: never in the YAML, read anew at every login.


def login(**source) -> Login:
    return Login(host="imap.example.com", port=993, security="tls", username="security", **source)


def test_a_password_comes_from_a_file_without_its_line_end(tmp_path):
    path = tmp_path / "password"
    path.write_text("pass word \r\n", encoding="utf-8")
    assert login(password_file=path).password() == "pass word "
    path.write_text("changed", encoding="utf-8")
    assert login(password_file=path).password() == "changed"


def test_a_password_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("IMAP_PASSWORD", "s3cret")
    assert login(password_env="IMAP_PASSWORD").password() == "s3cret"


def test_a_password_comes_from_a_credential_of_systemd(tmp_path, monkeypatch):
    (tmp_path / "imap").write_text("s3cret\n", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert login(password_credential="imap").password() == "s3cret"


def test_no_login_needs_no_password():
    assert Login(host="localhost", port=25, security="none").password() == ""


def test_a_password_that_is_not_there_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.delenv("IMAP_PASSWORD", raising=False)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for source, fault in (
        (
            {"password_env": "IMAP_PASSWORD"},
            "$IMAP_PASSWORD is not set, and imap.example.com needs its password from there",
        ),
        (
            {"password_file": tmp_path / "none"},
            f"{tmp_path}/none: the password for imap.example.com cannot be read: No such",
        ),
        ({"password_file": tmp_path}, f"{tmp_path}: the password for imap.example.com cannot be read: Is a directory"),
        (
            {"password_file": tmp_path / "binary"},
            f"{tmp_path}/binary: the password for imap.example.com cannot be read: it",
        ),
        (
            {"password_credential": "imap"},
            f"{tmp_path}/imap: the password for imap.example.com cannot be read: No such",
        ),
    ):
        with pytest.raises(SettingsError) as caught:
            login(**source).password()
        assert str(caught.value).startswith(fault)


# Where the config lies.


def test_the_config_named_on_the_command_line_comes_first(monkeypatch):
    monkeypatch.setenv("TRIAGED_CONFIG", "/elsewhere.yaml")
    assert find_config(Path("here.yaml")) == Path("here.yaml")
    assert find_config(None) == Path("/elsewhere.yaml")


def test_without_any_config_it_says_where_one_may_lie(monkeypatch):
    monkeypatch.setenv("TRIAGED_CONFIG", "")
    with pytest.raises(
        SettingsError, match=r"name it with --config or \$TRIAGED_CONFIG, or put it at /\S+/triaged.yaml"
    ):
        find_config(None)


@pytest.mark.parametrize(
    ("says", "lies"), [(None, "/etc/triaged"), ("", "/etc/triaged"), ("/srv/a", "/srv/a"), ("/srv/a:/srv/b", "/srv/a")]
)
def test_the_config_of_the_system_lies_in_etc_or_where_the_service_manager_says(monkeypatch, says, lies):
    monkeypatch.delenv("CONFIGURATION_DIRECTORY")
    if says is not None:
        monkeypatch.setenv("CONFIGURATION_DIRECTORY", says)
    code = "from triaged.config.loading import SYSTEM_CONFIG; print(SYSTEM_CONFIG)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found == f"{lies}/triaged.yaml\n"


def test_a_config_that_is_not_there_is_one_sentence(tmp_path):
    assert faults(tmp_path / "none.yaml") == ["none.yaml: cannot be read: No such file or directory"]


@pytest.mark.parametrize("address", ["/run/clamav/clamd.ctl", "localhost:3310", "'[::1]:3310'", "clamav:65535"])
def test_a_scanner_is_a_socket_or_a_host_with_its_port(written, address):
    settings = load(written(f"{LEAST}attachments: {{clamd: {address}}}\n")).settings
    assert settings.attachments.clamd == address.strip("'")


@pytest.mark.parametrize(
    "address", ["clamd.ctl", "localhost", "'localhost:'", "':3310'", "localhost:65536", "localhost:0", "''"]
)
def test_what_is_neither_is_a_fault_that_says_what_to_write(written, address):
    (fault,) = faults(written(f"{LEAST}attachments: {{clamd: {address}}}\n"))
    assert "attachments.clamd: " in fault
    assert 'write it like "/run/clamav/clamd.ctl" or "localhost:3310"' in fault


@pytest.mark.parametrize(
    ("quiet", "meant"),
    [
        ('"20:00-08:00"', QuietHours(time(20), time(8))),
        ('"12:00 - 13:30"', QuietHours(time(12), time(13, 30))),
        ("null", None),
    ],
)
def test_quiet_hours_may_be_any_of_the_day(written, quiet, meant):
    assert load(written(CONFIG + f"alerts: {{quiet: {quiet}}}\n")).settings.alerts.quiet == meant


@pytest.mark.parametrize("quiet", ["20:00", "20-8", "25:00-08:00", "08:00-08:00", "-", "20:00-08:00-09:00"])
def test_what_are_no_quiet_hours_is_a_fault_that_says_what_to_write(written, quiet):
    with pytest.raises(SettingsError, match=r'are no quiet hours; write them like "20:00-08:00"'):
        load(written(CONFIG + f"alerts: {{quiet: '{quiet}'}}\n"))


def test_alerts_are_on_and_go_to_who_gets_the_digest_unless_it_is_said_otherwise(written):
    alerts = load(written(CONFIG)).settings.alerts
    assert (alerts.enabled, alerts.to, alerts.quiet, alerts.closed_days) == (True, (), None, False)
    assert (alerts.command, alerts.webhook) == ((), None)


@pytest.mark.parametrize(
    ("updates", "in_a_row"),
    [("", 0), ("{}", 0), ("{in_a_row: 3}", 0), ("{enabled: true}", 2), ("{enabled: true, in_a_row: 3}", 3)],
)
def test_automatic_updates_are_off_unless_they_are_asked_for(written, updates, in_a_row):
    more = f", updates: {updates}}}" if updates else "}"
    path = written(CONFIG.replace("on_uncertain: resend}", f"on_uncertain: resend{more}"))
    assert house(load(path), b"key").updates_in_a_row == in_a_row


def test_updates_without_end_cannot_be_asked_for(written):
    with pytest.raises(SettingsError, match="in_a_row"):
        load(written(CONFIG.replace("on_uncertain: resend", "updates: {enabled: true, in_a_row: 0}")))


def test_a_command_is_a_list_and_never_a_line_for_a_shell(written):
    alerts = load(written(CONFIG + "alerts: {command: [/bin/page, --from, triaged]}\n")).settings.alerts
    assert alerts.command == ("/bin/page", "--from", "triaged")
    with pytest.raises(SettingsError, match="must be a list"):
        load(written(CONFIG + "alerts: {command: /bin/page --from triaged}\n"))


WEBHOOK = "url: 'https://hooks.example.com/p4th?key=qu3ry', secret_file: hook"

NO_URL = (
    "is no URL that can be posted to, with a host and without user and password; write it like "
    "https://hooks.example.com/triaged"
)


def test_a_webhook_has_its_files_beside_the_config_and_shows_no_more_than_its_host(written, tmp_path):
    alerts = load(written(CONFIG + f"alerts: {{webhook: {{{WEBHOOK}, ca_file: ca.pem}}}}\n")).settings.alerts
    webhook = alerts.webhook
    assert (webhook.secret_file, webhook.ca_file) == (tmp_path / "hook", tmp_path / "ca.pem")
    assert (webhook.url, webhook.host) == ("https://hooks.example.com/p4th?key=qu3ry", "hooks.example.com")
    assert "p4th" not in repr(alerts)
    (tmp_path / "hook").write_text("whsec_1\n")
    assert webhook.secret() == "whsec_1"
    (tmp_path / "hook").write_text("whsec_2\n")
    assert webhook.secret() == "whsec_2"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://HOOKS.example.com:65535/a%20b/c?d=e&f=/?@:$",
        "https://192.0.2.1/",
        "https://[2001:db8::1]:8443/",
        "https://alert_manager/x",
        "http://localhost:8080/x",
        "http://127.0.0.1/x",
        "http://[::1]:1/x",
    ],
)
def test_a_webhook_is_https_or_on_this_machine(url):
    webhook = WebhookSettings(url=url, secret_env="HOOK")
    assert urlsplit(webhook.url).hostname == webhook.host == webhook.host.lower()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com/p4th",
        "ftp://hooks.example.com/p4th",
        "HTTPS://hooks.example.com/p4th",
        "https:///p4th",
        "https://:443/p4th",
        "https://hooks.example.com:0/p4th",
        "https://hooks.example.com:65536/p4th",
        "https://hooks.example.com:x/p4th",
        "https://user:p4th@hooks.example.com/",
        "https://user@hooks.example.com/p4th",
        "https://hooks.example.com\\@localhost/p4th",
        "https://hooks..example.com/p4th",
        "https://[:::]/p4th",
        "https://[192.0.2.1]/p4th",
        "https://[]/p4th",
        "https://[::1/p4th",
        "https://.example.com/p4th",
        f"https://{'x' * 64}.example.com/p4th",
        "https://h\u00f6ks.example.com/p4th",
        "https://hooks.example.com/p4th#part",
        "https://hooks.example.com/p4th x",
        "https://hooks.example.com/p4th\r\nHost: x",
        "https://hooks.example.com/p4th\n",
        "https://hooks.example.com/p4th\u00e4",
        " https://hooks.example.com/p4th",
    ],
)
def test_what_is_no_such_url_is_said_without_showing_it(url):
    with pytest.raises(ValidationError) as error:
        WebhookSettings(url=url, secret_env="HOOK")
    (found,) = error.value.errors(include_url=False)
    assert found["msg"] == f"Value error, {NO_URL}"


@given(
    st.text(st.characters(max_codepoint=300), max_size=80),
    st.sampled_from(["https://", "http://localhost", "https://a/"]),
)
def test_a_webhook_that_is_taken_is_one_line_to_one_host(text, begins):
    try:
        webhook = WebhookSettings(url=begins + text, secret_env="HOOK")
    except ValidationError:
        return
    parts = urlsplit(webhook.url)
    assert parts.geturl().rstrip("?") == webhook.url.rstrip("?")
    assert (parts.username, parts.password, parts.fragment) == (None, None, "")
    assert webhook.url.isascii()
    assert webhook.url.isprintable()
    assert " " not in webhook.url
    assert webhook.host.encode("idna")
    assert parts.scheme == "https" or webhook.host in LOOPBACK


@pytest.mark.parametrize(
    ("alerts", "fault"),
    [
        (
            "command: [/bin/page], webhook: {url: https://a.example/p4th, secret_env: A}",
            "alerts: name a command or a webhook, not both",
        ),
        (
            "webhook: {url: http://a.example/p4th, secret_env: A}",
            "alerts.webhook.url: http is for a receiver on this machine (localhost); use https",
        ),
        (
            "webhook: {url: https://a@b.example/p4th, secret_env: A}",
            f"alerts.webhook.url: {NO_URL}",
        ),
        (
            "webhook: {url: https://a.example/p4th}",
            "alerts.webhook: name one of secret_file, secret_env and secret_credential",
        ),
        (
            "webhook: {url: https://a.example/p4th, secret_env: A, secret_file: b}",
            "alerts.webhook: name one of secret_file, secret_env and secret_credential",
        ),
        ("webhook: https://a.example/p4th", "alerts.webhook: must hold settings of its own, as `key: value`"),
        (
            "webhook: {url: https://a.example/p4th, secret_env: A, secret: b}",
            "alerts.webhook.secret: is no setting; allowed here: url, secret_file, secret_env, secret_credential, ca_file",
        ),
    ],
)
def test_a_fault_of_where_alerts_go_says_what_to_write(written, alerts, fault):
    (found,) = faults(written(f"{LEAST}alerts: {{{alerts}}}\n"))
    assert found == f"triaged.yaml:16: {fault}"


def test_a_secret_that_is_not_there_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.delenv("HOOK", raising=False)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    for source, fault in (
        ({"secret_env": "HOOK"}, "$HOOK is not set, and a.example needs its secret from there"),
        ({"secret_file": tmp_path / "none"}, f"{tmp_path}/none: the secret for a.example cannot be read: No such"),
        ({"secret_credential": "hook"}, f"{tmp_path}/hook: the secret for a.example cannot be read: No such"),
    ):
        with pytest.raises(SettingsError) as caught:
            WebhookSettings(url="https://a.example/p4th", **source).secret()
        assert str(caught.value).startswith(fault)
