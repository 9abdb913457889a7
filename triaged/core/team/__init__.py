"""What the team is shown: the digest, alerts, lists, the calendar, statistics."""
