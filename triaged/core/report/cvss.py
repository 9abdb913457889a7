"""CVSS vectors checked and scored by FIRST's formulas. The only module that imports the untyped `cvss` library."""

import re
from typing import Any

from cvss import CVSS2, CVSS3, CVSS4
from cvss.exceptions import CVSSError

# With its prefix, or without it as version 2 is written and as people leave it out.
VECTOR = re.compile(
    r"(?<![\w/])(?:CVSS:[34]\.[01]/)?AV:[A-Z](?:/[A-Za-z]{1,3}:[A-Za-z]{1,5}){2,40}|"
    r"(?<![\w/])CVSS:[34]\.[01](?:/[A-Za-z]{1,3}:[A-Za-z]{1,5}){3,40}"
)


def scored(vector: str) -> str:
    """The vector with its version, base score and rating: `CVSS:3.1/AV:N/... = 9.8 critical`; or what is wrong with it."""
    if not vector.startswith("CVSS:") and "/Au:" not in vector:
        vector = f"CVSS:{'4.0' if '/VC:' in vector else '3.1'}/{vector}"
    try:
        read = _read(vector)
        return f"{vector} = {read.base_score} {str(read.severities()[0]).lower()}"
    except (CVSSError, ValueError, ArithmeticError, LookupError):
        return f"{vector} is not a valid vector"


def _read(vector: str) -> Any:  # noqa: ANN401 - the library is untyped
    if vector.startswith("CVSS:4"):
        return CVSS4(vector)
    return CVSS3(vector) if vector.startswith("CVSS:") else CVSS2(vector)
