"""Whether a configuration is as strict as promised: the bus, the keys, the environment, the ledger's roles."""
