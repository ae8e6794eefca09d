"""A probe that cannot start."""

raise ImportError("the probe fails on import")
