"""A person's words in, JSON out."""

from __future__ import annotations

Answer = dict[str, object]
"""What a person gets, as a JSON object."""
