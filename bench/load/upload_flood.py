"""Many uploads within a minute, each for another function: when is the last recorded, and when does the last serve?

A version serves as soon as its alias carries the version.
The functions exist, the manifests have no tests, and the first step holds for hours, so that no later step takes part.
An update and a publication settle after three seconds each, which is assumed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bench.load.account import a_second_in_busiest_minute, by_operation, keeps_to
from bench.load.functions import existing
from bench.load.simulation import Simulation
from bench.row import Row
from controller.aws.dynamodb.rows import deployment_key
from controller.core.model import Routing
from tests.cloud.faults import Json
from tests.cloud.story import SETTINGS
from tests.cloud.under_way import routing
from tests.cloud.zips import zipped

_BEGINS, _WITHIN = 60.0, 60.0
_STEP = 2.0
_SETTLES = timedelta(seconds=3)
_RECORDED_BAR, _SERVING_BAR = 70.0, 1.3
_LONGEST = 3 * 3_600.0
_SEED = 3
_MANIFEST = {
    "tests": [],
    "function": {"Runtime": "python3.13", "Handler": "app.handler"},
    "strategy": {"steps": [{"weight": 10, "hold": "6h"}], "bake": "10m"},
    "deadline": "1d",
}
_BEFORE = Routing("1")


@dataclass(frozen=True, slots=True)
class Flood:
    """What came of a flood; times are seconds after its beginning, None where it did not come so far in three hours.

    ``needed`` is how long the calls of one upload alone, made for each, take at the budget of ``calls_per_second``.
    """

    uploads: int
    calls_per_second: int
    recorded_after: float | None
    serving_after: float | None
    median: float
    needed: float
    busiest_minute: float
    calls: Counter[str]
    refused: int
    versions: int
    dead_letters: int

    @property
    def calls_of_one(self) -> float:
        """Returns how many calls to Lambda an upload made on average."""
        return self.calls.total() / self.uploads


def played(uploads: int, calls_per_second: int = SETTINGS.lambda_calls_per_second) -> Flood:
    """Drops so many zips within a minute, and lets ticks go on until all serve."""
    alone = _played(1, calls_per_second, 0)
    return _played(uploads, calls_per_second, uploads * alone.calls.total() / calls_per_second)


def _played(uploads: int, calls_per_second: int, needed: float) -> Flood:
    simulation = Simulation(replace(SETTINGS, lambda_calls_per_second=calls_per_second))
    simulation.cloud.lambda_.updated_in = simulation.cloud.lambda_.published_in = _SETTLES
    functions = existing(simulation, uploads)
    dice = random.Random(_SEED)  # noqa: S311 - the same flood in every run
    for function in functions:
        simulation.at(_BEGINS + dice.random() * _WITHIN, lambda function=function: _drops(simulation, function, dice))  # type: ignore[misc]
    simulation.each_minute(round(_LONGEST / 60), simulation.tick, first=_BEGINS + 30)
    recorded, serving = _watched(simulation, functions)
    account = simulation.account
    made = account.counted()
    return Flood(
        uploads, calls_per_second, _last(recorded, uploads), _last(serving, uploads),
        sorted(serving.values())[len(serving) // 2] if serving else 0.0, needed,
        a_second_in_busiest_minute(made), by_operation(made), sum(each.refused for each in account.attempts),
        sum(len(simulation.cloud.lambda_.functions[each].versions) - 1 for each in functions),
        len(simulation.dead_letters),
    )  # fmt: skip


def _watched(simulation: Simulation, functions: Sequence[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Lets time pass until all serve; returns when each was recorded, and when each served."""
    recorded: dict[str, float] = {}
    serving: dict[str, float] = {}
    passed = 0.0
    while len(serving) < len(functions) and passed < _LONGEST:
        passed += _STEP
        simulation.run(_BEGINS + passed)
        for function in functions:
            if function not in recorded and _is_recorded(simulation, function):
                recorded[function] = passed
            if function not in serving and routing(simulation.cloud, function) != _BEFORE:
                serving[function] = passed
    return recorded, serving


def _is_recorded(simulation: Simulation, function: str) -> bool:
    return (f"{function}:live", deployment_key(1)) in simulation.cloud.table.rows


def _drops(simulation: Simulation, function: str, dice: random.Random) -> None:
    event: Json = simulation.cloud.storage.put("drop", f"{function}/v2.zip", zipped("v2", _MANIFEST))
    simulation.at(simulation.now + 0.5 + dice.random(), lambda: simulation.invoke(event, kind="upload"))


def _last(moments: dict[str, float], count: int) -> float | None:
    return max(moments.values()) if len(moments) == count else None


def judged_row(flood: Flood) -> Row:
    """Compares a flood with the bar."""
    recorded, serving = flood.recorded_after, flood.serving_after
    holds = recorded is not None and recorded <= _RECORDED_BAR
    holds = holds and serving is not None and serving <= _SERVING_BAR * flood.needed
    holds = holds and keeps_to(flood.calls_per_second, flood.busiest_minute)
    return Row(
        f"{flood.uploads:,} uploads within a minute",
        f"recorded within {_RECORDED_BAR:.0f} s, serving within {_SERVING_BAR} x {flood.needed:.0f} s at"
        f" {flood.calls_per_second} calls a second, one version each, no dead letter",
        f"recorded {_said(recorded)}, serving {_said(serving)}, {flood.calls_of_one:.1f} calls each, at"
        f" most {flood.busiest_minute:.1f} a second,"
        f" {flood.versions:,} versions by {flood.calls['PublishVersion']:,} calls, {flood.dead_letters} dead letters",
        holds and not flood.dead_letters and flood.versions == flood.uploads == flood.calls["PublishVersion"],
        {
            "recorded_after_seconds": recorded or 0,
            "serving_after_seconds": serving or 0,
            "median_seconds": flood.median,
            "calls_of_one": round(flood.calls_of_one, 2),
            "calls_a_second": round(flood.busiest_minute, 1),
            "publications": flood.calls["PublishVersion"],
            "refused": flood.refused,
            "dead_letters": flood.dead_letters,
        },
    )


def _said(seconds: float | None) -> str:
    return "NOT ALL" if seconds is None else f"after {seconds:.0f} s"
