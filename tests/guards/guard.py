"""What a guard is: a sentence, the change to the controller that takes it out, and the tests that fail then."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.guards.changes import Change


@dataclass(frozen=True)
class Guard:
    """``name`` says what holds while the guard stands. Each of ``killed_by`` fails without it."""

    name: str
    change: Change
    killed_by: Sequence[str]

    def problem(self, root: Path) -> str | None:
        """Returns why it cannot be taken out of a checkout, None where it can."""
        try:
            self.change.made(self.change.path(root).read_text("utf-8"))
        except LookupError as problem:
            return str(problem)
        return None

    @contextmanager
    def taken_out(self, root: Path) -> Iterator[None]:
        """The guard is taken out, and put back."""
        path = self.change.path(root)
        before, of = path.read_text("utf-8"), path.stat()
        path.write_text(self.change.made(before), "utf-8")
        try:
            yield
        finally:
            path.write_text(before, "utf-8")
            os.utime(path, ns=(of.st_atime_ns, of.st_mtime_ns))  # what was compiled of it is good again
