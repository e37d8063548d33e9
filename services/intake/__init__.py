"""The field's door: bytes in, receipt out. Knows formats, identity, validity, duplicates; nothing of routing."""
