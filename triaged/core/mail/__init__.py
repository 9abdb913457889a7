"""What arrived, from whom, and whether it may be answered."""
