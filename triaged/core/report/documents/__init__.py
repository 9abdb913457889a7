"""Reports that arrive as data: which forms are known, and what they tell. Pure, bounded, and total for any octets."""
