"""A team's deployment settings: ``slipway.json``, checked and turned into types."""
