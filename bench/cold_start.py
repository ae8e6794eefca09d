"""A cold start against the least that a controller over boto3 could do: import boto3 and make a Lambda client.

Both are timed inside processes of their own, from the first import on, from the package as it is deployed: no bytecode
lies beside it, as on Lambda, and none is written. One of each at a time, in turns, so that a busy machine is as busy
for both.

What a newcomer would get wrong: wall time alone says little on a machine that does other things; so CPU time, user and
system, is measured too, and both must hold.
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

_PAIRS = 11
_BAR = 1.35
_TIMING = """
import json, sys, time
sys.path.insert(0, {package!r})
wall, processor = time.perf_counter(), time.process_time()
{program}
print(json.dumps([time.perf_counter() - wall, time.process_time() - processor]))
"""
_LEAST = "import boto3; boto3.client('lambda').meta"
_CONTROLLER = "from controller import app; app._dispatcher()._outside.aws.aliases._client.meta"


def measured() -> Row:
    """Returns the row of the ratio."""
    with packages.built("this") as package:
        pairs = [(_seconds(package, _LEAST), _seconds(package, _CONTROLLER)) for _ in range(_PAIRS)]
    least_wall, least_processor = _medians([least for least, _ in pairs])
    wall, processor = _medians([controller for _, controller in pairs])
    ratios = wall / least_wall, processor / least_processor
    return Row(
        "cold start: import and first client",
        f"{_BAR} x of boto3 and a Lambda client",
        f"{ratios[1]:.2f} x of CPU time, {ratios[0]:.2f} x of wall time, medians of {_PAIRS} pairs",
        max(ratios) <= _BAR,
        {
            "cpu_ratio": round(ratios[1], 3),
            "wall_ratio": round(ratios[0], 3),
            "cpu_seconds": round(processor, 3),
            "cpu_seconds_of_boto3": round(least_processor, 3),
        },
    )


def _seconds(package: Path, program: str) -> tuple[float, float]:
    """Returns the wall time and the CPU time of a program in a Python that sees the package and its own library."""
    text = _TIMING.format(package=str(package), program=program)
    command = [sys.executable, "-I", "-S", "-B", "-c", text]
    ended = subprocess.run(  # noqa: S603 - this project's own programs, above
        command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True
    )
    wall, processor = json.loads(ended.stdout)
    return wall, processor


def _medians(times: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(wall for wall, _ in times), statistics.median(processor for _, processor in times)
