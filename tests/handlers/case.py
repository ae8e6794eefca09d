"""One row of a table: a zip's files, a handler, and what the runtime makes of the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.core.artifact.handlers import Startup
from controller.core.artifact.zip.archive import Archive


@dataclass(frozen=True)
class Loads:
    """The runtime loads these, the handler's own file last."""

    files: tuple[str, ...]


@dataclass(frozen=True)
class Refused:
    """The runtime fails. ``words`` stand in what the person is told."""

    words: str = ""


@dataclass(frozen=True)
class Case:
    """``source`` says who knows. ``expected`` is None where nobody can tell from the zip alone."""

    source: str
    runtime: str
    handler: str
    files: tuple[str, ...]
    expected: Loads | Refused | None
    machine: str | None = "x86_64"
    has_layers: bool = False
    variables: Mapping[str, str] | None = field(default_factory=dict)
    is_asked: bool = True
    """Can the runtime's client be asked, by loading alone and with files that a test can write?"""
    contents: Mapping[str, str] = field(default_factory=dict)
    """What is in a file where that decides, for the runtime's client; the controller does not read it."""

    def __str__(self) -> str:
        variables = "variables not shown" if self.variables is None else " ".join(map("=".join, self.variables.items()))
        settings = f"{variables} {self.machine or ''} {'layers' if self.has_layers else ''}"
        return f"{self.runtime} {self.handler} of {' '.join(self.files)} {settings}".rstrip()

    @property
    def loaded(self) -> tuple[str, ...]:
        """The files that the runtime loads, none where it fails or where nobody can tell."""
        if self.expected is ALL:
            return self.files
        return self.expected.files if isinstance(self.expected, Loads) else ()

    @property
    def startup(self) -> Startup:
        return Startup(self.handler, self.runtime, self.machine, self.has_layers, self.variables)

    @property
    def archive(self) -> Archive:
        return Archive(self.files, 0, None)


def loads(*files: str) -> Loads:
    return Loads(files)


ALL = loads()
"""The runtime loads all of the zip's files, in that order."""
