"""What a guard is: a sentence, the change to the controller that takes it out, and the tests that fail then.

Note: a guard that another one covers is not missed if it alone is taken out. Then both are taken out together
(``besides``), and the sentence is about both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.guards.changes import Change


@dataclass(frozen=True)
class Guard:
    """``name`` says what holds while the guard stands. Each of ``killed_by`` fails without it."""

    name: str
    change: Change
    killed_by: Sequence[str]
    besides: Sequence[Change] = ()

    @property
    def changes(self) -> Sequence[Change]:
        return self.change, *self.besides

    def problem(self, root: Path) -> str | None:
        """Returns why it cannot be taken out of a checkout, None if it can."""
        try:
            for change in self.changes:
                change.made(change.path(root).read_text("utf-8"))
        except LookupError as problem:
            return str(problem)
        return None

    @contextmanager
    def taken_out(self, root: Path) -> Iterator[None]:
        """The guard is taken out, and put back."""
        with ExitStack() as stack:
            for change in self.changes:
                stack.enter_context(_made(change, root))
            yield


@contextmanager
def _made(change: Change, root: Path) -> Iterator[None]:
    path = change.path(root)
    before, of = path.read_text("utf-8"), path.stat()
    path.write_text(change.made(before), "utf-8")
    try:
        yield
    finally:
        path.write_text(before, "utf-8")
        os.utime(path, ns=(of.st_atime_ns, of.st_mtime_ns))  # what was compiled of it is good again
