"""What connections share: time that runs out, TLS with name and chain verified, failures in words that say what to do."""

import socket
import ssl
import time
from pathlib import Path

from triaged.adapters.bounded import SlowAnswerError, TooMuchError
from triaged.core.text import visible


def verifying_context(ca_file: Path | None) -> ssl.SSLContext:
    """A context, TLS 1.2 at least, that trusts the system's authorities and the one in `ca_file`; raises OSError.

    There is no switch that turns verification off.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (SlowAnswerError, "its answer did not come to an end in time"),
    (TooMuchError, "its answer does not end; it was left"),
    (TimeoutError, "no answer in time; check host, port and firewall"),
    (socket.gaierror, "the host name is not known; check host"),
    (ConnectionRefusedError, "the connection was refused; check port, and whether the server runs"),
    (FileNotFoundError, "ca_file is not there"),
)


def cause(error: BaseException) -> str:
    """Why a connection failed, in one phrase that says what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not to be trusted ({error.verify_message}); "
            "name its authority in ca_file, or use the host name that the certificate is for"
        )
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason or error}); check port and security"
    for kind, words in _CAUSES:
        if isinstance(error, kind):
            return words
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return visible(words, 200) or type(error).__name__


def time_left(deadline: float) -> float:
    """The seconds until then by the monotonic clock; raises TimeoutError where there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
