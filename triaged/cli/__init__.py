"""The commands: they print and never decide."""
