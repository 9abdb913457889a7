"""Outgoing mail: rendering it from templates, checking the bytes, and submitting it."""
