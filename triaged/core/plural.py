"""How many of what, as people say it."""


def counted(number: int, thing: str, things: str = "") -> str:
    """`1 mail`, `2 mails`; `things` where the plural takes more than an s: `tries`, or `mails taken in`."""
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"
