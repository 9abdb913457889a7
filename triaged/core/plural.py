"""Counts in words."""


def counted(number: int, thing: str, things: str = "") -> str:
    """`1 mail`, `2 mails`; pass `things` if the plural is more than an added s: `tries`, or `mails taken in`."""
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"
