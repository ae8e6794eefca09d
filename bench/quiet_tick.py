"""A tick while 1,000 deployments are open and none is due: what it asks of AWS.

A page of the table holds a hundred rows here; of the index AWS would give all in one.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import timedelta
from pathlib import Path

from bench.environment import SETTINGS
from bench.row import Row
from controller.aws.dynamodb import rows
from controller.core.lifecycle.due import due_at
from controller.core.model import Deployment, Entry, Phase, Target
from tests.builders import NOW, confirmed, manifest
from tests.cloud.cloud import Cloud
from tests.cloud.many_functions import controller
from tests.cloud.under_way import write

_OPEN = 1_000
_ALARMS_PER_CALL = 100
_TICK = Path(__file__).parents[1] / "events" / "tick.json"


def counted() -> Row:
    """Returns the row of the tick."""
    cloud = Cloud(NOW)
    cloud.callers.clear()
    for each in map(_deployment, range(_OPEN)):
        write(cloud, rows.deployment_row(each, 1, due_at(each, NOW), NOW))
        cloud.cloudwatch.put(each.alarms.own)
    (outcome,) = controller(cloud).dispatch(json.loads(_TICK.read_text("utf-8")), lambda: timedelta(minutes=5))
    made = Counter(f"{call.service} {call.operation}" for call in cloud.calls)
    pages, describes = math.ceil((_OPEN + 1) / cloud.table.page), math.ceil(_OPEN / _ALARMS_PER_CALL)
    return judged(made, pages, describes, saw_all=outcome.line["open"] == _OPEN)


def judged(made: Counter[str], pages: int, describes: int, *, saw_all: bool) -> Row:
    """Compares the calls of a tick with the bar; ``saw_all`` False says that the tick missed deployments."""
    to_lambda = sum(count for call, count in made.items() if call.startswith("lambda "))
    numbers = {"queries": made["dynamodb Query"], "describe_alarms": made["cloudwatch DescribeAlarms"]}
    others = made.total() - sum(numbers.values()) - to_lambda
    return Row(
        f"tick, {_OPEN:,} open and none due",
        f"{pages} table pages, {describes} DescribeAlarms, no Lambda",
        f"{numbers['queries']} Query, {numbers['describe_alarms']} DescribeAlarms, {to_lambda} Lambda, {others} other"
        + ("" if saw_all else "; DEPLOYMENTS WERE MISSED"),
        saw_all and numbers == {"queries": pages, "describe_alarms": describes} and not (to_lambda or others),
        {**numbers, "lambda": to_lambda, "others": others},
    )


def _deployment(number: int) -> Deployment:
    """Returns a deployment in its first step, which has begun now; with the error gate each tick would look at it."""
    target = Target(f"function-{number:04}", "live")
    return confirmed(
        Phase.SHIFTING,
        target=target,
        own=f"{SETTINGS.alarm_prefix}{target.function}/{target.alias}/42",
        manifest=manifest(gates={"alarms": [], "errors": False, "min_invocations": 0}),
        timeline=tuple(Entry(NOW, f"{phase.value}: what is said of it in a line of this length") for phase in Phase),
    )
