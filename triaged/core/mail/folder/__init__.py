"""A numbered folder as a machine without I/O: it is told what a server said, and returns what to ask next.

It knows only IMAP's rules of numbers (RFC 9051 section 2.3.1.1): any source of mail that keeps them can use it.
"""

from triaged.core.mail.folder.asking import BYTES_AT_ONCE, Ask, Bodies, Sizes, Waiting
from triaged.core.mail.folder.folder import Folder, News
from triaged.core.mail.folder.numbers import Known, Search
from triaged.core.mail.folder.stragglers import TOLD_AFTER

__all__ = ["BYTES_AT_ONCE", "TOLD_AFTER", "Ask", "Bodies", "Folder", "Known", "News", "Search", "Sizes", "Waiting"]
