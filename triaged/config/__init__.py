"""Strict reading of triaged.yaml and policy.yaml, with a line number for every fault."""
