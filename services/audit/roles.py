"""Names the ledger's schema and the database roles that may own, write and read it. The migrations make them."""

from typing import Final

SCHEMA: Final = "audit"
OWNER: Final = "phoihop_audit_owner"
"""Owns everything, may not log in."""
WRITER: Final = "phoihop_audit_writer"
"""May insert, and see only what continuing the ledger needs: ends, hashes, times. No body, no subject, no id."""
READER: Final = "phoihop_audit_reader"
"""May select."""
