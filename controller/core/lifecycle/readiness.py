"""Whether a version can serve, and what people are told where it cannot yet.

    Readiness("1", "Inactive", "SnapStart is not ready ...")   nobody invoked it for weeks; an invocation has woken it
    Readiness("1", "Pending")                                  Lambda makes ready what it needs
    Readiness("1", "Active")                                   it serves

What keeps a version Inactive is that nobody invokes it, so the version that a backup alias keeps is the usual one.
"""

from __future__ import annotations

from dataclasses import dataclass

INACTIVE = "Inactive"


@dataclass(frozen=True, slots=True)
class Readiness:
    """A version's state in AWS's own word, empty where AWS says none. ``said`` is what Lambda answered to the
    invocation that was to wake it.

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
        """Says what the state means for callers, and what was done about it."""
        refuses = f"version {self.version} is {self.state}: Lambda refuses its requests until it is Active"
        if self.state != INACTIVE:
            return refuses
        said = f" (Lambda says: {self.said})" if self.said else ""
        return f"{refuses}. Nobody has invoked it for weeks, so Slipway wakes it by an invocation{said}"
