"""RFC 3834: decide which mail must not be answered, and by which sign."""
