"""The list of administrative units: where it comes from, how it differs from its source, and finding a unit in it."""
