"""What a run found, for people as a table and for programs as JSON (``report.schema.json``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from live.outcomes import Outcome, Verdict

_STYLES = {
    Verdict.AS_EXPECTED: "green",
    Verdict.OTHERWISE: "bold red",
    Verdict.NOT_SHOWN: "dim",
    Verdict.NOT_FOUND_OUT: "yellow",
}
_PLAIN_WIDTH = 150
"""Letters of a line where stdout is no terminal."""


@dataclass(frozen=True, slots=True)
class Report:
    """One run: what came of each fact that was asked for, and what could not be removed."""

    name: str
    region: str
    embedded: bool
    began: datetime
    ended: datetime
    outcomes: Sequence[Outcome]
    interrupted: bool
    kept: bool
    left: Sequence[str]

    @property
    def is_good(self) -> bool:
        """Is every fact as expected, or not to be shown here, and nothing left behind?"""
        good = {Verdict.AS_EXPECTED, Verdict.NOT_SHOWN}
        return not self.interrupted and not self.left and all(each.verdict in good for each in self.outcomes)

    def as_json(self) -> dict[str, object]:
        """Returns the report as ``report.schema.json`` has it."""
        return {
            "name": self.name,
            "region": self.region,
            "embedded": self.embedded,
            "began": self.began.isoformat(timespec="seconds"),
            "ended": self.ended.isoformat(timespec="seconds"),
            "ok": self.is_good,
            "interrupted": self.interrupted,
            "facts": [
                {
                    "fact": each.fact.number,
                    "asks": each.fact.asks,
                    "expected": each.fact.expected,
                    "found": each.found,
                    "verdict": each.verdict.value,
                    **({"means": each.fact.otherwise} if each.verdict is Verdict.OTHERWISE else {}),
                }
                for each in self.outcomes
            ],
            "kept": self.kept,
            "left": list(self.left),
        }

    def show(self, console: Console) -> None:
        """Prints the table, what each fact that is otherwise means, and what is left."""
        table = Table("fact", "asks", "expected", "found", "", box=box.SIMPLE_HEAD, pad_edge=False)
        for each in self.outcomes:
            verdict = Text(each.verdict.value, style=_STYLES[each.verdict])
            table.add_row(each.fact.number, *map(Text, (each.fact.asks, each.fact.expected, each.found)), verdict)
        console.print(table)
        for each in self.outcomes:
            if each.verdict is Verdict.OTHERWISE:
                console.print(Text(f"{each.fact.number} is otherwise: {each.fact.otherwise}."))
        for problem in self.left:
            console.print(Text(f"left behind: {problem}", style="bold red"))
        console.print(Text(self._summary()))

    def _summary(self) -> str:
        counts = {verdict: sum(each.verdict is verdict for each in self.outcomes) for verdict in Verdict}
        said = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
        minutes = (self.ended - self.began).total_seconds() / 60
        return f"{self.name} in {self.region}, {minutes:.0f} minutes: {said or 'nothing was asked'}"


def console() -> Console:
    """Returns the console of stdout; wide enough for the table where it is a file or a pipe."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)
