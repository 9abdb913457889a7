"""How the team is paged: a program of theirs, or a webhook."""
