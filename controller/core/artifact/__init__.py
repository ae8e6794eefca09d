"""What is dropped: its key in the bucket, the zip, the handler's file in it, its checksums and test payloads."""
