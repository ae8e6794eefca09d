"""CloudWatch: how many requests a version has had through the alias."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol, cast

from controller.aws.alarms import alias_dimensions
from controller.aws.errors import translating
from controller.core.model import Target

_MINUTE = 60


class CloudWatchMetrics(Protocol):
    """The call of a boto3 CloudWatch client that is made here."""

    def get_metric_data(self, **parameters: object) -> Mapping[str, object]: ...


class Metrics:
    """Counts requests."""

    def __init__(self, client: CloudWatchMetrics) -> None:
        self._client = client

    def invocations(self, target: Target, version: str, since: datetime, now: datetime) -> int:
        """Returns the requests that reached ``version`` through the alias since then.

        CloudWatch counts whole minutes and is late by about one, so this is never more than what has really come in the
        minutes from ``since`` on. Source: CloudWatch API reference, GetMetricData, StartTime is rounded down, 2026-11.
        """
        query = {
            "Id": "invocations",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/Lambda",
                    "MetricName": "Invocations",
                    "Dimensions": alias_dimensions(target, version),
                },
                "Period": _MINUTE,
                "Stat": "Sum",
            },
        }
        total = 0.0
        more: dict[str, object] = {}
        while True:
            with translating(f"counting the requests of {target} on version {version}"):
                answer = self._client.get_metric_data(
                    MetricDataQueries=[query], StartTime=since, EndTime=now + timedelta(seconds=1), **more
                )
            results = cast("list[Mapping[str, list[float]]]", answer.get("MetricDataResults", []))
            total += sum(sum(result.get("Values", [])) for result in results)
            if not answer.get("NextToken"):
                return round(total)
            more = {"NextToken": answer["NextToken"]}
