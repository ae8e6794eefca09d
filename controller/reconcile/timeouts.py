"""The run times of a deployment's requests, by the versions' Timeouts."""

from __future__ import annotations

from datetime import timedelta

from controller.context import Context


def longest_timeout(context: Context, function: str, *versions: str) -> timedelta:
    """Returns the longest run time of a request of these versions. Raises Refused if one is gone."""
    return max(context.aws.versions.timeout(function, version) for version in versions)
