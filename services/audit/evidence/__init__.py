"""What an auditor takes away: proofs, texts, timeline and the verifier that stands alone."""
