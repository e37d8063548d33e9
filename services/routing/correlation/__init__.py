"""Recognises which open incident a report is about. It decides nothing about the incident itself."""
