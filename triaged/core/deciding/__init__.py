"""What a person decides on a case: whether it may be, and what then happens."""
