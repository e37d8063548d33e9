"""`phoihop rehearse`: plays one scripted incident over the bus as units and desks would, and checks every step."""
