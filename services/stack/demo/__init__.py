"""`phoihop demo`: replays a scenario on a stack of its own, as units and desks would, and checks what came of it."""
