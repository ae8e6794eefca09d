"""When the CloudWatch in memory counts, pages and evaluates; the rest is in tests/agreement. Numbers: aws-facts.md."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from controller import events
from controller.aws.alarms import Alarms
from controller.core.events import AlarmFired
from controller.core.model import Phase, Target
from tests.builders import NOW, after, deployment
from tests.cloud.cloud import Cloud
from tests.cloud.zips import zipped

MINUTE = timedelta(minutes=1)
OWN = "slipway/checkout/live/42"


@pytest.fixture
def split(cloud: Cloud) -> Cloud:
    """The alias gives half to version 2."""
    cloud.lambda_.functions["checkout"].latest.code = zipped("v2")
    cloud.lambda_.functions["checkout"].latest.configuration["CodeSha256"] = "2"
    cloud.lambda_.publish("checkout")
    cloud.lambda_.point("checkout", "live", "1", {"2": 0.5})
    return cloud


@pytest.fixture
def watched(split: Cloud) -> Cloud:
    """The deployment's own alarm compares version 2 with version 1."""
    Alarms(split.client("cloudwatch")).make(deployment(Phase.SHIFTING), "1", "2")
    return split


def query(name: str, metric: str, version: str | None = "2", stat: str = "Sum") -> dict[str, Any]:
    executed = [{"Name": "ExecutedVersion", "Value": version}] if version else []
    dimensions = [
        {"Name": "FunctionName", "Value": "checkout"},
        {"Name": "Resource", "Value": "checkout:live"},
        *executed,
    ]
    measured = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": measured, "Period": 60, "Stat": stat}}


def data(cloud: Cloud, *queries: dict[str, Any], **more: Any) -> dict[str, list[float]]:
    asked = {"StartTime": NOW, "EndTime": NOW + timedelta(hours=1), "ScanBy": "TimestampAscending", **more}
    answer = cloud.client("cloudwatch").get_metric_data(MetricDataQueries=list(queries), **asked)
    return {each["Id"]: each["Values"] for each in answer["MetricDataResults"]}


def traffic(cloud: Cloud, minutes: int = 1, count: int = 100) -> None:
    for _ in range(minutes):
        cloud.lambda_.serve("checkout", "live", count)
        cloud.advance(MINUTE)


# -- metrics ----------------------------------------------------------------------------------------------------------


def test_a_minute_shows_a_minute_after_it_is_over(split: Cloud) -> None:
    """2.4: points come 30 to 70 s after the end of their minute."""
    traffic(split)
    assert data(split, query("all", "Invocations", None))["all"] == []
    split.advance(MINUTE)
    assert data(split, query("all", "Invocations", None))["all"] == [100]


@pytest.mark.parametrize(("stat", "value"), [("p50", 20), ("p99", 20), ("TC(10:)", 100), ("TC(30:)", 0)])
def test_durations_have_percentiles_and_trimmed_counts(split: Cloud, stat: str, value: float) -> None:
    """CloudWatch user guide, statistics definitions; 20 ms is what everything takes."""
    traffic(split)
    split.advance(MINUTE)
    assert data(split, query("d", "Duration", None, stat))["d"] == [value]


def test_the_newest_point_comes_first_unless_asked_otherwise_and_the_end_is_exclusive(split: Cloud) -> None:
    """CloudWatch API reference, GetMetricData."""
    traffic(split, 1, 10)
    traffic(split, 1, 20)
    traffic(split, 2, 30)
    asked = query("all", "Invocations", None)
    assert data(split, asked, ScanBy="TimestampDescending")["all"] == [30, 20, 10]
    assert data(split, asked, EndTime=after(minutes=2))["all"] == [10, 20]
    assert data(split, asked, StartTime=after(minutes=1, seconds=30))["all"] == [20, 30]


def test_an_answer_comes_by_the_page(split: Cloud) -> None:
    """CloudWatch API reference, MetricDataResult: PartialData says that more comes."""
    traffic(split, 4, 10)
    split.metrics.page = 2
    client, asked = split.client("cloudwatch"), [query("all", "Invocations", None)]
    times: dict[str, datetime] = {"StartTime": NOW, "EndTime": after(hours=1)}
    first = client.get_metric_data(MetricDataQueries=asked, **times)
    rest = client.get_metric_data(MetricDataQueries=asked, **times, NextToken=first["NextToken"])
    found = [each["MetricDataResults"][0] for each in (first, rest)]
    assert [each["StatusCode"] for each in found] == ["PartialData", "Complete"]
    assert len(found[0]["Values"] + found[1]["Values"]) == 3


# -- alarms -----------------------------------------------------------------------------------------------------------


def test_a_new_alarm_has_no_data_and_is_ok_when_its_metrics_have_points(watched: Cloud) -> None:
    """2.2: it starts in INSUFFICIENT_DATA."""
    assert watched.cloudwatch.state(OWN) == "INSUFFICIENT_DATA"
    traffic(watched, 3)
    assert watched.cloudwatch.state(OWN) == "OK"


def test_the_deployments_own_alarm_fires_when_the_canary_fails_and_says_so(watched: Cloud) -> None:
    """3.1: what EventBridge is sent, as the controller reads it."""
    watched.lambda_.behave("v2", error="ValueError")
    traffic(watched, 3)
    assert watched.cloudwatch.state(OWN) == "ALARM"
    event = watched.events[-1]
    (found,) = events.parse(event, NOW)
    assert isinstance(found, AlarmFired)
    assert (found.name, found.target, found.version) == (OWN, Target("checkout", "live"), "2")
    assert found.at == after(minutes=2)
    assert "Threshold Crossed" in event["detail"]["state"]["reason"]


def test_it_does_not_fire_when_both_versions_fail_alike(watched: Cloud) -> None:
    for code in ("v1", "v2"):
        watched.lambda_.behave(code, error="ValueError", share=0.3)
    traffic(watched, 5)
    assert watched.cloudwatch.state(OWN) == "OK"


def test_it_calms_when_the_canary_does(watched: Cloud) -> None:
    watched.lambda_.behave("v2", error="ValueError")
    traffic(watched, 3)
    watched.lambda_.behave("v2")
    traffic(watched, 3)
    states = [event["detail"]["state"]["value"] for event in watched.events]
    assert states == ["ALARM", "OK"]


def test_an_hour_of_silence_brings_every_change_of_that_hour_in_order(watched: Cloud) -> None:
    watched.lambda_.behave("v2", error="ValueError")
    traffic(watched)
    watched.advance(timedelta(hours=1))
    states = [(event["detail"]["state"]["value"], event["time"]) for event in watched.events]
    assert states[0] == ("ALARM", "2026-11-24T10:02:01Z")
    assert states[-1][0] == "INSUFFICIENT_DATA"


def test_alarms_are_described_by_name_and_kind(watched: Cloud) -> None:
    watched.cloudwatch.put("theirs", "ALARM")
    client = watched.client("cloudwatch")
    answer = client.describe_alarms(AlarmNames=[OWN, "theirs", "nobody"], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert [each["AlarmName"] for each in answer["MetricAlarms"]] == [OWN]
    assert [(each["AlarmName"], each["StateValue"]) for each in answer["CompositeAlarms"]] == [("theirs", "ALARM")]
    assert client.describe_alarms(AlarmNames=["theirs"])["CompositeAlarms"] == []
