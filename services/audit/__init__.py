"""The record: every fact in order, in a ledger that verifies."""
