"""Decide what becomes of a mail: which case it belongs to, and how it is answered."""
