"""The files under state_dir other than the store, and the durable way to write them."""
