"""The commands that people give triaged about a case, and their syntax."""
