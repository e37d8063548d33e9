"""Breaks the running system by a plan that a seed fixes, or by a scenario, and judges it by a checker of its own.

Not covered: several hubs, and the doors for people.
"""
