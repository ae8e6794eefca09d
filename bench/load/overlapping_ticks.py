"""Many steps due at once: ticks of more than a minute have the next ones beside them. Do they share the work?

Each deployment is at the end of its first step, without gates, and wants its alias written and read back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bench.load.account import a_second_in_busiest_minute, by_operation, keeps_to
from bench.load.functions import named
from bench.load.simulation import Simulation
from bench.row import Row
from tests.cloud.story import SETTINGS
from tests.cloud.under_way import HALF, routing, under_way

_FIRST = 330.0
_LONGEST = 3_600
_BAR = 1.3


@dataclass(frozen=True, slots=True)
class Overlap:
    """What the ticks did; ``needed`` is how many seconds the calls of one such step, made for each, take at the budget.

    ``all_after`` is None where not every alias has its next weight within an hour.
    """

    steps: int
    all_after: float | None
    needed: float
    busiest_minute: float
    calls: Counter[str]
    dead_letters: int


def played(steps: int) -> Overlap:
    """Lets so many steps end at once, and ticks go on until all aliases are written."""
    alone = _played(1, 0)
    return _played(steps, steps * alone.calls.total() / SETTINGS.lambda_calls_per_second)


def _played(steps: int, needed: float) -> Overlap:
    simulation = Simulation()
    functions = named(steps)
    for function in functions:
        under_way(simulation.cloud, function)
    simulation.each_minute(_LONGEST // 60, simulation.tick, first=_FIRST)
    passed, waiting = _FIRST, set(functions)
    while waiting and passed < _LONGEST:
        passed += 1
        simulation.run(passed)
        waiting = {each for each in waiting if routing(simulation.cloud, each) != HALF}
    written_after = None if waiting else passed - _FIRST
    simulation.run(passed + 30)  # the last one is read back
    made = simulation.account.counted()
    dead_letters = len(simulation.dead_letters)
    return Overlap(steps, written_after, needed, a_second_in_busiest_minute(made), by_operation(made), dead_letters)


def judged_row(overlap: Overlap) -> Row:
    """Compares the ticks with the bar."""
    after, writes, budget = overlap.all_after, overlap.calls["UpdateAlias"], SETTINGS.lambda_calls_per_second
    holds = after is not None and after <= _BAR * overlap.needed and keeps_to(budget, overlap.busiest_minute)
    return Row(
        f"{overlap.steps:,} steps due at once",
        f"written within {_BAR} x {overlap.needed:.0f} s, each once, at most {budget} calls a second in a minute",
        f"{'NOT ALL' if after is None else f'the last after {after:.0f} s'}, {writes:,} writes,"
        f" {overlap.busiest_minute:.1f} calls a second",
        holds and writes == overlap.steps and not overlap.dead_letters,
        {
            "all_after_seconds": after or 0,
            "writes": writes,
            "calls": overlap.calls.total(),
            "calls_a_second": round(overlap.busiest_minute, 1),
            "dead_letters": overlap.dead_letters,
        },
    )
