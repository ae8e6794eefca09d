"""Cold starts against the least that a controller over boto3 could do: import boto3 and make a Lambda client.

Each runs in a process of its own, from the first import on, out of the package as it is deployed, with its bytecode.
The least has none, as in a function that was zipped by hand: Lambda's folder is read-only, so such a function is
compiled at every start. AWS is replayed (``replay.py``).

Note: wall time says little on a machine that does other things. CPU time is compared, user and system, of two
processes that ran one after the other.
"""

from __future__ import annotations

import inspect
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench import alarm_path, packages
from bench.environment import ENVIRONMENT
from bench.replay import recorded, replayed
from bench.row import Row
from controller.dispatch import Dispatcher
from tests.cloud.answers import Response
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Json
from tests.cloud.many_functions import controller
from tests.cloud.zips import zipped

_PAIRS = 9
_LEAST = "import boto3; boto3.client('lambda').meta"
_TIMING = """
import json, sys, time
sys.path.insert(0, {package!r})
event = json.loads({event!r})
began = time.process_time()
{program}
print(time.process_time() - began)
"""
_TICK = Path(__file__).parents[1] / "events" / "tick.json"
Start = Callable[[Dispatcher, Json], None]


def brings_the_alias_back(dispatcher: Dispatcher, alarm: Json) -> None:
    """Goes as far as the write of the alias; its source runs in the other process, so it imports for itself."""
    from datetime import UTC, datetime

    from controller.inbound.parse import parse

    dispatcher._emergency_rollback.from_alarm(parse(alarm, datetime.now(UTC))[0])  # type: ignore[arg-type] # noqa: SLF001


def records_the_upload(dispatcher: Dispatcher, uploaded: Json) -> None:
    """Goes as far as the record of the deployment."""
    from datetime import UTC, datetime

    from controller.inbound.parse import parse

    dispatcher._uploads.admit(parse(uploaded, datetime.now(UTC))[0])  # type: ignore[arg-type] # noqa: SLF001


def answers(dispatcher: Dispatcher, event: Json) -> None:
    """Handles the event to its end."""
    from datetime import timedelta

    dispatcher.dispatch(event, lambda: timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class Case:
    """One reason to start, the bar as a share of the least, and the AWS that is asked."""

    what: str
    bar: float
    start: Start
    event: Json
    cloud: Cloud


def cases() -> Sequence[Case]:
    """Returns the four reasons for which a controller starts. It needs ``isolate``."""
    alarm, now = alarm_path.CASES[0], datetime.now(UTC)
    with_upload = Cloud(now)
    uploaded = with_upload.storage.put("slipway-artifacts", "checkout/build-1.4.2.zip", zipped("v1"))
    tick = json.loads(_TICK.read_text("utf-8")) | {"time": now.isoformat()}
    return (
        Case(
            "alarm, alias written",
            0.55,
            brings_the_alias_back,
            alarm.payload(),
            alarm_path.with_deployment(Cloud(now), alarm),
        ),
        Case("tick, nothing open", 0.6, answers, tick, Cloud(now)),
        Case("upload, recorded", 0.8, records_the_upload, uploaded, with_upload),
        Case("status of everything", 0.8, answers, {"request": "status"}, Cloud(now)),
    )


def measured() -> list[Row]:
    """Returns a row for each case."""
    with packages.built("this") as package, _without_bytecode(package) as sources:
        return [_row(case, package, sources) for case in cases()]


def _row(case: Case, package: Path, sources: Path) -> Row:
    given = recorded(case.cloud, partial(case.start, controller(case.cloud), case.event))
    pairs = [_pair(case, given, package, sources, case_first=bool(number % 2)) for number in range(_PAIRS)]
    ratio = statistics.median(started / least for least, started in pairs)
    return Row(
        f"cold start: {case.what}",
        f"{case.bar} x of boto3 and a Lambda client",
        f"{ratio:.2f} x of CPU time, median of {_PAIRS} pairs",
        ratio <= case.bar,
        {
            "cpu_ratio": round(ratio, 3),
            "cpu_seconds": round(statistics.median(started for _, started in pairs), 3),
            "cpu_seconds_of_boto3": round(statistics.median(least for least, _ in pairs), 3),
        },
    )


def _pair(
    case: Case, given: Sequence[Response], package: Path, sources: Path, *, case_first: bool
) -> tuple[float, float]:
    """Returns the CPU seconds of the least and of the case, which ran one after the other."""
    # The functions' annotations name what the other process does not have; a lambda has none.
    body = textwrap.dedent(inspect.getsource(case.start).partition("\n")[2])
    arguments = ", ".join(inspect.signature(case.start).parameters)
    program = f"from controller import app\n{arguments} = app._dispatcher(), event\n{body}"
    timed = [
        partial(_seconds, sources, _LEAST, case.event, given),
        partial(_seconds, package, program, case.event, given),
    ]
    if case_first:
        started = timed[1]()
        return timed[0](), started
    return timed[0](), timed[1]()


def _seconds(package: Path, program: str, event: Json, given: Sequence[Response]) -> float:
    """Returns the CPU time of a program in a Python that sees the package and its own library."""
    text = _TIMING.format(package=str(package), event=json.dumps(event), program=program)
    command = [sys.executable, "-I", "-S", "-B", "-c", text]
    with replayed(given) as address:
        ended = subprocess.run(  # noqa: S603 - this project's own programs, above
            command,
            env={**ENVIRONMENT, "AWS_ENDPOINT_URL": address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return float(ended.stdout)


@contextmanager
def _without_bytecode(package: Path) -> Iterator[Path]:
    """Gives a folder with the same packages as sources."""
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        sources = Path(folder) / "sources"
        yield Path(shutil.copytree(package, sources, ignore=shutil.ignore_patterns("__pycache__", "controller")))
