"""Decides which points of AWS/Lambda one run of a function adds, and to which series.

Rules of the file:
- every run counts for the function; with its Resource for what the caller addressed; with its ExecutedVersion
  only where the caller addressed an alias. Source: developer guide, "Types of metrics for Lambda functions",
  2023-10, and "Implement Lambda canary deployments using a weighted alias", 2026-11;
- whether an alias without weights has series by version is not documented;
  ``patches.fault_injection`` lets a test choose;
- points carry the time at which the run began, and are there when it has ended. Source: developer guide, "Types of
  metrics for Lambda functions", 2023-10;
- a throttled request is no invocation, and no version ran it;
- Duration is how long the handler ran, without the start of its environment, and at most the function's timeout: that
  of a run which timed out is its timeout. Source: developer guide, "Types of metrics for Lambda functions", 2026-11,
  and of the most "AWS Lambda Metrics", 2018.

Note: a run that did not fail still writes an Errors point of 0. Without it there would be nothing to divide by, and an
alarm on Errors would never leave INSUFFICIENT_DATA.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from local.emulator.rules.lambda_.references import Reference

NAMESPACE = "AWS/Lambda"


@dataclass(frozen=True, slots=True)
class Run:
    """One run, or one throttled request. ``by_version``: does an alias have series of its versions just now?"""

    addressed: Reference
    version: str
    failed: bool
    throttled: bool
    milliseconds: float
    by_version: bool = True


@dataclass(frozen=True, slots=True)
class Point:
    """One value of one metric."""

    metric: str
    value: float
    unit: str


def milliseconds(seconds: float, timeout: float) -> float:
    """Returns the Duration of a handler that ran so long; ``timeout`` is its function's, in seconds."""
    return min(seconds, timeout) * 1000


def series(run: Run) -> Iterator[dict[str, str]]:
    """Yields the dimensions of every series that the run adds to."""
    of_function = {"FunctionName": run.addressed.name}
    yield of_function
    of_resource = {**of_function, "Resource": run.addressed.resource}
    yield of_resource
    if run.addressed.is_alias and run.by_version and not run.throttled:
        yield {**of_resource, "ExecutedVersion": run.version}


def points(run: Run) -> Iterator[Point]:
    """Yields the values that the run adds to each of its series."""
    yield Point("Throttles", float(run.throttled), "Count")
    if run.throttled:
        return
    yield Point("Invocations", 1.0, "Count")
    yield Point("Errors", float(run.failed), "Count")
    yield Point("Duration", run.milliseconds, "Milliseconds")
