"""RFC 3834: which mail must not be answered, and by which sign."""
