"""The statistics of the gates: numbers in, numbers out. Nothing here knows a deployment."""
