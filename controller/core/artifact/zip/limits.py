"""The limits of a zip: Lambda's own, and those that keep the check of a hostile zip small."""

from __future__ import annotations

MAX_UNZIPPED = 262_144_000
"""In bytes. Source: AWS Lambda developer guide, Lambda quotas, deployment package size, 2026-11."""
MAX_ENTRIES = 100_000
"""Slipway's own limit: it keeps the check's time and memory small."""
MAX_DIRECTORY_SIZE = 128 * MAX_ENTRIES
"""In bytes. Slipway's own limit, for the same reason."""
MAX_LINKS = 10_000
"""Slipway's own limit: it keeps the check's time and memory small."""
MAX_FILE_SIZE = 256 * 1024
"""In bytes: the limit of the manifest, and of each file named by it."""
