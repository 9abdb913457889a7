"""The adapters: they read, write and connect, and decide nothing. Each package talks to one thing outside."""
