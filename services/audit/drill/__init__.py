"""Attacks really done to copies of a ledger, and what the verification finds of each."""
