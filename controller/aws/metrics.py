"""CloudWatch: how many requests and errors the versions have had through the alias.

What a newcomer would get wrong: CloudWatch counts whole minutes and is late by up to one. A minute is taken as
counted when it ended a minute ago, or when two later ones have points; the newest ones never are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from controller.aws.alarms import alias_dimensions
from controller.aws.errors import translating
from controller.core.bake import ServedMinute
from controller.core.judge import CountedMinute, Minute
from controller.core.model import Target, Transient

_MINUTE = timedelta(minutes=1)
_LATE = timedelta(minutes=1)
"""Source: Lambda developer guide, metrics are sent at one-minute intervals; alarms stamped 30 to 70 s after a minute.
"""
_LATER_POINTS = 2
_Series = Mapping[datetime, int]


class CloudWatchMetrics(Protocol):
    """The call of a boto3 CloudWatch client that is made here."""

    def get_metric_data(self, **parameters: object) -> Mapping[str, object]: ...


class Metrics:
    """Counts requests."""

    def __init__(self, client: CloudWatchMetrics) -> None:
        self._client = client

    def invocations(self, target: Target, version: str, since: datetime, now: datetime) -> int:
        """Returns the requests that reached ``version`` through the alias since then.

        It is never more than what has really come in the minutes from ``since`` on.
        Source: CloudWatch API reference, GetMetricData, StartTime is rounded down, 2026-11.
        """
        series = self._series(target, {"invocations": ("Invocations", version)}, since, now)
        return sum(series["invocations"].values())

    def minutes(
        self, target: Target, versions: tuple[str, str], since: datetime, now: datetime
    ) -> tuple[CountedMinute, ...]:
        """Returns the counted minutes that began at ``since`` or later, in order.

        ``versions`` are the canary and the stable one. A minute without any request of either is left out.
        """
        canary, stable = versions
        wanted = {
            "canary_invocations": ("Invocations", canary),
            "canary_errors": ("Errors", canary),
            "stable_invocations": ("Invocations", stable),
            "stable_errors": ("Errors", stable),
        }
        series = self._series(target, wanted, since, now)
        seen = sorted({began for points in series.values() for began in points})
        return tuple(CountedMinute(began, _minute(series, began)) for began in _counted(seen, now))

    def served(
        self, target: Target, version: str | None, since: datetime, until: datetime
    ) -> tuple[ServedMinute, ...]:
        """Returns the counted minutes from ``since`` to ``until``, in order.

        ``version`` None is all that came through the alias, whichever version served it. A minute without a request is
        left out, and so are the last ones: they may not be counted yet, and another version may have served in them.
        """
        names = {"invocations": ("Invocations", version), "errors": ("Errors", version)}
        series = self._series(target, names, since, until)
        invocations, errors = series["invocations"], series["errors"]
        return tuple(
            ServedMinute(began, invocations[began], min(errors.get(began, 0), invocations[began]))
            for began in _counted(sorted(invocations), until)
            if invocations[began]
        )

    def _series(
        self, target: Target, wanted: Mapping[str, tuple[str, str | None]], since: datetime, now: datetime
    ) -> Mapping[str, _Series]:
        queries = [_query(name, metric, target, version) for name, (metric, version) in wanted.items()]
        versions = " and ".join(dict.fromkeys(version or "any" for _, version in wanted.values()))
        found: dict[str, dict[datetime, int]] = defaultdict(dict)
        more: dict[str, object] = {}
        while True:
            with translating(f"counting the requests of {target} on version {versions}"):
                answer = self._client.get_metric_data(
                    MetricDataQueries=queries, StartTime=since, EndTime=now + timedelta(seconds=1), **more
                )
            for result in cast("list[Mapping[str, object]]", answer.get("MetricDataResults", [])):
                _add(found[str(result["Id"])], result)
            if not answer.get("NextToken"):
                return found
            more = {"NextToken": answer["NextToken"]}


def _query(name: str, metric: str, target: Target, version: str | None) -> dict[str, object]:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": metric,
                "Dimensions": alias_dimensions(target, version),
            },
            "Period": int(_MINUTE.total_seconds()),
            "Stat": "Sum",
        },
    }


def _add(points: dict[datetime, int], result: Mapping[str, object]) -> None:
    """Source: CloudWatch API reference, MetricDataResult: Complete, PartialData (more comes), InternalError,
    Forbidden.
    """
    if result.get("StatusCode") in ("InternalError", "Forbidden"):
        raise Transient(f"CloudWatch did not read {result['Id']} ({result['StatusCode']}); it is asked again")
    moments = cast("list[datetime]", result.get("Timestamps", []))
    values = cast("list[float]", result.get("Values", []))
    for moment, value in zip(moments, values, strict=True):
        began = moment.astimezone(UTC)
        points[began] = points.get(began, 0) + round(value)


def _counted(seen: list[datetime], now: datetime) -> Iterable[datetime]:
    """Yields the minutes that will not change any more, of all that have points, in order."""
    for place, began in enumerate(seen):
        if began + _MINUTE + _LATE <= now or len(seen) - place > _LATER_POINTS:
            yield began


def _minute(series: Mapping[str, _Series], began: datetime) -> Minute:
    """An error that is counted before its invocation is not taken for more errors than requests."""
    counts = {name: points.get(began, 0) for name, points in series.items()}
    canary, stable = counts.get("canary_invocations", 0), counts.get("stable_invocations", 0)
    return Minute(
        canary, min(counts.get("canary_errors", 0), canary), stable, min(counts.get("stable_errors", 0), stable)
    )
