"""What lies under state_dir beside the store, and how it gets there durably."""
