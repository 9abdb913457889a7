"""A numbered folder, as a machine that touches nothing: it is told what a server said, and answers what to ask it next.

Of IMAP it knows only the rules of the numbers (RFC 9051 section 2.3.1.1): any source of mail that keeps those can use it.
"""

from triaged.core.mail.folder.asking import BYTES_AT_ONCE, Ask, Bodies, Sizes, Waiting
from triaged.core.mail.folder.folder import Folder, News
from triaged.core.mail.folder.numbers import Known, Search
from triaged.core.mail.folder.stragglers import TOLD_AFTER

__all__ = ["BYTES_AT_ONCE", "TOLD_AFTER", "Ask", "Bodies", "Folder", "Known", "News", "Search", "Sizes", "Waiting"]
