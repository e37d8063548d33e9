"""Photographs of reports: what may come in, keeping it, and showing it to those it was dispatched to."""
