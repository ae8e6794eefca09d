"""From an alarm's event until the alias is back: the calls to AWS, and the controller's own time between them.

The events are those of ``events/``: deployment checkout:live#42 of version 7, and version 6 to go back to.

At the write of the alias the controller dies: what a rollback does after that is not what is counted.

Note: the controller's own time is what is left of an invocation without its calls to AWS. Both are CPU time of the same
run, so the ratio says the same on any machine.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from bench.environment import SETTINGS
from bench.row import Row
from controller.aws.clients import Adapters, Platform
from controller.aws.dynamodb import rows
from controller.context import Context
from controller.core.lifecycle.admission import Head
from controller.core.model import Deployment, Phase, Routing
from controller.core.routing import alias_description
from controller.dispatch import Dispatcher
from tests.builders import deployment, manifest
from tests.cloud.clock import half
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Call, Crash, Fault, Json
from tests.cloud.under_way import with_versions, write

_EVENTS = Path(__file__).parents[1] / "events"
_BEGAN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
_NOW = datetime(2026, 11, 23, 10, 21, tzinfo=UTC)
_ROUTINGS = {Phase.SHIFTING: Routing("6", "7", 1000), Phase.BAKING: Routing("7")}
_BACK = {"FunctionVersion": "6", "RoutingConfig": {"AdditionalVersionWeights": {}}}
_RUNS = 300
_OWN_TIME = 1.5
"""Times the CPU of the calls, at the median."""


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
    cloud = _cloud(case)
    first = len(cloud.calls)
    with suppress(Crash):
        _dispatcher(cloud, _Stopwatch()).dispatch(case.payload(), lambda: timedelta(minutes=5))
    return cloud.calls[first:]


def judged(case: Case, made: Sequence[Call]) -> Row:
    """Compares calls with the bar: one read and one write to Lambda, at most one write to the table, the alias back."""
    numbers = {
        "lambda_reads": _count(made, "lambda", is_read=True),
        "lambda_writes": _count(made, "lambda", is_read=False),
        "table_reads": _count(made, "dynamodb", is_read=True),
        "table_writes": _count(made, "dynamodb", is_read=False),
    }
    others = len(made) - sum(numbers.values())
    last = made[-1].parameters if made and made[-1].operation == "UpdateAlias" else {}
    is_back = last.items() >= _BACK.items() and bool(last["RevisionId"])
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
    cloud, watch = _cloud(case), _Stopwatch()
    handled = partial(_handled, case, _dispatcher(cloud, watch))
    _share(cloud, watch, handled)
    own = statistics.median(_share(cloud, watch, handled) for _ in range(_RUNS))
    return Row(
        f"own CPU in that, warm: {case.what}",
        f"{_OWN_TIME:g} x of its calls, at the median",
        f"{own:.2f} x over {_RUNS} runs",
        own <= _OWN_TIME,
        {"own_beside_calls": round(own, 3)},
    )


def _share(cloud: Cloud, watch: _Stopwatch, run: Callable[[], object]) -> float:
    """Times one run until the write of the alias: its own CPU beside its calls'. The table is as it was before."""
    before, watch.in_calls = dict(cloud.table.rows), 0
    began = time.process_time_ns()
    try:
        run()
    except Crash:
        own = time.process_time_ns() - began - watch.in_calls
    else:
        raise RuntimeError("a run that is timed did not bring the alias back; the counts say what it did")
    cloud.table.rows = before
    return own / watch.in_calls


def _handled(case: Case, dispatcher: Dispatcher) -> object:
    """Handles a whole invocation, by the door. A module and a dispatcher stay from one to the next, as on Lambda."""
    from controller import app  # late: it stops the garbage collector until its first answer

    made, app._dispatcher = app._dispatcher, lambda: dispatcher  # type: ignore[assignment] # noqa: SLF001
    try:
        return app.handler(case.payload(), _Context())  # type: ignore[arg-type]
    finally:
        app._dispatcher = made  # noqa: SLF001


@dataclass(slots=True)
class _Stopwatch:
    """The CPU that calls to AWS took, in nanoseconds."""

    in_calls: int = 0


class _Timed:
    """A client whose calls are timed."""

    def __init__(self, client: Any, watch: _Stopwatch) -> None:
        self._client, self._watch = client, watch

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return self._calling(found) if name in self._client.meta.method_to_api_mapping else found

    def _calling(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            began = time.process_time_ns()
            try:
                return method(**parameters)
            finally:
                self._watch.in_calls += time.process_time_ns() - began

        return call


def _dispatcher(cloud: Cloud, watch: _Stopwatch) -> Dispatcher:
    """Returns a controller that has just started on that AWS."""

    def client(*named: Any, **more: Any) -> _Timed:
        return _Timed(cloud.client(*named, **more), watch)

    platform = Platform(client, cloud.clock.sleep, cloud.clock.monotonic, cloud.fetch, half)
    return Dispatcher(Context(Adapters(SETTINGS, platform), SETTINGS, cloud.clock))


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


def _cloud(case: Case) -> Cloud:
    """Returns an AWS with the deployment of the events; whoever writes the alias dies before it is written."""
    cloud = with_deployment(Cloud(_NOW), case)
    cloud.fail(lambda call: call.operation == "UpdateAlias", Fault.CRASH_BEFORE, times=None)
    return cloud


def with_deployment(cloud: Cloud, case: Case) -> Cloud:
    """Puts the deployment of the events into an AWS."""
    open_one, routing = _deployment(case), _ROUTINGS[case.phase]
    cloud.callers.clear()
    with_versions(cloud, open_one.target.function, 7)
    weights = {routing.canary: routing.weight / 10_000} if routing.canary else {}
    armed = alias_description.write(open_one, freezes=False)
    cloud.lambda_.point(open_one.target.function, "live", routing.version, weights, armed)
    write(
        cloud,
        rows.head_row(open_one.target, Head(open_one.number, open_one.number)),
        rows.deployment_row(open_one, 1, _NOW, _NOW),
        *(rows.alarm_row(name, open_one) for name in case.named),
    )
    return cloud


def _deployment(case: Case) -> Deployment:
    changes: dict[str, Any] = {
        "manifest": manifest(gates={"alarms": list(case.named), "min_invocations": 0}),
        **dict.fromkeys(("opened_at", "phase_since", "since", "confirmed_at"), _BEGAN),
    }
    return deployment(case.phase, stable="6", canary="7", expected_routings=(_ROUTINGS[case.phase],), **changes)


def _shortly(made: Sequence[Call]) -> str:
    """Returns the calls in their order: "GetAlias, 2 GetItem, UpdateAlias"."""
    runs = ((operation, len(list(same))) for operation, same in groupby(call.operation for call in made))
    return ", ".join(operation if count == 1 else f"{count} {operation}" for operation, count in runs)


def _count(made: Sequence[Call], service: str, *, is_read: bool) -> int:
    return sum(call.service == service and call.is_read is is_read for call in made)
