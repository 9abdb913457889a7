"""What happened to a report, what is promised, and what is due."""
