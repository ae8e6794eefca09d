"""What IAM is asked about, and about whom."""
