"""Letters on their way out: rendered, checked, submitted."""
