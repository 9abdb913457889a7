"""Bytes to text and parts: MIME as mail clients read it, charsets as people label them. Total over any bytes, and linear."""
