"""S3: what was dropped."""
