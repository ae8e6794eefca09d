"""People's requests in, JSON out."""

from __future__ import annotations

Answer = dict[str, object]
"""A person's answer, as a JSON object."""


class Unmet(Exception):
    """The request cannot be met; the text says why, and what can be asked instead."""
