"""What CloudWatch has counted of a probe so far, by the minute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from live.probe import ALIAS, Probe

_EARLIER = timedelta(minutes=5)


def counted(
    probe: Probe, metric: str, since: datetime, version: str | None = None, statistic: str = "Sum"
) -> Mapping[datetime, float]:
    """Returns a statistic of what came through the alias, by the minute; ``version`` None is the alias's own series.

    Points are stamped with the minute in which a request began, so the first may lie just before ``since``.
    """
    dimensions = {"FunctionName": probe.name, "Resource": f"{probe.name}:{ALIAS}"}
    if version:
        dimensions["ExecutedVersion"] = version
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    measured = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": named}
    query = {"Id": "asked", "MetricStat": {"Metric": measured, "Period": 60, "Stat": statistic}}
    (found,) = probe.run.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=since - _EARLIER, EndTime=probe.run.now() + _EARLIER
    )["MetricDataResults"]
    return dict(zip(found["Timestamps"], found["Values"], strict=True))


def total(probe: Probe, metric: str, since: datetime, version: str | None = None, statistic: str = "Sum") -> int:
    """Returns the sum of these points."""
    return round(sum(counted(probe, metric, since, version, statistic).values()))
