"""How a reporter is credited: a person records what the reporter told them."""

import re
from datetime import datetime

from triaged.core.case.case import Case
from triaged.core.case.events import CreditAgreed
from triaged.core.commands.command import Credit
from triaged.core.commands.writing import words
from triaged.core.deciding.decided import By, Decided, No
from triaged.core.text import visible

_NAME = 100
_PAGE = re.compile(r"https://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:[/?#][!-~]{0,300})?")


def credit(command: Credit, case: Case, by: By, now: datetime) -> Decided | No:
    """Record the reporter's wish, or say what is wrong with it. The case may be closed: most credit is agreed after that."""
    name, where = visible(command.name or "", _NAME), (command.where or "").strip()
    if bool(name) == command.anonymous:
        named, unnamed = words(Credit(name="...")), words(Credit(anonymous=True))
        return No(f"{case.id}: say how, as the reporter wishes it: {named}, or {unnamed}")
    if where and (command.anonymous or not _PAGE.fullmatch(where)):
        return No(f"{case.id}: --where goes with a name, and is a page like https://example.org/ann")
    event = CreditAgreed(at=now, by=by.shown, name=name, where=where)
    return Decided((event,), f"to be credited as {name}" if name else "to stay anonymous")
