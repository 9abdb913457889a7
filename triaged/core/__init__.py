"""Decisions without side effects: bytes and instants come in as arguments, values come out."""
