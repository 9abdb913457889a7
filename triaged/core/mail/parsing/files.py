"""The files that a mail carries: facts about each for the team, and their bytes for a person who asks for them."""

import hashlib
from collections.abc import Iterator

from triaged.core.mail.message import Attachment
from triaged.core.mail.parsing.content import content_of
from triaged.core.mail.parsing.filetype import display_name, media_type, warnings_for
from triaged.core.mail.parsing.headers import whole_unicode
from triaged.core.mail.parsing.limits import over_limit
from triaged.core.mail.parsing.tree import Node, tree_of

MOST = 200
"""Files of one mail that are listed."""


def described(part: Node) -> Attachment:
    """What is told of a file. Its name is for display only."""
    name = part.filename or part.content_id
    return Attachment(
        filename=display_name(whole_unicode(name)),
        media_type=media_type(part.content),
        claimed_type=part.kind[:100],
        size=len(part.content),
        sha256=hashlib.sha256(part.content).hexdigest(),
        warnings=warnings_for(name, part.kind, part.content),
    )


def files_of(raw: bytes) -> Iterator[tuple[Attachment, bytes]]:
    """Each file of a mail with its decoded bytes, in the order of `Message.attachments`; none of a mail over a limit."""
    if not over_limit(raw):
        for part in content_of(tree_of(raw)).attachments[:MOST]:
            yield described(part), part.content
