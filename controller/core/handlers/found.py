"""What looking for a handler came to. A third answer is None: nobody can tell from the zip alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """``files`` are entries of the zip, in the order in which the runtime loads them."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """The runtime would fail at every invocation; ``because`` is the sentence for the person who dropped the zip."""

    because: str
