"""S3: the uploaded artifacts."""
