"""The services: each a function from one event to the next events, everything impure at the rim."""
