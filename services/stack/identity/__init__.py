"""Who may connect to the bus and touch what: the scheme, its form for the server, the keys and the commands."""
