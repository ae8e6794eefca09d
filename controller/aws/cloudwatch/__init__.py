"""CloudWatch: alarms, and the time series for the gates."""
