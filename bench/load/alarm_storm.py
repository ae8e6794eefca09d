"""Many own alarms at once, or within a minute: when is the last alias back?

Each event goes to both aliases of the controller, as the template has it, and ticks come meanwhile.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load.account import CALLS_A_SECOND, by_operation
from bench.load.functions import judged, own_alarm_event
from bench.load.simulation import Simulation
from bench.row import Row
from tests.cloud.under_way import STABLE, own_alarm, routing

_STARTS = 120.0
_LONGEST = 2_400
_COMES_TO_REST = 900.0
_ALIASES = ("live", "previous")
_BAR = 1.3
_CALLS_OF_ONE = 3
_SEED = 3


@dataclass(frozen=True, slots=True)
class Storm:
    """What came of a storm; times are seconds. ``back_after`` is None where an alias is not back in 40 minutes."""

    alarms: int
    within: float
    back_after: float | None
    median: float
    dead_letters: int
    most_at_once: int
    calls: dict[str, int]
    refused: int

    @property
    def least(self) -> float:
        """How long one read and one write for each alarm take at the account's limit."""
        return 2 * self.alarms / CALLS_A_SECOND


def played(alarms: int, within: float) -> Storm:
    """Lets so many alarms fire within so many seconds."""
    simulation = Simulation()
    functions = judged(simulation, alarms)
    dice = random.Random(_SEED)  # noqa: S311 - the same storm in every run
    moments = {function: _STARTS + dice.random() * within for function in functions}
    for function, moment in moments.items():
        simulation.at(moment, lambda function=function: _fires(simulation, function, dice))  # type: ignore[misc]
    simulation.each_minute(40, simulation.tick, first=_STARTS + 30)
    back = simulation.run(_STARTS) or any(
        simulation.run(_STARTS + second) or _are_back(simulation, functions) for second in range(1, _LONGEST)
    )
    account = simulation.account
    calls, refused = dict(by_operation(account.counted())), sum(each.refused for each in account.attempts)
    written: dict[str, float] = {}
    for each in account.taken("UpdateAlias"):
        written.setdefault(each.function, each.at)
    if back:
        simulation.run(simulation.now + _COMES_TO_REST)
    delays = sorted(written[each] - moments[each] for each in functions if each in written)
    return Storm(
        alarms, within, max(written.values()) - _STARTS if back else None, delays[len(delays) // 2],
        len(simulation.dead_letters), simulation.most_at_once, calls, refused,
    )  # fmt: skip


def _are_back(simulation: Simulation, functions: Sequence[str]) -> bool:
    return all(routing(simulation.cloud, each) == STABLE for each in functions)


def _fires(simulation: Simulation, function: str, dice: random.Random) -> None:
    simulation.cloud.cloudwatch.move(own_alarm(function), "ALARM")
    for alias in _ALIASES:
        told = simulation.now + 0.5 + dice.random()
        simulation.at(told, lambda alias=alias: simulation.invoke(own_alarm_event(function), alias, "alarm"))  # type: ignore[misc]


def judged_row(storm: Storm) -> Row:
    """Compares a storm with the bar."""
    how = "at once" if not storm.within else f"within {storm.within:.0f} s"
    back = "NOT ALL" if storm.back_after is None else f"the last after {storm.back_after:.1f} s"
    return Row(
        f"{storm.alarms:,} alarms {how}",
        f"aliases back in {_BAR} x {storm.least:.1f} s, no dead letter",
        f"{back}, median {storm.median:.1f} s, {storm.dead_letters} dead letters",
        storm.back_after is not None and storm.back_after <= _BAR * storm.least and not storm.dead_letters,
        {
            "back_after_seconds": round(storm.back_after or 0, 1),
            "median_seconds": round(storm.median, 1),
            "dead_letters": storm.dead_letters,
            "controllers_at_once": storm.most_at_once,
            "calls": sum(storm.calls.values()),
            "refused": storm.refused,
        },
    )


def one_alarm() -> Row:
    """Counts the calls of one alarm, told to both controllers, until the next tick."""
    simulation = Simulation()
    (function,) = judged(simulation, 1)
    simulation.at(_STARTS, lambda: _fires(simulation, function, random.Random(_SEED)))  # noqa: S311 - as above
    simulation.run(_STARTS + 30)
    calls = by_operation(simulation.account.counted())
    is_back = routing(simulation.cloud, function) == STABLE
    return Row(
        "one alarm, both controllers",
        f"{_CALLS_OF_ONE} calls to Lambda",
        ", ".join(f"{count} {operation}" for operation, count in calls.items())
        + ("" if is_back else "; THE ALIAS IS NOT BACK"),
        is_back and calls.total() <= _CALLS_OF_ONE,
        {"calls": calls.total()},
    )
