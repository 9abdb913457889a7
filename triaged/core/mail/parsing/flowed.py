"""format=flowed (RFC 3676): soft line breaks undone, so that a paragraph is one line again."""

_SIGNATURE = "-- "


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """The text with each paragraph on one line; what is quoted stays marked by its depth.

    `delete_space` is the parameter DelSp: the blank that marks a soft break is no part of the text, as in Chinese.
    """
    lines: list[str] = []
    pieces: list[str] = []
    depth = 0
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        own_depth = len(line) - len(line.lstrip(">"))
        content = line[own_depth:].removeprefix(" ")
        if pieces and (own_depth != depth or content == _SIGNATURE):
            # A soft break that nothing of its own depth follows: the sender erred, and it is a hard one.
            lines.append(_quoted("".join(pieces), depth))
            pieces = []
        depth = own_depth
        soft = content.endswith(" ") and content != _SIGNATURE
        pieces.append(content[:-1] if soft and delete_space else content)
        if not soft:
            lines.append(_quoted("".join(pieces), depth))
            pieces = []
    if pieces:
        lines.append(_quoted("".join(pieces), depth))
    return "\n".join(lines)


def _quoted(content: str, depth: int) -> str:
    return f"{'>' * depth} {content}" if depth else content
