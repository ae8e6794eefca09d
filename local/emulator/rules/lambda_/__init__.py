"""How Lambda answers, publishes, routes by weight, retries and counts."""
