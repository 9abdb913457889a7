"""A security team's mailbox, turned into a promise kept."""

__version__ = "0.1.0"
