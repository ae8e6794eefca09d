"""What happens from an invocation's request to its metrics."""
