"""When the CloudWatch in memory counts, pages and evaluates; the rest is in tests/agreement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from controller.aws.cloudwatch.alarms import Alarms
from controller.core.model import Phase, Target
from controller.core.model.events import AlarmFired
from controller.inbound import parse
from tests.builders import NOW, after, deployment
from tests.cloud.cloud import Cloud
from tests.cloud.metrics import Later
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
    Alarms(split.client("cloudwatch")).make(deployment(Phase.SHIFTING), "1", "2", 5)
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


@pytest.mark.parametrize("metric", ["Invocations", "Errors", "Duration"])
@pytest.mark.parametrize("version", [None, "1", "2"])
def test_what_takes_minutes_is_sent_when_it_ended_with_the_minute_in_which_it_began(
    split: Cloud, metric: str, version: str | None
) -> None:
    """Developer guide, types of metrics, and viewing metrics: with a Timeout of 10 minutes, look 10 minutes back."""
    _last(split, timedelta(minutes=4))
    traffic(split, 5)
    split.callers.clear()
    assert data(split, query("q", metric, version, "SampleCount")) == {"q": []}
    split.advance(MINUTE)
    asked = query("q", metric, version, "SampleCount")
    (only,) = split.client("cloudwatch").get_metric_data(
        MetricDataQueries=[asked], StartTime=NOW, EndTime=after(hours=1)
    )["MetricDataResults"]
    assert only["Timestamps"] == [NOW]


def test_what_takes_longer_than_the_timeout_is_an_error_of_its_length(split: Cloud) -> None:
    """Developer guide, types of metrics: Errors include time-outs; Duration."""
    _last(split, timedelta(minutes=20))
    traffic(split, 18, 10)
    minute = {"EndTime": after(minutes=1)}
    assert data(split, query("e", "Errors", None), **minute) == {"e": [10]}
    assert data(split, query("d", "Duration", None, "Maximum"), **minute) == {"d": [900_000]}


def test_a_minute_grows_for_as_long_as_its_requests_run(split: Cloud) -> None:
    _last(split, timedelta(0))
    split.lambda_.behave("v2", error="TimeoutError", share=0.5, fails_after=timedelta(minutes=3))
    split.lambda_.serve("checkout", "live", 100)
    seen = []
    for _ in range(6):
        split.advance(MINUTE)
        seen.append((data(split, query("i", "Invocations"))["i"], data(split, query("e", "Errors"))["e"]))
    (fast,), (none,) = seen[1]
    (all_,), (failed,) = seen[5]
    assert seen[0] == ([], [])
    assert seen[1:4] == [([fast], [none])] * 3
    assert (none, fast + failed) == (0, all_) and failed > 0


@pytest.mark.parametrize(("minutes", "bad", "states"), [(1, 1, ["OK"]), (5, 2, ["OK", "ALARM", "OK"])])
def test_an_alarm_of_one_minute_does_not_look_again_at_one_that_grew(
    watched: Cloud, minutes: int, bad: int, states: list[str]
) -> None:
    """User guide, evaluating an alarm: the newest points decide."""
    _last(watched, timedelta(0))
    asked = {**watched.cloudwatch.alarms[OWN].asked, "EvaluationPeriods": minutes, "DatapointsToAlarm": bad}
    watched.client("cloudwatch").put_metric_alarm(**asked)
    watched.lambda_.behave("v2", error="TimeoutError", fails_after=timedelta(minutes=4))
    traffic(watched, 3)
    watched.lambda_.behave("v2")
    traffic(watched, 10)
    assert [each.value for each in watched.cloudwatch.alarms[OWN].history] == states


def test_what_was_counted_later_is_not_seen_by_an_alarm_that_looks_back(watched: Cloud) -> None:
    """An alarm is evaluated for each minute with what could be read then, also where nobody looked for an hour."""
    _last(watched, timedelta(0))
    watched.lambda_.behave("v2", error="TimeoutError", share=0.5, fails_after=timedelta(minutes=5))
    watched.lambda_.serve("checkout", "live", 100)
    watched.lambda_.behave("v2")
    for _ in range(10):
        watched.clock.advance(MINUTE)
        watched.lambda_.serve("checkout", "live", 100)
    watched.cloudwatch.catch_up()
    assert [each.value for each in watched.cloudwatch.alarms[OWN].history] == ["OK"]


def test_the_series_of_one_version_may_come_later(split: Cloud) -> None:
    """User guide, metric math, FILL: each metric comes by itself."""
    split.metrics.later["1"] = Later(MINUTE)
    traffic(split)
    split.advance(MINUTE)
    canary = data(split, query("i", "Invocations"))["i"]
    assert (canary != [], data(split, query("i", "Invocations", "1"))["i"]) == (True, [])
    split.advance(MINUTE)
    assert data(split, query("i", "Invocations", "1"))["i"] == [100 - canary[0]]


def test_a_minute_may_be_there_in_part(split: Cloud) -> None:
    """The same: points are sent host by host."""
    traffic(split)
    split.advance(MINUTE)
    (all_,) = data(split, query("i", "Invocations", "1"))["i"]
    split.metrics.later["1"] = Later(MINUTE, share=0.75)
    assert data(split, query("i", "Invocations", "1"))["i"] == [all_ - round(all_ * 0.75)]
    split.advance(MINUTE)
    assert data(split, query("i", "Invocations", "1"))["i"] == [all_]


@pytest.mark.parametrize("always", [True, False])
def test_an_alias_without_weights_may_have_no_series_by_version(split: Cloud, always: bool) -> None:
    """Not documented: "only applies to alias invocations" can be read either way."""
    split.metrics.always_by_version = always
    traffic(split)
    split.lambda_.point("checkout", "live", "2")
    traffic(split, 2)
    assert len(data(split, query("i", "Invocations", "2"))["i"]) == (2 if always else 1)
    assert len(data(split, query("i", "Invocations", None))["i"]) == 2


def test_trimmed_statistics_may_have_no_points(split: Cloud) -> None:
    """User guide, statistics definitions: the list of services with trimmed statistics does not name Lambda."""
    split.metrics.trims = False
    traffic(split, 2)
    assert data(split, query("d", "Duration", None, "TC(10:)"))["d"] == []
    assert data(split, query("d", "Duration", None, "p50"))["d"] == [20]


def test_an_error_may_be_counted_without_an_invocation(split: Cloud) -> None:
    """Not documented for a version that fails while it starts."""
    split.lambda_.behave("v2", error="Runtime.ImportModuleError", is_counted=False)
    traffic(split, 2)
    (failed,) = data(split, query("e", "Errors"))["e"]
    assert failed > 0
    assert data(split, query("i", "Invocations"))["i"] == []


def _last(cloud: Cloud, duration: timedelta) -> None:
    """Lets both versions take so long, and may be 15 minutes."""
    for number, code in (("1", "v1"), ("2", "v2")):
        cloud.lambda_.functions["checkout"].versions[number]["Timeout"] = 900
        cloud.lambda_.behave(code, duration=duration)


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


def test_a_new_alarm_has_no_data_until_it_was_looked_at(watched: Cloud) -> None:
    """2.2: it starts in INSUFFICIENT_DATA. Where missing data do not breach it is OK then, whatever there is."""
    assert watched.cloudwatch.state(OWN) == "INSUFFICIENT_DATA"
    watched.advance(MINUTE)
    assert watched.cloudwatch.state(OWN) == "OK"


def test_the_deployments_own_alarm_fires_when_the_canary_fails_and_says_so(watched: Cloud) -> None:
    """3.1: what EventBridge is sent, as the controller reads it."""
    watched.lambda_.behave("v2", error="ValueError")
    traffic(watched, 4)
    assert watched.cloudwatch.state(OWN) == "ALARM"
    event = watched.events[-1]
    (found,) = parse.parse(event, NOW)
    assert isinstance(found, AlarmFired)
    assert (found.name, found.target, found.version) == (OWN, Target("checkout", "live"), "2")
    assert found.at == after(minutes=3)
    assert "Threshold Crossed: [100.0, 100.0]" in event["detail"]["state"]["reason"]


def test_one_bad_minute_does_not_fire_it(watched: Cloud) -> None:
    watched.lambda_.behave("v2", error="ValueError")
    traffic(watched)
    watched.lambda_.behave("v2")
    traffic(watched, 2)
    watched.advance(timedelta(hours=1))
    assert [event["detail"]["state"]["value"] for event in watched.events] == ["OK"]


@pytest.mark.parametrize("count", [6, 20, 100, 1000])
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_it_does_not_fire_when_both_versions_fail_alike(watched: Cloud, share: float, count: int) -> None:
    for code in ("v1", "v2"):
        watched.lambda_.behave(code, error="ValueError", share=share)
    traffic(watched, 20, count)
    assert [event["detail"]["state"]["value"] for event in watched.events] == ["OK"]


def test_it_calms_when_the_canary_does(watched: Cloud) -> None:
    watched.lambda_.behave("v2", error="ValueError")
    traffic(watched, 4)
    watched.lambda_.behave("v2")
    traffic(watched, 7)
    states = [event["detail"]["state"]["value"] for event in watched.events]
    assert states == ["OK", "ALARM", "OK"]


def test_an_hour_of_silence_brings_every_change_of_that_hour_in_order(watched: Cloud) -> None:
    watched.lambda_.behave("v2", error="ValueError")
    traffic(watched, 2)
    watched.advance(timedelta(hours=1))
    states = [(event["detail"]["state"]["value"], event["time"]) for event in watched.events]
    assert states[1] == ("ALARM", "2026-11-24T10:03:01Z")
    assert [state for state, _ in states] == ["OK", "ALARM", "OK"]


def test_alarms_are_described_by_name_and_kind(watched: Cloud) -> None:
    watched.cloudwatch.put("theirs", "ALARM")
    client = watched.client("cloudwatch")
    answer = client.describe_alarms(AlarmNames=[OWN, "theirs", "nobody"], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert [each["AlarmName"] for each in answer["MetricAlarms"]] == [OWN]
    assert [(each["AlarmName"], each["StateValue"]) for each in answer["CompositeAlarms"]] == [("theirs", "ALARM")]
    assert client.describe_alarms(AlarmNames=["theirs"])["CompositeAlarms"] == []
