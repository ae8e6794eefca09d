"""How CloudWatch computes metrics and evaluates alarms."""
