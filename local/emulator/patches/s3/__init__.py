"""S3's events and ranged reads."""
