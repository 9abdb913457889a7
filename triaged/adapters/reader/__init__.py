"""The child process that reads hostile mail, and the parent's side of it."""
