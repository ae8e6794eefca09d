"""What a team wants of its deployments: ``slipway.json``, checked and turned into types."""
