"""Recomputes the whole ledger from its stored bytes, in several processes, and holds it against what was kept."""
