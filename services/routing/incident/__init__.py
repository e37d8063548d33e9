"""The life of one incident as pure decisions: commands in, facts out. It reads no clock and stores nothing."""
