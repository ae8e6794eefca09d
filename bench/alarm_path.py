"""From an alarm's event until the alias is back: the calls to AWS, and the controller's own time between them.

The events are those of ``events/``: deployment checkout:live#42 of version 7, and version 6 to go back to.

What a newcomer would get wrong: the controller's own time is what is left of an invocation when the same calls, made
with nothing around them over the same wire in the same run, are taken away.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name

from bench.environment import SETTINGS
from bench.row import Row
from bench.wire import AliasIsBack, Call, Json, Wire
from controller.aws.clients import Adapters
from controller.aws.dynamodb import rows
from controller.context import Context
from controller.core.lifecycle.admission import Head
from controller.core.model import Deployment, Phase, Routing
from controller.core.routing import alias_description
from controller.dispatch import Dispatcher
from tests.builders import deployment, manifest

_EVENTS = Path(__file__).parents[1] / "events"
_BEGAN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
_NOW = datetime(2026, 11, 23, 10, 21, tzinfo=UTC)
_ROUTINGS = {Phase.SHIFTING: Routing("6", "7", 1000), Phase.BAKING: Routing("7")}
_BACK = {"FunctionVersion": "6", "RoutingConfig": {"AdditionalVersionWeights": {}}, "RevisionId": "revision-1"}
_RUNS = 300
_OWN_TIME = 5.0
"""Milliseconds, at the median."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way for an alarm to come: which, in which phase. ``own`` is True where the alias alone tells what to do."""

    what: str
    event: str
    phase: Phase
    own: bool = False
    named: tuple[str, ...] = ()

    def payload(self) -> Json:
        payload: Json = json.loads((_EVENTS / self.event).read_text("utf-8"))
        return payload


CASES = (
    Case("own alarm, shifting", "alarm-eventbridge.json", Phase.SHIFTING, own=True),
    Case("own alarm, baking", "alarm-eventbridge.json", Phase.BAKING, own=True),
    Case("named, no dimensions", "alarm-eventbridge-composite.json", Phase.SHIFTING, named=("checkout-unhealthy",)),
    Case("named, of the version", "alarm-eventbridge-single.json", Phase.SHIFTING, named=("checkout-errors",)),
)
_TIMED = (CASES[0], CASES[2])


def counted() -> list[Row]:
    """Returns a row of calls for every case."""
    return [judged(case, calls(case)) for case in CASES]


def calls(case: Case) -> list[Call]:
    """Returns what AWS is asked until the alias is written, by a controller that has just started."""
    wire = _wire(case)
    with wire.connected(), suppress(AliasIsBack):
        dispatcher = Dispatcher(Context(Adapters(SETTINGS), SETTINGS, lambda: _NOW))
        dispatcher.dispatch(case.payload(), lambda: timedelta(minutes=5))
    return wire.calls


def judged(case: Case, made: Sequence[Call]) -> Row:
    """Compares calls with the bar: one read and one write to Lambda, at most one write to the table, the alias back."""
    numbers = {
        "lambda_reads": _count(made, "lambda", is_read=True),
        "lambda_writes": _count(made, "lambda", is_read=False),
        "table_reads": _count(made, "dynamodb", is_read=True),
        "table_writes": _count(made, "dynamodb", is_read=False),
    }
    others = len(made) - sum(numbers.values())
    is_back = bool(made) and made[-1].operation == "UpdateAlias" and _BACK.items() <= made[-1].parameters.items()
    to_lambda = (numbers["lambda_reads"], numbers["lambda_writes"]) == (1, 1)
    to_table = len(made) == 2 if case.own else numbers["table_writes"] <= 1
    return Row(
        f"alarm to alias back: {case.what}",
        "Lambda: 1 read, 1 write; " + ("no other call" if case.own else "at most 1 write to the table"),
        _shortly(made) + ("" if is_back else "; THE ALIAS IS NOT BACK"),
        is_back and to_lambda and to_table and not others,
        {**numbers, "others": others},
    )


def timed() -> list[Row]:
    """Returns a row of the controller's own time for the shortest and for the longest way. It needs ``isolate``."""
    return [_timed(case) for case in _TIMED]


