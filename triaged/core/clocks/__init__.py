"""What is promised on a case, and when it is due."""
