"""Any bytes to a Message: total and linear."""
