"""The statistics of the gates, as pure functions of numbers: deployments and AWS are unknown here."""
