"""A witness for other people's ledgers: its doors, its answers, its states on disk."""
