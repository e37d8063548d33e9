"""Which set decides when: the steps that put one in force, and what is on record about them."""
