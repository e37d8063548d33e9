"""The ledger's schema, revision by revision, hand-written; it only ever goes forward."""
