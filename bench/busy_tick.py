"""A tick in which 200 deployments take their next step and one rolls back: how many calls Lambda's control plane gets.

Note: seconds here are the virtual clock's, and a call takes none of them. So all that keeps calls apart is the budget.
"""

from __future__ import annotations

import json
from pathlib import Path

from bench.row import Row
from tests.cloud.many_functions import hears, in_busiest_second, shifting
from tests.cloud.story import SETTINGS

_MOVING = 200
_BACK = "zebra"
_TICK = Path(__file__).parents[1] / "events" / "tick.json"


def counted() -> Row:
    """Returns the row of the tick."""
    cloud = shifting([f"function-{number:03}" for number in range(_MOVING)], rolling_back=[_BACK])
    began = cloud.clock.now
    calls = hears(cloud, json.loads(_TICK.read_text("utf-8")))
    written = [call.parameters["FunctionName"] for call in calls if call.operation == "UpdateAlias"]
    seconds = round((cloud.clock.now - began).total_seconds())
    return judged(len(written), in_busiest_second(calls), seconds, back_first=written[:1] == [_BACK])


def judged(written: int, in_one_second: int, seconds: int, *, back_first: bool) -> Row:
    """Compares a tick with the bar. ``written`` is how many aliases, ``seconds`` how long it took."""
    budget = SETTINGS.lambda_calls_per_second
    return Row(
        f"tick, {_MOVING} steps and 1 rollback due",
        f"at most {budget} calls in a second, the rollback first",
        f"{written} aliases written, {in_one_second} calls in the busiest of {seconds} seconds"
        + ("" if back_first else "; THE ROLLBACK WAITED"),
        back_first and written == _MOVING + 1 and in_one_second <= budget,
        {"aliases": written, "calls_in_busiest_second": in_one_second, "seconds": seconds},
    )
