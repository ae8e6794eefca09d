"""Deployments whose gates look at every minute: is each looked at, and what do the looks cost?"""

from __future__ import annotations

from dataclasses import dataclass

from bench.load.functions import judged
from bench.load.simulation import Simulation
from bench.row import Row
from tests.cloud.story import TICK

_WARMS_UP, _MINUTES = 3, 9
_LONGEST_GAP = 75.0
_CALLS_OF_A_LOOK = 1.1


@dataclass(frozen=True, slots=True)
class Looks:
    """What the ticks of some minutes did; ``calls`` are those to Lambda that the account shares, for each look."""

    open: int
    longest_gap: float
    calls: float
    calls_a_second: float
    dead_letters: int


def played(count: int) -> Looks:
    """Lets ticks look at so many deployments that nothing is wrong with."""
    simulation = Simulation()
    functions = judged(simulation, count)
    simulation.each_minute(_MINUTES, simulation.cloud.minute, first=30)
    simulation.each_minute(_MINUTES, lambda: simulation.invoke(TICK))
    ends = 60.0 * (_MINUTES + 1)
    simulation.run(ends)
    begins = 60.0 * _WARMS_UP
    reads = [each for each in simulation.account.taken("GetAlias") if each.at >= begins]
    gaps = []
    for function in functions:
        looks = sorted(each.at for each in reads if each.function == function)
        gaps.append(max(later - earlier for earlier, later in zip([begins, *looks], [*looks, ends], strict=True)))
    made = [each for each in simulation.account.counted() if each.at >= begins]
    asked = [each for each in simulation.account.taken("GetMetricData") if each.at >= begins]
    return Looks(
        count, max(gaps), len(made) / max(1, len(asked)), len(made) / (ends - begins), len(simulation.dead_letters)
    )


def judged_row(looks: Looks) -> Row:
    """Compares the looks with the bar."""
    return Row(
        f"{looks.open:,} deployments, judged each minute",
        f"{_CALLS_OF_A_LOOK} calls to Lambda a look, each within {_LONGEST_GAP:.0f} s",
        f"{looks.calls:.2f} calls a look, {looks.calls_a_second:.1f} a second, longest gap {looks.longest_gap:.0f} s",
        looks.calls <= _CALLS_OF_A_LOOK and looks.longest_gap <= _LONGEST_GAP and not looks.dead_letters,
        {"calls_of_a_look": round(looks.calls, 2), "longest_gap_seconds": round(looks.longest_gap)},
    )
