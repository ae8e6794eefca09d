"""CloudWatch's alarms and metrics."""
