"""How long requests of a deployment may run, by the Timeouts that Lambda tells of its versions."""

from __future__ import annotations

from datetime import timedelta

from controller.context import Context


def longest_timeout(context: Context, function: str, *versions: str) -> timedelta:
    """Returns how long a request of any of these versions may run. Raises Refused where one is gone."""
    return max(context.aws.versions.timeout(function, version) for version in versions)
