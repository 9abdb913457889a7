"""What a message says as a report: which sections, on which evidence, in which scope."""
