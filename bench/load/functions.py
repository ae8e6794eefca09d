"""Functions of the account: each with deployment 42 in its first step, version 3 with 10 % over version 2, or none."""

from __future__ import annotations

import json
from pathlib import Path

from bench.load.simulation import Simulation
from controller.core.statistics.shift import Shift
from tests.builders import NOW, PAST, manifest
from tests.cloud.faults import Json
from tests.cloud.under_way import live, under_way, with_versions

_JUDGED = {
    "strategy": {"steps": [{"weight": 10, "hold": "6h"}, {"weight": 50, "hold": "10m"}], "bake": "10m"},
    "gates": {},
    "deadline": "1d",
}


def named(count: int) -> list[str]:
    """Returns the names of so many functions."""
    return [f"function-{number:05}" for number in range(count)]


def judged(simulation: Simulation, count: int) -> list[str]:
    """Puts so many functions whose error gate looks at every minute, and knows the day before; returns their names.

    Each serves 1,000 requests a minute, and none fails.
    """
    functions = named(count)
    for function in functions:
        under_way(simulation.cloud, function, manifest=manifest(**_JUDGED), shift=Shift(PAST).in_step(NOW, 1000))
        simulation.cloud.counted[function, live(function).alias] = {"2": (900, 0), "3": (100, 0)}
    return functions


def existing(simulation: Simulation, count: int) -> list[str]:
    """Puts so many functions without a deployment, whose aliases carry version 1; returns their names."""
    functions = named(count)
    for function in functions:
        with_versions(simulation.cloud, function, 1)
        simulation.cloud.lambda_.point(function, "live", "1")
        simulation.cloud.counted[function, "live"] = {"1": (900, 0), "2": (100, 0)}
    return functions


def own_alarm_event(function: str) -> Json:
    """Returns EventBridge's event of the function's own alarm."""
    text = (Path(__file__).parents[2] / "events" / "alarm-eventbridge.json").read_text("utf-8")
    event: Json = json.loads(text.replace("checkout", function).replace('"7"', '"3"').replace('"6"', '"2"'))
    return event
