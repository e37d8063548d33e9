"""Planned exercises: put on record, scheduled at the server, filed as the units' own reports in the exercise space."""
