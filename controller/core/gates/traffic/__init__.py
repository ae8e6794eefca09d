"""Do enough requests reach the canary? By their number, by their share, and in the bake by whether any come."""
