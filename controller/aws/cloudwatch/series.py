"""Reads time series of an alias from CloudWatch: everything for a look in one call, all pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from controller.aws.cloudwatch.alarms import alias_dimensions
from controller.core.manifest.settings import MetricGate
from controller.core.model import Target, Transient
from controller.core.statistics.shift import MINUTE

Series = Mapping[datetime, float]
"""A metric's points, by the beginning of their period."""


class CloudWatchMetrics(Protocol):
    """The boto3 CloudWatch client's call used here."""

    def get_metric_data(self, **parameters: object) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Query:
    """One series of AWS/Lambda: a ``version``'s part of the alias's traffic, or the whole alias's for None.

    With ``gate`` it is one of the team's own series.
    """

    name: str
    metric: str
    version: str | None
    statistic: str = "Sum"
    period: timedelta = MINUTE
    gate: MetricGate | None = None

    def dimensions(self, target: Target) -> list[dict[str, str]]:
        if self.gate is None:
            return alias_dimensions(target, self.version)
        named = [*self.gate.dimensions, (self.gate.version, str(self.version))]
        return [{"Name": name, "Value": value} for name, value in named]


def read(
    client: CloudWatchMetrics, target: Target, queries: Sequence[Query], since: datetime, now: datetime
) -> Mapping[str, Series]:
    """Returns the queries' series by name; a series without points is empty.

    The first point may begin before ``since``. The caller translates the errors. Source: CloudWatch API reference,
    GetMetricData, StartTime is rounded down, 2026-11.
    """
    queried = [_query(query, target) for query in queries]
    found: dict[str, dict[datetime, float]] = defaultdict(dict)
    more: dict[str, object] = {}
    while True:
        answer = client.get_metric_data(
            MetricDataQueries=queried, StartTime=since, EndTime=now + timedelta(seconds=1), **more
        )
        for result in cast("list[Mapping[str, object]]", answer.get("MetricDataResults", [])):
            _add(found[str(result["Id"])], result)
        if not answer.get("NextToken"):
            return found
        more = {"NextToken": answer["NextToken"]}


def counts(requests: Series, bad: Series, began: datetime) -> tuple[int, int]:
    """Returns a period's requests and the bad ones among them."""
    served = round(requests.get(began, 0))
    # A request may be counted as bad before it is counted at all; bad requests never exceed requests.
    return served, min(round(bad.get(began, 0)), served)


def _query(query: Query, target: Target) -> dict[str, object]:
    return {
        "Id": query.name,
        "MetricStat": {
            "Metric": {
                "Namespace": query.gate.namespace if query.gate else "AWS/Lambda",
                "MetricName": query.metric,
                "Dimensions": query.dimensions(target),
            },
            "Period": int(query.period.total_seconds()),
            "Stat": query.statistic,
        },
    }


def _add(points: dict[datetime, float], result: Mapping[str, object]) -> None:
    # Source: CloudWatch API reference, MetricDataResult: Complete, PartialData (more comes), InternalError, Forbidden.
    if result.get("StatusCode") in ("InternalError", "Forbidden"):
        raise Transient(f"CloudWatch did not read {result['Id']} ({result['StatusCode']}); it is asked again")
    moments = cast("list[datetime]", result.get("Timestamps", []))
    values = cast("list[float]", result.get("Values", []))
    for moment, value in zip(moments, values, strict=True):
        began = moment.astimezone(UTC)
        points[began] = points.get(began, 0) + value
