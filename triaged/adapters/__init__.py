"""The adapters: effects without decisions, one module per thing outside."""
