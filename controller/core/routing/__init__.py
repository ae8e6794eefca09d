"""What the alias should carry, and what its descriptions say."""
