"""Decide whether a person's command on a case is allowed, and what it does."""
