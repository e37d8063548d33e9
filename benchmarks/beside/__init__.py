"""Peers that do the whole job of a report beside us, each one file; start reading at `running.py`."""
