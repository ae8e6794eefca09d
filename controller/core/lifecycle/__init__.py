"""Which phase a deployment is in, what an event changes, and what AWS still lacks for it."""