def _timed(case: Case) -> Row:
    wire = _wire(case)
    with wire.connected():
        bare, handled = _bare(calls(case)), _handled(case)
        for run in (bare, handled):
            _milliseconds(wire, run)
        pairs = [(_milliseconds(wire, bare), _milliseconds(wire, handled)) for _ in range(_RUNS)]
    own = statistics.median(with_controller - without for without, with_controller in pairs)
    without = statistics.median(without for without, _ in pairs)
    return Row(
        f"own time in that, warm: {case.what}",
        f"{_OWN_TIME:g} ms at the median",
        f"{own:.2f} ms over {_RUNS} runs (the same calls alone: {without:.2f} ms)",
        own <= _OWN_TIME,
        {"own_milliseconds": round(own, 3), "calls_alone_milliseconds": round(without, 3)},
    )


def _milliseconds(wire: Wire, run: Callable[[], object]) -> float:
    """Times one run until the write of the alias arrives; the table is as it was before."""
    before, wire.alias_back_at = dict(wire.items), 0
    began = time.perf_counter_ns()
    with suppress(AliasIsBack):
        run()
    wire.items = before
    if not wire.alias_back_at:
        raise RuntimeError("a run that is timed did not bring the alias back; the counts say what it did")
    return (wire.alias_back_at - began) / 1e6


def _bare(recorded: Sequence[Call]) -> Callable[[], object]:
    """Returns the same calls with nothing around them."""
    clients = {call.service: boto3.client(call.service) for call in recorded}
    methods = [(getattr(clients[call.service], xform_name(call.operation)), call.parameters) for call in recorded]

    def run() -> None:
        for method, parameters in methods:
            method(**parameters)

    return run


def _handled(case: Case) -> Callable[[], object]:
    """Returns a whole invocation, by the door. A module and a dispatcher stay from one to the next, as on Lambda."""
    from controller import app  # late: it stops the garbage collector until its first answer

    app._dispatcher.cache_clear()  # noqa: SLF001 - the last case's clients are on the last case's wire
    payload, context = case.payload(), _Context()
    return lambda: app.handler(payload, context)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Context:
    """What Lambda tells an invocation about itself, as far as it is read."""

    function_name: str = "slipway"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:slipway:live"
    aws_request_id: str = "7f2c9a4e-3d1b-4c0e-9a55-1f0f6e0f8f2d"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 300_000


def _wire(case: Case) -> Wire:
    open_one, routing = _deployment(case), _ROUTINGS[case.phase]
    weights = {routing.canary: routing.weight / 10_000} if routing.canary else {}
    alias = {
        "Name": "live",
        "FunctionVersion": routing.version,
        "Description": alias_description.write(open_one, freezes=False),
        "RoutingConfig": {"AdditionalVersionWeights": weights},
        "RevisionId": "revision-1",
    }
    saved = [
        rows.head_row(open_one.target, Head(open_one.number, open_one.number)),
        rows.deployment_row(open_one, 1, _NOW, _NOW),
        *(rows.alarm_row(name, open_one) for name in case.named),
    ]
    return Wire(saved, alias)


def _deployment(case: Case) -> Deployment:
    changes: dict[str, Any] = {
        "manifest": manifest(gates={"alarms": list(case.named), "min_invocations": 0}),
        **dict.fromkeys(("opened_at", "phase_since", "serving_since", "live_at"), _BEGAN),
    }
    return deployment(case.phase, stable="6", canary="7", written=(_ROUTINGS[case.phase],), **changes)


def _shortly(made: Sequence[Call]) -> str:
    """Returns the calls in their order: "GetAlias, 2 GetItem, UpdateAlias"."""
    runs = ((operation, len(list(same))) for operation, same in groupby(call.operation for call in made))
    return ", ".join(operation if count == 1 else f"{count} {operation}" for operation, count in runs)


def _count(made: Sequence[Call], service: str, *, is_read: bool) -> int:
    return sum(call.service == service and call.is_read is is_read for call in made)
