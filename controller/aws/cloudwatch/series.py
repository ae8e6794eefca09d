"""CloudWatch: reads time series of what came through an alias, all that a look needs in one call, every page of it."""

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
"""The points of a metric, by when their period began."""


class CloudWatchMetrics(Protocol):
    """The call of a boto3 CloudWatch client that is made here."""

    def get_metric_data(self, **parameters: object) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Query:
    """One series of AWS/Lambda: of what ``version`` served through the alias, of the whole alias where that is None.

    With ``gate`` it is one of the team's own.
    """

    name: str
    metric: str
    version: str | None
    statistic: str = "Sum"
    period: timedelta = MINUTE
    gate: MetricGate | None = None

    def dimensions(self, target: Target) -> list[dict[str, str]]:
        """Returns the dimensions that CloudWatch is asked for."""
        if self.gate is None:
            return alias_dimensions(target, self.version)
        named = [*self.gate.dimensions, (self.gate.version, str(self.version))]
        return [{"Name": name, "Value": value} for name, value in named]


def read(
    client: CloudWatchMetrics, target: Target, queries: Sequence[Query], since: datetime, now: datetime
) -> Mapping[str, Series]:
    """Returns the series of the queries by their names; one without points is empty.

    The first point may be of the minute that ``since`` is in. The caller translates the errors and says what was asked.
    Source: CloudWatch API reference, GetMetricData, StartTime is rounded down, 2026-11.
    """
    asked = [_asked(query, target) for query in queries]
    found: dict[str, dict[datetime, float]] = defaultdict(dict)
    more: dict[str, object] = {}
    while True:
        answer = client.get_metric_data(
            MetricDataQueries=asked, StartTime=since, EndTime=now + timedelta(seconds=1), **more
        )
        for result in cast("list[Mapping[str, object]]", answer.get("MetricDataResults", [])):
            _add(found[str(result["Id"])], result)
        if not answer.get("NextToken"):
            return found
        more = {"NextToken": answer["NextToken"]}


def counts(requests: Series, bad: Series, began: datetime) -> tuple[int, int]:
    """Returns the requests of a period and the bad ones among them.

    One that is counted as bad before it is counted at all does not make more bad requests than requests.
    """
    served = round(requests.get(began, 0))
    return served, min(round(bad.get(began, 0)), served)


def _asked(query: Query, target: Target) -> dict[str, object]:
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
    """Source: CloudWatch API reference, MetricDataResult: Complete, PartialData (more comes), InternalError,
    Forbidden.
    """
    if result.get("StatusCode") in ("InternalError", "Forbidden"):
        raise Transient(f"CloudWatch did not read {result['Id']} ({result['StatusCode']}); it is asked again")
    moments = cast("list[datetime]", result.get("Timestamps", []))
    values = cast("list[float]", result.get("Values", []))
    for moment, value in zip(moments, values, strict=True):
        began = moment.astimezone(UTC)
        points[began] = points.get(began, 0) + value
