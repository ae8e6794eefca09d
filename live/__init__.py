"""Finds out, in an AWS account of yours, what only a live account can tell: ``python -m live``, or ``make live``."""
