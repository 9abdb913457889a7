"""A login by an OAuth2 access token: the SASL strings of OAUTHBEARER (RFC 7628) and of Microsoft's and Google's XOAUTH2."""

import re

_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
"""RFC 6750 section 2.1: `b64token`. Nothing in it can end a SASL field or a header."""
_LONGEST_TOKEN = 16_384


class TokenRefusedError(ValueError):
    """No usable token came back. Its text is one sentence and holds nothing of a secret."""


def xoauth2(user: str, token: str) -> str:
    """The initial response of XOAUTH2, before base64."""
    return f"user={_field(user)}\x01auth=Bearer {_bearer(token)}\x01\x01"


def oauthbearer(user: str, token: str, host: str, port: int) -> str:
    """The initial response of OAUTHBEARER, before base64 (RFC 7628 section 3.1)."""
    identity = _field(user).replace("=", "=3D").replace(",", "=2C")
    return f"n,a={identity},\x01host={_field(host)}\x01port={port}\x01auth=Bearer {_bearer(token)}\x01\x01"


def checked_token(token: str) -> str:
    """The token, if it can be one; raises TokenRefusedError."""
    return _bearer(token)


def _bearer(token: object) -> str:
    if not isinstance(token, str) or len(token) > _LONGEST_TOKEN or not _TOKEN.fullmatch(token):
        raise TokenRefusedError("what should be an access token is none")
    return token


def _field(text: str) -> str:
    if not text.isprintable():
        raise TokenRefusedError("a name for the login holds a control character")
    return text
