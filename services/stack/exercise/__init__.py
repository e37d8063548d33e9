"""`phoihop exercise`: plans exercises from scenarios, lists them, calls them off."""
