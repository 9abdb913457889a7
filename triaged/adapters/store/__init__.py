"""The case store: TinyDB tables on a journal of checksummed lines (docs/file-format.md)."""
