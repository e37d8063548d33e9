"""The edge of the reporting regime; what is owed by whom and when, the pure package `regime` decides."""
