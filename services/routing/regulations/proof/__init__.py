"""The proof of a set against a register: every case its closed conditions can tell apart is tried."""
