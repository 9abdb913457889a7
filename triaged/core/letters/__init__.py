"""What we write to reporters, how often, and for how long it stays true."""
