"""Measures what the project promises, beside its peers, in one run. Nothing here is part of the product."""
