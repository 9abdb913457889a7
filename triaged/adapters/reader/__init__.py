"""The child process in which hostile mail is read, and the parent's side of it."""
