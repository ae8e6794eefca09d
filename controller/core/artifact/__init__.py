"""The uploaded artifact: its S3 key, the zip, the handler's file in the zip, checksums and test payloads."""
