"""People's requests in, JSON out."""

from __future__ import annotations

Answer = dict[str, object]
"""A person's answer, as a JSON object."""
