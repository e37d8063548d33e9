"""The operators' pages: how everything runs, what the interfaces are, and the way to each section."""
