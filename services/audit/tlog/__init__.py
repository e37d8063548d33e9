"""The transparency log as the standards define it (RFC 9162, C2SP): tree, proofs, notes, checkpoints, witnesses."""
