"""Personal values: committed to in the ledger, locked outside it, shown where due, erased by destroying a key."""
