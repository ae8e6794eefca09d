"""The event and the Lambda payload of a state change have AWS's shape."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from local.emulator.rules.cloudwatch.alarm_events import AlarmState, action_payload, event_detail, timestamp

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:slipway/shop/live/7"
CREATED = AlarmState("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation", None, 1795429083.642)
FIRING = AlarmState("ALARM", "Threshold Crossed: ...", '{"version":"1.0"}', 1795429248.554)
SHOP = {"FunctionName": "shop", "Resource": "shop:live", "ExecutedVersion": "7"}


def alarm(**changes: Any) -> dict[str, Any]:
    stored: dict[str, Any] = {
        "AlarmName": "slipway/shop/live/7",
        "AlarmArn": ARN,
        "AlarmDescription": "",
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": name, "Value": value} for name, value in SHOP.items()],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    return stored | changes


def test_an_alarm_on_one_metric_names_it_under_a_uuid_that_stays_the_same() -> None:
    (metric,) = event_detail(alarm(), CREATED, FIRING)["configuration"]["metrics"]
    (again,) = event_detail(alarm(), FIRING, CREATED)["configuration"]["metrics"]
    assert str(UUID(metric["id"])) == metric["id"] == again["id"]
    stat = {
        "metric": {"namespace": "AWS/Lambda", "name": "Errors", "dimensions": SHOP},
        "period": 60,
        "stat": "Sum",
    }
    assert metric == {"id": metric["id"], "metricStat": stat, "returnData": True}


def test_a_composite_alarm_names_its_rule() -> None:
    composite = {"AlarmName": "all", "AlarmArn": ARN, "AlarmRule": 'ALARM("a")'}
    assert event_detail(composite, CREATED, FIRING)["configuration"] == {"alarmRule": 'ALARM("a")'}


def test_a_lambda_action_gets_the_same_under_names_of_its_own() -> None:
    payload = action_payload(alarm(), CREATED, FIRING, "123456789012", "us-east-1")
    assert payload == {
        "source": "aws.cloudwatch",
        "alarmArn": ARN,
        "accountId": "123456789012",
        "time": "2026-11-23T10:20:48.554+0000",
        "region": "us-east-1",
        "alarmData": event_detail(alarm(), CREATED, FIRING),
    }


def test_a_timestamp_has_milliseconds_and_an_offset_without_a_colon() -> None:
    assert timestamp(1795429248.5) == "2026-11-23T10:20:48.500+0000"
