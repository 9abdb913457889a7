"""`triaged digest`: shows the work list of a day, writes it to files, or mails it at once."""

from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from triaged.adapters.disk.state_dir import secret_key
from triaged.adapters.letters.smtp import SmtpSubmission
from triaged.adapters.notify import read_pulse
from triaged.cli import asked
from triaged.cli.state import read_store
from triaged.composition import renderer, utc_now
from triaged.config.loading import Loaded, find_config, load
from triaged.core.case.case import Case
from triaged.core.case.folding import fold
from triaged.core.case.outbox import letters
from triaged.core.letters.draft import Draft
from triaged.core.team.digest import Digest, Inputs
from triaged.core.team.digest import digest as compose
from triaged.core.team.drafts import daily_digest, extra_digest
from triaged.core.text import defanged
from triaged.ports import Renderer
from triaged.service.morning import compose_digest, health
from triaged.service.owing import owe


@click.command()
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The local date; default: today.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write digest.txt, .html and .eml into this folder."
)
@click.option(
    "--owner",
    default="",
    metavar="NAME",
    callback=asked.owner,
    help="Only this person's work; `me` for yours, `nobody` for work that no one has taken.",
)
@click.option("--send", is_flag=True, help="Mail it to the team now, in addition to the daily one.")
@click.pass_obj
def digest(config: Path | None, day: datetime | None, out: Path | None, owner: str, *, send: bool) -> None:
    """Show, write or mail the work list of a day, with the command that settles each item."""
    if out and send:
        raise click.UsageError("--out and --send do not go together")
    if owner and send:
        raise click.UsageError("--owner and --send do not go together: what is sent goes to the whole team")
    loaded = load(find_config(config))
    composed = _composed(loaded, day.date() if day else None, owner)
    # The store does not know this mail, so answers to it would have no effect.
    write = renderer(loaded, secret_key(loaded.settings.state_dir), answers=not send)
    if send:
        _send(loaded, write, extra_digest(composed, loaded.settings.digest.to, utc_now()))
        return
    # Its links answer that day's mail, if one was sent.
    draft = daily_digest(composed, loaded.settings.digest.to, utc_now())
    subject, text, html = write.words(draft)
    if out is None:
        click.echo(f"{subject}\n\n{text}")
        return
    out.mkdir(parents=True, exist_ok=True)
    (out / "digest.txt").write_text(text, encoding="utf-8")
    (out / "digest.html").write_text(html, encoding="utf-8")
    (out / "digest.eml").write_bytes(write.finished(draft, utc_now()).raw.encode("ascii"))
    click.echo(f"digest.txt, digest.html and digest.eml are in {out}")


def _composed(loaded: Loaded, day: date | None, owner: str) -> Digest:
    """Today's digest as of now. An earlier day's as of the set time, from the histories up to then."""
    settings, state_dir, now = loaded.settings.digest, loaded.settings.state_dir, utc_now()
    today = now.astimezone(settings.timezone).date()
    day = asked.passed(day or today, today)
    with read_store(state_dir) as store:
        well = health(store, read_pulse(state_dir), now)
        if day == today:
            return compose_digest(store, loaded.policy, well, now, today, settings, owner=owner)
        then = datetime.combine(day, settings.at, settings.timezone).astimezone(UTC)
        figures = settings.is_weekly(day) and not owner
        cases = _as_of(store.cases(), then)
        inputs = Inputs(cases, (), store.seen(), well, then - timedelta(days=1), figures, owner)
        return compose(inputs, loaded.policy, then, day, settings.timezone)


def _as_of(cases: Iterable[Case], then: datetime) -> tuple[Case, ...]:
    """The cases as they were then: a case is the fold of its events up to that instant."""
    pasts = ((case.id, [event for event in case.history if event.at <= then]) for case in cases)
    return tuple(fold(case_id, events) for case_id, events in pasts if events)


def _send(loaded: Loaded, write: Renderer, draft: Draft) -> None:
    (letter,) = letters(owe(write, draft, utc_now()))
    with closing(SmtpSubmission(loaded.settings.smtp)) as submission:
        answer = submission.submit(letter)
    click.echo(f"sent to {', '.join(letter.to)}: {defanged(answer)}")
