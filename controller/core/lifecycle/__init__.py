"""A deployment's phases: what an event changes, and what AWS still lacks."""
