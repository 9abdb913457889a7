"""`triaged replay`: stored mail classified again under other rules."""
