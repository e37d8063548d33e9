"""Breaks the running system by a plan that a seed fixes, and judges it by a checker that shares no code with it.

Not covered: disk full, slow disk, clock steps, flipped bits, power cuts, restores of old backups, several hubs.
"""
