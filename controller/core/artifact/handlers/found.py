"""What looking for a handler came to. None is an answer, too: nobody can tell from the zip alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """``files`` are entries of the zip, in the order in which the runtime loads them.

    ``executed`` says that they are started as programs.
    """

    files: tuple[str, ...]
    executed: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """The handler is in one of these entries of the zip, or in none: nobody looks into them."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """The runtime would fail at every invocation; ``because`` is the sentence for the person who dropped the zip."""

    because: str
