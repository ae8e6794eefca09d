"""What keeps a deployment from its next step, and what brings it back: ``order`` has all gates, each is one file."""
