"""Counting the requests of one version: one query, every page of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from controller.aws.cloudwatch.metrics import Metrics
from controller.aws.cloudwatch.series import CloudWatchSeries
from controller.core.manifest.settings import ErrorGate, MetricGate
from controller.core.model import Refused, Transient
from controller.core.statistics.before_after import ServedMinute
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from tests.builders import CHECKOUT, NOW, after


def query(name: str, metric: str, version: str) -> dict[str, Any]:
    dimensions = {"FunctionName": "checkout", "Resource": "checkout:live", "ExecutedVersion": version}
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": metric,
                "Dimensions": [{"Name": each, "Value": value} for each, value in dimensions.items()],
            },
            "Period": 60,
            "Stat": "Sum",
        },
    }


QUERY = query("canary_invocations", "Invocations", "3")
QUERIES = [
    QUERY,
    query("canary_errors", "Errors", "3"),
    query("stable_invocations", "Invocations", "2"),
    query("stable_errors", "Errors", "2"),
]
LATER = after(minutes=5)
ASKED = {"MetricDataQueries": QUERIES, "StartTime": NOW, "EndTime": LATER + timedelta(seconds=1)}


@pytest.fixture
def stub() -> Iterator[Stubber]:
    with Stubber(boto3.client("cloudwatch", region_name="us-east-1")) as made:
        yield made
        made.assert_no_pending_responses()


def counted(stub: Stubber) -> int:
    found = Metrics(CloudWatchSeries(stub.client)).minutes(CHECKOUT, ("3", "2"), NOW, LATER)
    return sum(minute.counts.canary_invocations for minute in found)


def answer(*values: float, status: str = "Complete", **more: Any) -> dict[str, Any]:
    minutes = [after(minutes=place) for place in range(len(values))]
    result = {"Id": "canary_invocations", "StatusCode": status, "Values": list(values), "Timestamps": minutes}
    return {"MetricDataResults": [result], **more}


def test_the_requests_of_each_minute_add_up(stub: Stubber) -> None:
    stub.add_response("get_metric_data", answer(3.0, 0.0, 12.0), ASKED)
    found = counted(stub)
    assert found == 15
    assert isinstance(found, int)


def test_no_requests_yet_are_none(stub: Stubber) -> None:
    stub.add_response("get_metric_data", answer(), ASKED)
    assert counted(stub) == 0


def test_every_page_is_read_and_asked_for_in_the_same_way(stub: Stubber) -> None:
    stub.add_response("get_metric_data", answer(3.0, NextToken="two", status="PartialData"), ASKED)
    stub.add_response("get_metric_data", {"MetricDataResults": [], "NextToken": "three"}, {**ASKED, "NextToken": "two"})
    stub.add_response("get_metric_data", answer(4.0), {**ASKED, "NextToken": "three"})
    assert counted(stub) == 7


def test_a_step_that_has_just_begun_can_be_asked_about(stub: Stubber) -> None:
    """CloudWatch wants the end after the start."""
    stub.add_response("get_metric_data", answer(), {**ASKED, "EndTime": NOW + timedelta(seconds=1)})
    assert Metrics(CloudWatchSeries(stub.client)).minutes(CHECKOUT, ("3", "2"), NOW, NOW) == ()


@pytest.mark.parametrize(
    ("code", "status", "means"),
    [("Throttling", 400, Transient), ("InternalServiceFault", 500, Transient), ("AccessDenied", 403, Refused)],
)
def test_requests_that_cannot_be_counted_are_not_none(
    stub: Stubber, code: str, status: int, means: type[Exception]
) -> None:
    stub.add_client_error("get_metric_data", code, "no", status)
    with pytest.raises(means, match="counting the requests of checkout:live on version 3 and 2 failed"):
        counted(stub)


def test_a_page_that_fails_is_not_the_end(stub: Stubber) -> None:
    stub.add_response("get_metric_data", answer(3.0, NextToken="two"), ASKED)
    stub.add_client_error("get_metric_data", "Throttling", "no", 400)
    with pytest.raises(Transient):
        counted(stub)


@pytest.mark.parametrize("status", ["InternalError", "Forbidden"])
def test_a_series_that_cloudwatch_could_not_read_is_not_a_series_without_requests(stub: Stubber, status: str) -> None:
    stub.add_response("get_metric_data", answer(status=status), ASKED)
    with pytest.raises((Transient, Refused)):
        counted(stub)


# -- minute by minute -------------------------------------------------------------------------------------------------


def judged(stub: Stubber, *results: dict[str, Any], now: datetime | None = None) -> tuple[CountedMinute, ...]:
    stub.add_response("get_metric_data", {"MetricDataResults": list(results)})
    return Metrics(CloudWatchSeries(stub.client)).minutes(CHECKOUT, ("3", "2"), NOW, now or after(minutes=10))


def series(name: str, *values: float, first: int = 0) -> dict[str, Any]:
    minutes = [after(minutes=first + place) for place in range(len(values))]
    # The newest point comes first. Source: CloudWatch API reference, GetMetricData, ScanBy, 2026-11.
    return {"Id": name, "StatusCode": "Complete", "Values": list(reversed(values)), "Timestamps": minutes[::-1]}


def test_a_minute_has_the_requests_and_errors_of_both_versions(stub: Stubber) -> None:
    found = judged(
        stub,
        series("canary_invocations", 10, 12),
        series("canary_errors", 1, 0),
        series("stable_invocations", 90, 88),
        series("stable_errors", 0, 2),
    )
    assert found == (
        CountedMinute(NOW, Minute(10, 1, 90, 0)),
        CountedMinute(after(minutes=1), Minute(12, 0, 88, 2)),
    )


def asked_for(stub: Stubber) -> dict[str, Any]:
    """What is sent to CloudWatch when the minutes of the last ten are asked for."""
    asked: list[Any] = []
    stub.client.meta.events.register("provide-client-params.*", lambda params, **_: asked.append(params))
    stub.add_response("get_metric_data", {"MetricDataResults": []})
    Metrics(CloudWatchSeries(stub.client)).minutes(CHECKOUT, ("3", "2"), NOW, after(minutes=10))
    return {name: asked[0][name] for name in ("StartTime", "EndTime")}


def test_minutes_are_asked_for_up_to_now(stub: Stubber) -> None:
    assert asked_for(stub) == {"StartTime": NOW, "EndTime": after(minutes=10, seconds=1)}


def test_the_minute_that_begins_at_the_end_is_left_out(stub: Stubber) -> None:
    stub.add_response("get_metric_data", {"MetricDataResults": [series("stable_invocations", 9, 9, 9)]})
    found = Metrics(CloudWatchSeries(stub.client)).minutes(CHECKOUT, ("3", "2"), NOW, after(minutes=2))
    assert [minute.began for minute in found] == [NOW, after(minutes=1)]


def test_a_version_without_a_point_had_nothing(stub: Stubber) -> None:
    (found,) = judged(stub, series("stable_invocations", 90), series("stable_errors", 0))
    assert found.counts == Minute(0, 0, 90, 0)


def test_a_minute_tells_whether_the_stable_versions_errors_are_there(stub: Stubber) -> None:
    """Lambda counts no errors as 0, and each series comes by itself."""
    requests = (series("canary_invocations", 10, 10), series("stable_invocations", 90, 90))
    found = judged(stub, *requests, series("stable_errors", 4), now=after(minutes=3))
    assert [each.has_errors for each in found] == [True, False]


def test_minutes_that_may_still_grow_are_told_too(stub: Stubber) -> None:
    found = judged(stub, series("stable_invocations", 9, 9, 9, 9), now=after(minutes=3.5))
    assert [minute.began for minute in found] == [NOW, after(minutes=1), after(minutes=2), after(minutes=3)]


def test_an_error_that_is_counted_before_its_request_does_not_make_more_errors_than_requests(stub: Stubber) -> None:
    (found,) = judged(stub, series("canary_invocations", 2), series("canary_errors", 3))
    assert found.counts == Minute(2, 2, 0, 0)


def test_each_series_is_asked_for_with_its_own_version(stub: Stubber) -> None:
    judged(stub)
    asked: list[Any] = []
    stub.client.meta.events.register("provide-client-params.*", lambda params, **_: asked.append(params))
    judged(stub)
    versions = {
        query["Id"]: query["MetricStat"]["Metric"]["Dimensions"][2]["Value"] for query in asked[0]["MetricDataQueries"]
    }
    assert versions == {
        "canary_invocations": "3",
        "canary_errors": "3",
        "stable_invocations": "2",
        "stable_errors": "2",
    }


# -- what one version, or the alias, served --------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "dimensions"), [("3", 3), (None, 2)])
def test_what_a_version_served_is_read_minute_by_minute_and_none_of_it_where_the_alias_is_meant(
    stub: Stubber, version: str | None, dimensions: int
) -> None:
    queries = [served_query("invocations", "Invocations", dimensions), served_query("errors", "Errors", dimensions)]
    found = {"invocations": [100, 0, 90, 80, 70], "errors": [1, 0, 95, 0, 0]}
    stub.add_response("get_metric_data", {"MetricDataResults": [series(name, *each) for name, each in found.items()]}, {
        "MetricDataQueries": queries, "StartTime": NOW, "EndTime": LATER + timedelta(seconds=1)
    })  # fmt: skip
    served = Metrics(CloudWatchSeries(stub.client)).served(CHECKOUT, version, NOW, LATER)
    assert served == (
        ServedMinute(NOW, 100, 1),
        ServedMinute(after(minutes=2), 90, 90),
        ServedMinute(after(minutes=3), 80, 0),
    )


def served_query(name: str, metric: str, dimensions: int) -> dict[str, Any]:
    stat = QUERY["MetricStat"]
    assert isinstance(stat, dict)
    metric_of = {**stat["Metric"], "MetricName": metric, "Dimensions": stat["Metric"]["Dimensions"][:dimensions]}
    return {"Id": name, "MetricStat": {**stat, "Metric": metric_of}}


@pytest.mark.parametrize(
    ("own", "whole", "reached"),
    [((), (), 0), ((0, 3, 4), (), 7), ((), (90, 2, 3), 5), ((1, 2, 3), (90, 2, 3), 6), ((), (90,), 0)],
)
def test_a_version_is_reached_by_its_own_series_or_by_that_of_the_alias_which_it_has_alone(
    stub: Stubber, own: tuple[int, ...], whole: tuple[int, ...], reached: int
) -> None:
    """In the first minute both versions served; whether the second has series of its own version nobody knows."""
    stub.add_response("get_metric_data", {"MetricDataResults": [series("own", *own), series("all", *whole)]}, {
        "MetricDataQueries": [served_query("own", "Invocations", 3), served_query("all", "Invocations", 2)],
        "StartTime": NOW,
        "EndTime": LATER + timedelta(seconds=1),
    })  # fmt: skip
    assert Metrics(CloudWatchSeries(stub.client)).reached(CHECKOUT, "3", NOW, after(minutes=0.5), LATER) == reached


# -- a team's own counts ----------------------------------------------------------------------------------------------

SERVER_ERRORS = MetricGate(
    "Checkout", "ServerErrors", "Requests", (("service", "checkout"),), "version", ErrorGate(0.01, 0.001)
)


def test_a_teams_own_counts_are_read_in_the_same_call_by_their_own_names_and_dimensions(stub: Stubber) -> None:
    asked: list[Any] = []
    stub.client.meta.events.register("provide-client-params.*", lambda params, **_: asked.append(params))
    results = [
        series("canary_invocations", 100),
        series("metric1_canary_invocations", 90),
        series("metric1_canary_errors", 9),
        series("metric1_stable_invocations", 800),
    ]
    stub.add_response("get_metric_data", {"MetricDataResults": results})
    metrics = Metrics(CloudWatchSeries(stub.client))
    lambdas, own = metrics.all_minutes(CHECKOUT, ("3", "2"), (None, SERVER_ERRORS), NOW, LATER)
    assert lambdas == (CountedMinute(NOW, Minute(100, 0, 0, 0)),)
    assert own == (CountedMinute(NOW, Minute(90, 9, 800, 0)),)
    (call,) = asked
    metrics = {each["Id"]: each["MetricStat"]["Metric"] for each in call["MetricDataQueries"]}
    assert len(metrics) == 8
    assert metrics["metric1_stable_errors"] == {
        "Namespace": "Checkout",
        "MetricName": "ServerErrors",
        "Dimensions": [{"Name": "service", "Value": "checkout"}, {"Name": "version", "Value": "2"}],
    }
    assert metrics["metric1_canary_invocations"]["MetricName"] == "Requests"


@pytest.mark.parametrize(("canary", "stable", "whole"), [(2, 9, True), (3, 9, True), (4, 9, False), (0, 10, False)])
def test_a_minute_with_more_errors_than_requests_is_not_whole(
    stub: Stubber, canary: int, stable: int, *, whole: bool
) -> None:
    errors = [series("canary_errors", canary), series("stable_errors", stable)]
    (found,) = judged(stub, series("canary_invocations", 3), series("stable_invocations", 9), *errors)
    assert found.is_whole is whole
