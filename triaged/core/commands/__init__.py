"""What people may tell triaged to do with a case, and how they write it."""
