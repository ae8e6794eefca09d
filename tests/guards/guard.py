"""What a guard is: a sentence, the text of the controller that keeps it, and the tests that say so.

Note: a guard that another one covers is not missed where it alone is taken out. Then both are taken out together
(``besides``), and the sentence is about both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Change:
    """A text that stands once in a file, and what stands there where the guard is taken out."""

    file: str
    text: str
    becomes: str

    def problem(self, root: Path) -> str | None:
        """Returns why it cannot be made in a checkout, None where it can."""
        found = (root / self.file).read_text("utf-8").count(self.text)
        return None if found == 1 else f"{self.file} has this text {found} times, not once: {self.text!r}"

    @contextmanager
    def made(self, root: Path) -> Iterator[None]:
        """The change is made, and unmade."""
        path = root / self.file
        before, of = path.read_text("utf-8"), path.stat()
        path.write_text(before.replace(self.text, self.becomes), "utf-8")
        try:
            yield
        finally:
            path.write_text(before, "utf-8")
            os.utime(path, ns=(of.st_atime_ns, of.st_mtime_ns))  # what was compiled of it is good again


@dataclass(frozen=True)
class Guard:
    """``name`` says what holds while the guard stands. Each of ``killed_by`` fails without it."""

    name: str
    file: str
    text: str
    becomes: str
    killed_by: Sequence[str]
    besides: Sequence[Change] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        return Change(self.file, self.text, self.becomes), *self.besides

    def problem(self, root: Path) -> str | None:
        """Returns why it cannot be taken out of a checkout, None where it can."""
        return next((problem for change in self.changes if (problem := change.problem(root))), None)

    @contextmanager
    def taken_out(self, root: Path) -> Iterator[None]:
        """The guard is taken out, and put back."""
        with ExitStack() as stack:
            for change in self.changes:
                stack.enter_context(change.made(root))
            yield
