"""Whether two stories are equivalent from here on, so that a sweep tells what comes only once.

Rules of the file:
- two stories are alike when all is the same that AWS, callers, people and the controller will ever look at;
- what is left out is named here, with the reason. All else counts, also what is added to a story one day.

Note: how a story came here does not matter, and what went wrong on the way neither. Whoever takes one story for another
has looked at what went wrong before.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from tests.cloud.faults import Json
from tests.cloud.story import Story

_LEFT_OUT: Mapping[str, frozenset[str]] = {
    # The cloud is looked at part by part. What was answered and what broke is over; records that were read are in rows.
    "Story": frozenset({"cloud", "violations", "answers", "failures", "_remembered"}),
    # Each of these is a part of its own; the dice go in by their state.
    "Lambda": frozenset({"clock", "storage", "metrics", "dice"}),
    "Storage": frozenset({"_clock", "_events"}),
    # A token is never used by two calls. How long the last request was matters to that request alone.
    "Table": frozenset({"_clock", "_tokens", "_size"}),
    "CloudWatch": frozenset({"_clock", "_metrics", "_events"}),
    "Metrics": frozenset({"_clock", "_values"}),
    # Who was told what goes in as a set: a record says what it has still to tell.
    "EventBridge": frozenset({"entries"}),
    "SNS": frozenset({"messages"}),
    "Keys": frozenset(),
}


def future_of(story: Story) -> bytes | None:
    """Returns the same for two stories only where they go on alike; None where more is planned to go wrong."""
    cloud = story.cloud
    if story.interruptions or not cloud.plan.is_over(len(cloud.calls), cloud.clock.now):
        return None
    parts = (
        cloud.lambda_,
        cloud.storage,
        cloud.table,
        cloud.cloudwatch,
        cloud.metrics,
        cloud.bus,
        cloud.sns,
        cloud.keys,
    )
    values = [{metric: dict(minutes) for metric, minutes in cloud.metrics._values.items()}]
    told = sorted({(each["deployment"], each["phase"]) for each in cloud.bus.details if "deployment" in each})
    words = io.BytesIO()
    pickler = pickle.Pickler(words)
    pickler.fast = True  # equal values are written alike, be they one object or two
    pickler.dump(
        (
            [_kept(each, cloud.clock.now) for each in (story, *parts)],
            (cloud.clock.now, cloud.lambda_.dice.getstate(), values, told, cloud.events, cloud.callers),
        )
    )
    return sha256(words.getvalue()).digest()


def _kept(part: object, now: datetime) -> list[tuple[str, object]]:
    left_out = _LEFT_OUT[type(part).__name__]
    return [(name, _comparable(name, value, now)) for name, value in vars(part).items() if name not in left_out]


def _comparable(name: str, value: Any, now: datetime) -> object:
    if name == "rows":
        return {key: _without_holder(row) for key, row in value.items() if not _is_over(key, row, now)}
    if name == "_on_the_way":  # of the index: rows that are not in it stay out of it
        return [each for each in value if each[1][0] not in ("lease", "budget")]
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else value


def _without_holder(row: Json) -> Json:
    """Whoever holds a lease has made up a name, and never comes again."""
    return {name: said for name, said in row.items() if name != "holder"}


def _is_over(key: tuple[str, str], row: Json, now: datetime) -> bool:
    """Is it a lease, or a share of the budget, of a time that is over? Nobody takes it for more than none."""
    match key[0]:
        case "lease":
            return str(row["held_until"]["S"]) <= now.isoformat(timespec="microseconds")
        case "budget":
            return float(row["until"]["N"]) <= now.timestamp() * 1000
    return False
