"""A deployment's life: its phases, the effect of events, and AWS's missing state."""
