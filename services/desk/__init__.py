"""The duty desk's door: what is addressed to it, live and after any outage, and what it does."""
