"""CloudWatch: alarms, and the series that the gates look at."""
