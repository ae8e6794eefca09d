"""The gates: reasons to hold the next step, or to roll back. ``order`` lists all gates; each is one file."""
