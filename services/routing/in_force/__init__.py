"""Which regulation set and register decide at a moment: what is on record about them, and how a set is put in force."""
