"""Counting the requests of one version: one query, every page of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from controller.aws.metrics import Metrics
from controller.core.model import Refused, Transient
from tests.builders import CHECKOUT, NOW, after

QUERY = {
    "Id": "invocations",
    "MetricStat": {
        "Metric": {
            "Namespace": "AWS/Lambda",
            "MetricName": "Invocations",
            "Dimensions": [
                {"Name": "FunctionName", "Value": "checkout"},
                {"Name": "Resource", "Value": "checkout:live"},
                {"Name": "ExecutedVersion", "Value": "3"},
            ],
        },
        "Period": 60,
        "Stat": "Sum",
    },
}
LATER = after(minutes=5)
ASKED = {"MetricDataQueries": [QUERY], "StartTime": NOW, "EndTime": LATER + timedelta(seconds=1)}


@pytest.fixture
def stub() -> Iterator[Stubber]:
    with Stubber(boto3.client("cloudwatch", region_name="us-east-1")) as made:
        yield made
        made.assert_no_pending_responses()


def counted(stub: Stubber) -> int:
    return Metrics(stub.client).invocations(CHECKOUT, "3", NOW, LATER)


def answer(*values: float, status: str = "Complete", **more: Any) -> dict[str, Any]:
    minutes = [after(minutes=place) for place in range(len(values))]
    result = {"Id": "invocations", "StatusCode": status, "Values": list(values), "Timestamps": minutes}
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
    assert Metrics(stub.client).invocations(CHECKOUT, "3", NOW, NOW) == 0


@pytest.mark.parametrize(
    ("code", "status", "means"),
    [("Throttling", 400, Transient), ("InternalServiceFault", 500, Transient), ("AccessDenied", 403, Refused)],
)
def test_requests_that_cannot_be_counted_are_not_none(
    stub: Stubber, code: str, status: int, means: type[Exception]
) -> None:
    stub.add_client_error("get_metric_data", code, "no", status)
    with pytest.raises(means, match="counting the requests of checkout:live on version 3 failed"):
        counted(stub)


def test_a_page_that_fails_is_not_the_end(stub: Stubber) -> None:
    stub.add_response("get_metric_data", answer(3.0, NextToken="two"), ASKED)
    stub.add_client_error("get_metric_data", "Throttling", "no", 400)
    with pytest.raises(Transient):
        counted(stub)


@pytest.mark.xfail(reason="StatusCode is not read: a series that CloudWatch failed to read counts as no requests")
@pytest.mark.parametrize("status", ["InternalError", "Forbidden"])
def test_a_series_that_cloudwatch_could_not_read_is_not_a_series_without_requests(stub: Stubber, status: str) -> None:
    stub.add_response("get_metric_data", answer(status=status), ASKED)
    with pytest.raises((Transient, Refused)):
        counted(stub)
