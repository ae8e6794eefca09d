"""Deployments whose gates look at every minute: is each looked at, and what do the looks cost?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from bench.load.functions import judged
from bench.load.simulation import Simulation
from bench.row import Row

_WARMS_UP, _MINUTES = 2, 6
_LONGEST_GAP = 75.0
_ALIASES_IN_TURN = 1 / 15 + 0.02
"""The aliases read for each look: one in fifteen, and by chance some more of those whose turn a few minutes have."""
_METRICS_OF_A_HUNDRED = 1.0


@dataclass(frozen=True, slots=True)
class Looks:
    """What the ticks of some minutes did. ``counted`` are the calls to Lambda that the account shares; ``writes`` are
    those to the table.
    """

    open: int
    looks: int
    longest_gap: float
    counted: int
    counted_a_second: float
    metrics: int
    writes: int
    dead_letters: int


def played(count: int) -> Looks:
    """Lets ticks look at so many deployments that nothing is wrong with."""
    simulation = Simulation()
    functions = judged(simulation, count)
    simulation.each_minute(_MINUTES, simulation.cloud.minute, first=30)
    simulation.each_minute(_MINUTES, simulation.tick)
    begins, ends = 60.0 * _WARMS_UP, 60.0 * (_MINUTES + 1)
    simulation.run(ends)
    asked = [each for each in simulation.account.taken("GetMetricData") if each.at >= begins]
    looked_at: dict[str, list[float]] = defaultdict(list)
    for each in asked:
        for function in each.about:
            looked_at[function].append(each.at)
    counted = [each for each in simulation.account.counted() if each.at >= begins]
    return Looks(
        count,
        sum(map(len, looked_at.values())),
        max(_longest_gap([begins, *looked_at[function], ends]) for function in functions),
        len(counted),
        len(counted) / (ends - begins),
        len(asked),
        sum(each.at >= begins for each in simulation.account.taken("PutItem")),
        len(simulation.dead_letters),
    )


def judged_row(looks: Looks) -> Row:
    """Compares the looks with the bar."""
    aliases, metrics = looks.counted / looks.looks, 100 * looks.metrics / looks.looks
    holds = aliases <= _ALIASES_IN_TURN and metrics <= _METRICS_OF_A_HUNDRED and looks.longest_gap <= _LONGEST_GAP
    return Row(
        f"{looks.open:,} deployments, judged each minute",
        f"each within {_LONGEST_GAP:.0f} s; calls to Lambda only for 1 alias in 15; 1 to CloudWatch for 100",
        f"{looks.longest_gap:.0f} s; {aliases:.3f} aliases a look, {looks.counted_a_second:.1f} a second;"
        f" {metrics:.1f} calls to CloudWatch for 100",
        holds and not looks.dead_letters,
        {
            "longest_gap_seconds": round(looks.longest_gap),
            "aliases_of_a_look": round(aliases, 3),
            "metrics_calls_of_a_hundred": round(metrics, 2),
            "writes_of_a_look": round(looks.writes / looks.looks, 2),
        },
    )


def _longest_gap(moments: list[float]) -> float:
    return max(later - earlier for earlier, later in pairwise(moments))
