"""Taking a person out of everything that is kept, while what they found and every figure stay."""
