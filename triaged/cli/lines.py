"""A report's reading as lines for a person: what `explain` says before, and `show` after."""

from collections.abc import Iterable, Iterator

from triaged.cli.tables import marked
from triaged.core.mail.message import Attachment
from triaged.core.report.report import Reason, Report
from triaged.core.text import visible

_QUOTED = 90


def reason_lines(reasons: Iterable[Reason]) -> Iterator[str]:
    """Which rules spoke, for what, and on which words."""
    for reason in reasons:
        yield f"{reason.rule} [{reason.scope}, {reason.part}]: {visible(reason.quote, _QUOTED)}"


def section_lines(report: Report) -> Iterator[str]:
    """Each section with the line that proves it."""
    for evidence in report.sections:
        lacking = marked("missing" if evidence.section in report.missing else "not found", "yellow")
        yield f"{evidence.section:<11} {visible(evidence.quote, _QUOTED) if evidence.present else lacking}"


def attachment_line(part: Attachment) -> str:
    """What a part is by its bytes, and what to know before opening it."""
    notes = "".join(f"; {marked(warning, 'red')}" for warning in part.warnings)
    return f"{visible(part.filename, 60)}  {part.media_type}, {part.size} bytes, sha256 {part.sha256[:8]}{notes}"
