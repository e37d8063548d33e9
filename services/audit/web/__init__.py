"""The pages of the auditors: /review. They read as the ledger's reader, and every reading is recorded first."""
