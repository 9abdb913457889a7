"""Acknowledges and tracks the vulnerability reports that reach a security team's mailbox."""

__version__ = "0.1.0"
