"""Metrics of the embedded AWS are read by CloudWatch's statistics, over periods of any length."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from local.server import EmbeddedAws
from tests.local.lambda_functions import Function, MakeFunction

HOUR = 3600
SLEEPING = "import time\ntime.sleep(1)\ndef handler(event, context):\n    time.sleep(event)\n"
Publish = Callable[..., None]

_numbers = itertools.count(1)


@pytest.fixture
def namespace() -> str:
    return f"test-metrics-{next(_numbers)}"


@pytest.fixture
def publish(aws: EmbeddedAws, namespace: str) -> Publish:
    """Publishes values of the metric ``took``, all at one time or each at its own."""

    def publish(*values: float, at: float | None = None) -> None:
        when = time.time() if at is None else at
        entries = [{"MetricName": "took", "Value": value, "Timestamp": when} for value in values]
        aws.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=entries)

    return publish


def query(identifier: str, stat: str, metric: dict[str, Any], period: int = 60) -> dict[str, Any]:
    return {"Id": identifier, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


def read(
    aws: EmbeddedAws, queries: list[dict[str, Any]], start: float, end: float
) -> dict[str, list[tuple[float, float]]]:
    """Returns the points of each query, oldest first: when, in seconds since 1970, and what."""
    answer = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries,
        StartTime=datetime.fromtimestamp(start, UTC),
        EndTime=datetime.fromtimestamp(end, UTC),
        ScanBy="TimestampAscending",
    )
    return {
        result["Id"]: [
            (when.timestamp(), value) for when, value in zip(result["Timestamps"], result["Values"], strict=True)
        ]
        for result in answer["MetricDataResults"]
    }


def rounded(aws: EmbeddedAws, moment: float) -> float:
    """Returns the start of the embedded AWS's minute."""
    return math.floor(moment / aws.settings.minute) * aws.settings.minute


def test_the_windows_of_a_long_period_start_at_the_minute_of_the_start_time(
    aws: EmbeddedAws, publish: Publish, namespace: str
) -> None:
    """Not at a multiple of the period: what was published since the start is in the first window."""
    hour = 60 * aws.settings.minute
    start = rounded(aws, time.time()) - 1.5 * hour
    for ago in (0.1, hour - 0.1, hour + 0.1):
        publish(1, at=start + ago)
    publish(1, at=start - 0.1)
    took = {"Namespace": namespace, "MetricName": "took"}
    queries = [query("h", "Sum", took, HOUR), query("m", "Sum", took)]
    points = read(aws, queries, start + aws.settings.minute / 2, time.time() + 1)
    assert points["h"] == [(pytest.approx(start), 2), (pytest.approx(start + hour), 1)]
    assert [value for _, value in points["m"]] == [1, 1, 1]


def test_a_long_period_has_only_what_came_before_the_end(aws: EmbeddedAws, publish: Publish, namespace: str) -> None:
    minute = aws.settings.minute
    start = rounded(aws, time.time()) - 10 * minute
    for ago in (0.5, 1.5, 2.5):
        publish(1, at=start + ago * minute)
    took = {"Namespace": namespace, "MetricName": "took"}
    assert read(aws, [query("h", "SampleCount", took, HOUR)], start, start + 2 * minute)["h"] == [
        (pytest.approx(start), 2)
    ]


def test_durations_of_a_version_behind_an_alias_are_read_over_an_hour(
    aws: EmbeddedAws, make_function: MakeFunction
) -> None:
    """Without the second that each environment takes to start."""
    function = Function(aws, make_function(SLEEPING, Timeout=10))
    began = time.time()
    function.call("create_alias", Name="live", FunctionVersion=function.publish())
    for seconds in (0, 0, 0, 0.4):
        function.invoke(seconds, Qualifier="live")
    named = {"FunctionName": function.name, "Resource": f"{function.name}:live"}
    for dimensions in (named, named | {"ExecutedVersion": "1"}):
        metric = {
            "Namespace": "AWS/Lambda",
            "MetricName": "Duration",
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        }
        stats = {"n": "SampleCount", "p50": "p50", "p99": "p99", "slow": "TC(300:)"}
        queries = [query(identifier, stat, metric, HOUR) for identifier, stat in stats.items()]
        points = read(aws, queries, began, time.time() + 1)
        ((_, n),), ((_, p50),), ((_, p99),), ((_, slow),) = (points[identifier] for identifier in stats)
        assert (n, slow) == (4, 1)
        assert p50 < 300 < p99 < 900
