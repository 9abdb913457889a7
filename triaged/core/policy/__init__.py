"""What the team decided and promises, as frozen values."""
