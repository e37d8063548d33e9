"""Makes checkpoints, keeps them and their keys outside the database, and has witnesses cosign them."""
