"""A report in a file of text: `report.md`, a platform's export in Markdown. Known by headings of a report, not by its name."""

from triaged.core.report.documents.told import Told
from triaged.core.report.headings import Names, as_heading

_LINES = 4_000
_LEAST_HEADINGS = 2


def written(text: str, names: Names) -> Told | None:
    """A text with headings of different sections; None of a log, a list or a script."""
    lines = text.split("\n", _LINES)[:_LINES]
    headed = {name for line in lines if (name := as_heading(line, names)[0])}
    if len(headed) < _LEAST_HEADINGS:
        return None
    title = next((line.strip("# *_\t") for line in lines if line.strip("# *_\t")), "")
    return Told("a written report", title, (("description", text),))
