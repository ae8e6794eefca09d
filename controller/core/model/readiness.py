"""Whether a version can serve, and what people are told if it cannot yet.

    Readiness("1", "Inactive", "SnapStart is not ready ...")   not invoked for weeks; an invocation has woken it
    Readiness("1", "Pending")                                  Lambda is making it ready
    Readiness("1", "Active")                                   it serves

A version becomes Inactive if nobody invokes it, as is usual for the version kept by a backup alias.
"""

from __future__ import annotations

from dataclasses import dataclass

INACTIVE = "Inactive"


@dataclass(frozen=True, slots=True)
class Readiness:
    """A version's state in AWS's word, empty if AWS gives none. ``said`` is Lambda's answer to the waking invocation.

    Source: Lambda developer guide, function states (a version in a VPC that is idle for weeks) and SnapStart (a version
    that is not invoked for 14 days), 2026-11.
    """

    version: str
    state: str
    said: str = ""

    @property
    def is_ready(self) -> bool:
        return self.state in ("Active", "")

    def in_words(self) -> str:
        """Says the state's consequence for callers, and Slipway's reaction."""
        refuses = f"version {self.version} is {self.state}: Lambda refuses its requests until it is Active"
        if self.state != INACTIVE:
            return refuses
        said = f" (Lambda says: {self.said})" if self.said else ""
        return f"{refuses}. Nobody has invoked it for weeks, so Slipway wakes it by an invocation{said}"
