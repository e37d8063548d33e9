"""Coordination law as data: decides who leads, coordinates and is told, and explains it. Pure; knows no server."""
