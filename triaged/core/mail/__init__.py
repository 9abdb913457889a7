"""Read mail: what arrived, who sent it, and whether it may be answered."""
