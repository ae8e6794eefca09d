"""A cold start against the least that a controller over boto3 could do: import boto3 and make a Lambda client.

Both are timed inside processes of their own, from the first import on, from the package as it is deployed: no bytecode
lies beside it, as on Lambda, and none is written. They run in pairs, each first in turn, and each is compared with its
neighbour only, so that a machine that is busy is as busy for both.

Note: wall time alone says little on a machine that does other things; so CPU time, user and system, is measured too,
and both must hold.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

from bench import packages
from bench.environment import ENVIRONMENT
from bench.row import Row

_PAIRS = 15
_BAR = 1.35
_WALL, _PROCESSOR = 0, 1
_Times = tuple[float, float]
_TIMING = """
import json, sys, time
sys.path.insert(0, {package!r})
wall, processor = time.perf_counter(), time.process_time()
{program}
print(json.dumps([time.perf_counter() - wall, time.process_time() - processor]))
"""
_LEAST = "import boto3; boto3.client('lambda').meta"
_CONTROLLER = "from controller import app; app._dispatcher()._context.aws.aliases._client.meta"


def measured() -> Row:
    """Returns the row of the ratio."""
    with packages.built("this") as package:
        pairs = [_pair(package, controller_first=bool(number % 2)) for number in range(_PAIRS)]
    wall, processor = (
        statistics.median(controller[kind] / least[kind] for least, controller in pairs) for kind in (_WALL, _PROCESSOR)
    )
    return Row(
        "cold start: import and first client",
        f"{_BAR} x of boto3 and a Lambda client",
        f"{processor:.2f} x of CPU time, {wall:.2f} x of wall time, medians of {_PAIRS} pairs",
        max(wall, processor) <= _BAR,
        {
            "cpu_ratio": round(processor, 3),
            "wall_ratio": round(wall, 3),
            "cpu_seconds": round(statistics.median(controller[_PROCESSOR] for _, controller in pairs), 3),
            "cpu_seconds_of_boto3": round(statistics.median(least[_PROCESSOR] for least, _ in pairs), 3),
        },
    )


def _pair(package: Path, *, controller_first: bool) -> tuple[_Times, _Times]:
    """Returns the times of boto3 alone and of the controller, measured one after the other."""
    if controller_first:
        controller = _seconds(package, _CONTROLLER)
        return _seconds(package, _LEAST), controller
    return _seconds(package, _LEAST), _seconds(package, _CONTROLLER)


def _seconds(package: Path, program: str) -> _Times:
    """Returns the wall time and the CPU time of a program in a Python that sees the package and its own library."""
    text = _TIMING.format(package=str(package), program=program)
    command = [sys.executable, "-I", "-S", "-B", "-c", text]
    ended = subprocess.run(  # noqa: S603 - this project's own programs, above
        command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True
    )
    wall, processor = json.loads(ended.stdout)
    return wall, processor
