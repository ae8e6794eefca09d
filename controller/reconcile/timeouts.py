"""The run times of a deployment's requests, by the versions' Timeouts."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol


class HasTimeouts(Protocol):
    """Answers how long a request of a version may run."""

    def timeout(self, function: str, version: str) -> timedelta: ...


def longest_timeout(asked: HasTimeouts, function: str, *versions: str) -> timedelta:
    """Returns the longest run time of a request of these versions. Raises Refused if one is gone."""
    return max(asked.timeout(function, version) for version in versions)
