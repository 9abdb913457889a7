"""`triaged replay`: classifies stored mail again under other rules."""
