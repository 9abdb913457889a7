"""Cases: the events that happen to a report, the letters it is owed, and the state they add up to."""
