"""`phoihop ledger` and `phoihop audit`: they parse and print; what is true is decided elsewhere in this service."""
