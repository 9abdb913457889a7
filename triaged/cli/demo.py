"""`triaged demo`: the whole job on one screen, with nothing set up."""

import shlex
import sys
import tempfile
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import click

from triaged.cli.cases import cases_table
from triaged.cli.tables import table
from triaged.composition import utc_now
from triaged.core.text import defanged, visible, visible_lines
from triaged.demo.servers import servers
from triaged.demo.story import Told, tell
from triaged.service.settling import Settled


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the demo puts its state; default: a new temporary folder.",
)
def demo(folder: Path | None) -> None:
    """Show the whole job: a dozen reports come in, acknowledgments go out, the digest is written.

    Everything happens on this machine, on servers that the demo starts and stops.
    """
    folder = folder or Path(tempfile.mkdtemp(prefix="triaged-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    click.echo("Starting a mailbox and a mail server on this machine ...")
    with servers(folder) as running:
        told = tell(folder, running, click.echo)
    subject, text, html = told.digest
    (folder / "digest.html").write_text(html, encoding="utf-8")
    click.echo("\n".join(_shown(told)))
    click.echo(_headed(f"The digest that the team gets: {subject}"))
    click.echo(visible_lines(text))
    click.echo("\n".join(_next(folder)))


def _shown(told: Told) -> Iterator[str]:
    yield _headed("What came in, and what became of it")
    yield table(_HEADER, _rows([*told.first, *told.second], told))
    yield f"\n{told.left_alone} mail had arrived before the window of 48 hours and was left alone: nobody is answered late."
    yield _headed("The cases")
    yield cases_table(told.cases, told.loaded.policy, utc_now())
    acknowledgments = [mail for mail in told.sent if b"We received your report" in mail]
    yield _headed(f"One of the {len(acknowledgments)} acknowledgments that went out")
    yield from (f"  | {line}" for line in _mail_lines(_most_telling(acknowledgments)))


_HEADER = ("SUBJECT", "END", "CASE", "SCOPE", "MISSING", "ACKNOWLEDGMENT")


def _rows(settled: Iterable[Settled], told: Told) -> Iterator[tuple[str, ...]]:
    subjects = {mail.sha256: mail.subject for case in told.cases for mail in case.mails}
    for each in settled:
        decision, arrival = each.decision, each.arrival
        if decision is None:
            continue
        in_case = arrival.case_id is not None
        yield (
            defanged(subjects.get(arrival.sha256, f"({decision.sender.address or 'a mail system'})"), 44),
            decision.end,
            arrival.case_id or "-",
            decision.report.verdict.scope if in_case else "-",
            (", ".join(decision.report.missing) or "nothing") if in_case else "-",
            _reply_word(each),
        )


def _reply_word(settled: Settled) -> str:
    decision = settled.decision
    if decision is None or not (decision.reply or decision.withheld):
        return "none: " + (defanged(decision.reason, 60) if decision else "seen before")
    if decision.reply:
        return f"sent ({decision.reply.variant})"
    return f"withheld: {defanged(decision.withheld.reason, 60) if decision.withheld else ''}"


def _most_telling(mails: list[bytes]) -> bytes:
    """One that asks for what is missing, if there is one."""
    return min((mail for mail in mails if b"We did not find these" in mail), key=len, default=mails[0])


def _mail_lines(raw: bytes) -> Iterator[str]:
    mail = message_from_bytes(raw, policy=policy.default)
    for name in ("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "Auto-Submitted"):
        yield visible(f"{name}: {mail[name]}", 120)
    yield ""
    yield from visible_lines(mail.get_content()).rstrip().split("\n")


def _headed(words: str) -> str:
    return "\n" + click.style(words, bold=True) + "\n"


def _next(folder: Path) -> Iterator[str]:
    triaged = _called()
    yield _headed("Nothing left this machine. What to do next")
    yield f"  look at the digest       {folder / 'digest.html'}"
    yield f"  look around              {triaged} --config {folder / 'triaged.yaml'} show CASE"
    yield f"  decide something         {triaged} --config {folder / 'triaged.yaml'} case CASE triage --severity high"
    yield f"  try it on your own mail  {triaged} explain MAIL.eml"
    yield '  set it up                README.md, "Set it up"'


def _called() -> str:
    """How a person called triaged: after `make demo` it is in no PATH."""
    words = (sys.executable, "-m", "triaged") if Path(sys.argv[0]).name == "__main__.py" else (sys.argv[0],)
    return shlex.join(words)
