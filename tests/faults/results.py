"""What sweeps came to, in numbers and in words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Row:
    """What came of one kind of trouble. ``injected`` are the calls that were made to fail.

    ``wrong`` are the stories in which a rule was broken; the others ended as undisturbed, or otherwise and right.
    """

    stories: int = 0
    injected: int = 0
    as_undisturbed: int = 0
    wrong: int = 0

    def add(self, other: Row) -> None:
        self.stories += other.stories
        self.injected += other.injected
        self.as_undisturbed += other.as_undisturbed
        self.wrong += other.wrong


@dataclass
class Swept:
    """What sweeps came to; ``rows`` are by what was broken, and ``wrong`` says each thing that went wrong."""

    scenarios: int = 0
    calls: int = 0
    rows: dict[str, Row] = field(default_factory=lambda: defaultdict(Row))
    wrong: list[str] = field(default_factory=list)

    @property
    def injected(self) -> int:
        return sum(row.injected for row in self.rows.values())

    def __str__(self) -> str:
        return (
            f"{self.scenarios} scenarios, {self.calls} calls, {self.injected} faults injected,"
            f" {len(self.wrong)} violations"
        )

    def count(self, broken: str, injected: int, wrong: list[str], *, as_undisturbed: bool = True) -> None:
        """Counts one story, and says what is wrong with it."""
        self.rows[broken].add(Row(1, injected, int(as_undisturbed and not wrong), int(bool(wrong))))
        self.wrong += wrong

    def add(self, other: Swept) -> None:
        self.scenarios += other.scenarios
        self.calls += other.calls
        for broken, row in other.rows.items():
            self.rows[broken].add(row)
        self.wrong += other.wrong
