"""Which duty desks are there: `signs` decides, purely; the rest hears, keeps and records."""
