"""Reports about a period and an area: which are owed by whom and when, what came, what is missing. Pure."""
