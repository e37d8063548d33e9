"""The decision itself: facts in, lead and everybody else out, with the truth of each condition."""
