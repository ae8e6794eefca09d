"""The results of looking for a handler. None is a fourth result: the zip alone cannot tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """The zip's entries for the handler, in the order of loading; ``executed`` is True if they are started as
    programs.
    """

    files: tuple[str, ...]
    executed: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """The handler is inside one of these jars, or missing; jars are not opened."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """The runtime would fail at every invocation; ``because`` is the sentence for the uploader."""

    because: str
