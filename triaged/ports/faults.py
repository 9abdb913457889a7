"""The failures of the outside world. Adapters translate every exception of their libraries into one of these."""

from triaged.core.case.blame import Blame


class TryLater(Exception):  # noqa: N818 - the name tells the caller what to do
    """A passing fault outside: the same call may succeed later. The message is one sentence for an operator.

    `uncertain` is true if a mail may have gone out after all: the final dot was sent and no answer came
    (RFC 5321 section 4.5.3.2.6). `login` is true if the server refused the login: trying again soon locks accounts.
    """

    def __init__(self, cause: str, *, uncertain: bool = False, login: bool = False) -> None:
        super().__init__(cause)
        self.uncertain = uncertain
        self.login = login


class Refused(Exception):  # noqa: N818 - the name says what the server did
    """A lasting refusal of this mail or this request. The message is one sentence for an operator.

    `blame` says who has to mend it, as far as the refusal of one letter tells.
    """

    def __init__(self, cause: str, *, blame: Blame = "letter") -> None:
        super().__init__(cause)
        self.blame: Blame = blame


class Unwritten(TryLater):
    """A mail could not be written from its template. The message names the file and line, and none of the mail's facts."""


class StateFault(Exception):  # noqa: N818 - a fault of the state directory
    """The state directory cannot be used safely, so the process must end. The message is one sentence with the remedy."""
