"""Shared by all connections: deadlines, TLS that verifies name and chain, and failures in words that name the remedy."""

import socket
import ssl
import time
from pathlib import Path

from triaged.adapters.bounded import SlowAnswerError, TooMuchError
from triaged.core.text import visible


def verifying_context(ca_file: Path | None) -> ssl.SSLContext:
    """A TLS context (1.2 or later) that trusts the system's authorities and the one in `ca_file`; raises OSError.

    Verification cannot be turned off.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (SlowAnswerError, "it did not finish its answer in time"),
    (TooMuchError, "its answer does not end; the connection was closed"),
    (TimeoutError, "no answer in time; check host, port and firewall"),
    (socket.gaierror, "the host name is not known; check host"),
    (ConnectionRefusedError, "the connection was refused; check port, and whether the server runs"),
    (FileNotFoundError, "ca_file is not there"),
)


def cause(error: BaseException) -> str:
    """Why a connection failed and what to do, in one phrase."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate cannot be trusted ({error.verify_message}); "
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
    """The seconds until `deadline` on the monotonic clock; raises TimeoutError when none are left."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
