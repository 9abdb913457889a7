"""The two ways to page the team: a program of theirs, or a webhook."""
