"""How the world outside fails. Adapters translate their libraries' exceptions into these, and let no other pass."""

from triaged.core.case.blame import Blame


class TryLater(Exception):  # noqa: N818 - it says what to do, which is what a caller reads
    """A passing fault outside: the same call may succeed later. The message is one sentence for an operator.

    `uncertain` is true when a mail may have gone out all the same: the final dot was sent and no answer came
    (RFC 5321 section 4.5.3.2.6). `login` is true when the server refused the login: asking again soon locks accounts.
    """

    def __init__(self, cause: str, *, uncertain: bool = False, login: bool = False) -> None:
        super().__init__(cause)
        self.uncertain = uncertain
        self.login = login


class Refused(Exception):  # noqa: N818 - the server's word
    """A lasting refusal of this mail or this request. The message is one sentence for an operator.

    `blame` says who is to mend it, as far as one refusal of a letter tells.
    """

    def __init__(self, cause: str, *, blame: Blame = "letter") -> None:
        super().__init__(cause)
        self.blame: Blame = blame


class Unwritten(TryLater):
    """A mail could not be written from its template. One sentence that names the place, and none of the mail's facts."""


class StateFault(Exception):  # noqa: N818 - a fault of the state directory
    """The state directory cannot be used, or not safely: the process must not go on. One sentence that says what to do."""
