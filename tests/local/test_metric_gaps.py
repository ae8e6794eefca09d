"""Metrics of the embedded AWS are read by CloudWatch's statistics, over periods of any length."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.polling import eventually
from local.server import EmbeddedAws
from tests.local.lambda_functions import Function, MakeFunction, refusal_of

HOUR = 3600
BASIC = "[Sum, Maximum, Minimum, SampleCount, Average]"
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


def test_counts_and_ranks_of_ranges_are_read(aws: EmbeddedAws, publish: Publish, namespace: str) -> None:
    began = time.time()
    publish(10, 80, 81, 500, 501)
    took = {"Namespace": namespace, "MetricName": "took"}
    stats = ("TC(80:500)", "TC(80:)", "TC(:80)", "PR(80:500)", "PR(80:)", "TC(1000:)", "tc80")
    queries = [query(f"q{place}", stat, took, HOUR) for place, stat in enumerate(stats)]
    points = read(aws, queries, began, time.time() + 1)
    assert [[value for _, value in points[f"q{place}"]] for place in range(len(stats))] == [
        [2.0],
        [3.0],
        [2.0],
        [40.0],
        [60.0],
        [0.0],
        [4.0],
    ]


def test_a_malformed_statistic_is_refused_and_not_answered_with_nothing(aws: EmbeddedAws, namespace: str) -> None:
    """Whether there are points or not."""
    absent = {"Namespace": namespace, "MetricName": "absent"}
    queries = [query("a", "TC(5:)", absent), query("b", "TC(5)", absent)]
    assert refusal_of(lambda: read(aws, queries, time.time() - 60, time.time())) == (
        "ValidationError",
        "The value TC(5) for parameter MetricDataQueries.member.2.MetricStat.Stat is not a valid statistic.",
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"Statistics": ["Sum", "sum"]},
            f"The parameter Statistics.member.2 must be a value in the set {BASIC}.",
        ),
        (
            {"ExtendedStatistics": ["p99", "TC(1:)"]},
            "The value TC(1:) for parameter ExtendedStatistics.member.2 is not supported.",
        ),
    ],
)
def test_metric_statistics_are_refused_too(aws: EmbeddedAws, namespace: str, asked: dict[str, Any], said: str) -> None:
    now = datetime.now(UTC)
    everything = {"Namespace": namespace, "MetricName": "absent", "Period": 60, **asked}
    call = aws.client("cloudwatch").get_metric_statistics
    refusal = refusal_of(lambda: call(StartTime=now - timedelta(minutes=1), EndTime=now, **everything))
    assert refusal == ("InvalidParameterValue", said)


def test_an_alarm_may_watch_a_rank_and_not_a_malformed_one(aws: EmbeddedAws, publish: Publish, namespace: str) -> None:
    client = aws.client("cloudwatch")
    rule = {
        "AlarmName": f"{namespace}/slow",
        "Namespace": namespace,
        "MetricName": "took",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 50,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    assert refusal_of(lambda: client.put_metric_alarm(ExtendedStatistic="PR(100)", **rule)) == (
        "ValidationError",
        "The value PR(100) for parameter ExtendedStatistic is not supported.",
    )
    client.put_metric_alarm(ExtendedStatistic="PR(100:)", **rule)
    publish(50, 150, 250)

    def state() -> Any:
        (alarm,) = client.describe_alarms(AlarmNames=[rule["AlarmName"]])["MetricAlarms"]
        return alarm["StateValue"] == "ALARM" and alarm

    assert "[66.66" in eventually(state, within=5 * aws.settings.minute)["StateReason"]
    client.delete_alarms(AlarmNames=[rule["AlarmName"]])


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
        stats = {"n": "SampleCount", "p50": "p50", "p99": "p99", "slow": "TC(300:)", "rank": "PR(:300)"}
        queries = [query(identifier, stat, metric, HOUR) for identifier, stat in stats.items()]
        points = read(aws, queries, began, time.time() + 1)
        ((_, n),), ((_, p50),), ((_, p99),), ((_, slow),), ((_, rank),) = (points[identifier] for identifier in stats)
        assert (n, slow, rank) == (4, 1, 75)
        assert p50 < 300 < p99 < 900
