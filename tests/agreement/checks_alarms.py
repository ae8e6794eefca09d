"""How alarms are kept and how they change, and what EventBridge is told of it."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

from tests.agreement.account import NUMBER, REGION, Account, Json
from tests.agreement.function import live, published, refusal_of
from tests.agreement.listing import check

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _dimensions(account: Account) -> list[Json]:
    named = {"FunctionName": account.name, "Resource": f"{account.name}:live", "ExecutedVersion": "2"}
    return [{"Name": name, "Value": value} for name, value in named.items()]


def _put(account: Account, name: str = "errors", **changes: Any) -> str:
    """Makes an alarm on any error of version 2 behind the alias, one that keeps its state while there is no data."""
    full = f"{account.name}/{name}"
    asked = {
        "AlarmName": full, "Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum",
        "Dimensions": _dimensions(account), "Period": 60, "EvaluationPeriods": 1, "DatapointsToAlarm": 1,
        "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "ignore",
    } | changes  # fmt: skip
    if "Metrics" in changes:
        for member in ("Namespace", "MetricName", "Statistic", "Dimensions", "Period"):
            del asked[member]
    account.client("cloudwatch").put_metric_alarm(**asked)
    return full


def _set(account: Account, alarm: str, state: str, **more: str) -> None:
    account.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="drill", **more)


def _described(account: Account, alarm: str) -> Json:
    (found,) = account.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return dict(found)


def _told(account: Account, count: int) -> list[Json]:
    """Returns the changes of state that EventBridge was told, oldest first, once there are so many."""
    found: list[Json] = account.eventually(lambda: len(told := account.events()) >= count and told)
    return sorted(found, key=lambda event: str(event["detail"]["state"]["timestamp"]))


def _states(events: list[Json]) -> list[str]:
    return [event["detail"]["state"]["value"] for event in events]


@check("2.2")
def a_new_alarm_has_insufficient_data(account: Account) -> None:
    """Source: botocore's model, PutMetricAlarm, 1.43.106; the reason: CloudWatch user guide, alarm events, 2023."""
    found = _described(account, _put(account))
    assert (found["StateValue"], found["StateReason"]) == ("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    assert found["AlarmArn"] == f"arn:aws:cloudwatch:{REGION}:{NUMBER}:alarm:{found['AlarmName']}"
    assert "StateReasonData" not in found


@check("2.2")
def a_name_that_exists_keeps_its_state_and_nothing_else(account: Account) -> None:
    """Hence a name of its own for each deployment. Source: botocore's model, PutMetricAlarm, 1.43.106."""
    alarm = _put(account, AlarmDescription="before", Threshold=5)
    _set(account, alarm, "ALARM")
    _put(account)
    found = _described(account, alarm)
    assert (found["StateValue"], found["Threshold"], found.get("AlarmDescription", "")) == ("ALARM", 0, "")
    _set(account, alarm, "OK")
    assert _states(_told(account, 2)) == ["ALARM", "OK"]


@check("3.1")
def a_state_set_by_hand_is_told(account: Account) -> None:
    """With both states, the reason, the reason's data as JSON in JSON, and the metric in the spelling of events.
    Source: EventBridge reference, CloudWatch events, 2026-11.
    """
    alarm, data = _put(account, AlarmDescription="Look."), json.dumps({"by": "hand"})
    _set(account, alarm, "ALARM", StateReasonData=data)
    (event,) = _told(account, 1)
    arn, detail = f"arn:aws:cloudwatch:{REGION}:{NUMBER}:alarm:{alarm}", event["detail"]
    assert event.keys() == {
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"
    }  # fmt: skip
    assert (event["detail-type"], event["source"]) == ("CloudWatch Alarm State Change", "aws.cloudwatch")
    assert (event["version"], event["account"], event["region"]) == ("0", NUMBER, REGION)
    assert (event["resources"], bool(_TIME.fullmatch(event["time"]))) == ([arn], True)
    assert detail.keys() == {"alarmName", "configuration", "previousState", "state"}
    assert {**detail["state"], "timestamp": ""} == {
        "value": "ALARM",
        "reason": "drill",
        "reasonData": data,
        "timestamp": "",
    }
    assert detail["previousState"].keys() == {"value", "reason", "timestamp"}
    assert detail["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert all(_TIMESTAMP.fullmatch(detail[state]["timestamp"]) for state in ("state", "previousState"))
    assert detail["configuration"].keys() == {"description", "metrics"}


@check("3.1")
def an_alarm_on_one_metric_tells_it_under_a_uuid(account: Account) -> None:
    """Neither threshold nor operator is told. Source: CloudWatch user guide, alarm events, 2023."""
    _set(account, _put(account), "ALARM")
    (event,) = _told(account, 1)
    (metric,) = event["detail"]["configuration"]["metrics"]
    assert _UUID.fullmatch(metric.pop("id"))
    dimensions = {each["Name"]: each["Value"] for each in _dimensions(account)}
    measured = {"namespace": "AWS/Lambda", "name": "Errors", "dimensions": dimensions}
    assert metric == {"metricStat": {"metric": measured, "period": 60, "stat": "Sum"}, "returnData": True}
    assert event["detail"]["configuration"].keys() == {"metrics"}


@check("3.1")
def an_alarm_on_an_expression_tells_all_that_it_is_made_of(account: Account) -> None:
    """Under the ids of the request. Source: EventBridge reference, CloudWatch events, 2026-11."""
    queries: list[Json] = [{"Id": "r", "Expression": "IF(i >= 20, 100*e/i, 0)", "Label": "error %", "ReturnData": True}]
    for name, metric in (("e", "Errors"), ("i", "Invocations")):
        measured = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": _dimensions(account)}
        stat = {"Metric": measured, "Period": 60, "Stat": "Sum"}
        queries.append({"Id": name, "MetricStat": stat, "ReturnData": False})
    alarm = _put(account, Metrics=queries)
    _set(account, alarm, "ALARM")
    (event,) = _told(account, 1)
    found = {metric["id"]: metric for metric in event["detail"]["configuration"]["metrics"]}
    expected = {"id": "r", "expression": "IF(i >= 20, 100*e/i, 0)", "label": "error %", "returnData": True}
    assert found["r"] == expected
    assert (found["e"]["metricStat"]["metric"]["name"], found["e"]["returnData"]) == ("Errors", False)
    described = {query["Id"]: query for query in _described(account, alarm)["Metrics"]}
    assert described["r"]["Expression"] == expected["expression"]
    assert described["e"]["MetricStat"]["Metric"]["MetricName"] == "Errors"


@check("3.1")
def only_a_change_of_state_is_told(account: Account) -> None:
    """The same state again is none. Source: EventBridge reference, CloudWatch events, 2026-11: "State Change"."""
    alarm = _put(account)
    for state in ("ALARM", "ALARM", "OK"):
        _set(account, alarm, state)
    assert _states(_told(account, 2)) == ["ALARM", "OK"]


@check("3.1")
def what_was_the_state_is_told_as_the_previous_one(account: Account) -> None:
    """Word for word. Source: EventBridge reference, CloudWatch events, 2026-11."""
    alarm = _put(account)
    for state in ("ALARM", "OK", "ALARM"):
        _set(account, alarm, state)
    told = _told(account, 3)
    for earlier, later in pairwise(told):
        assert later["detail"]["previousState"] == earlier["detail"]["state"]


@check("3.1")
def a_state_set_by_hand_lasts_until_the_next_evaluation(account: Account) -> None:
    """About a minute. Source: botocore's model, SetAlarmState, 1.43.106."""
    alarm = _put(account, TreatMissingData="notBreaching")
    account.eventually(lambda: _described(account, alarm)["StateValue"] == "OK")
    _set(account, alarm, "ALARM")
    account.eventually(lambda: _described(account, alarm)["StateValue"] == "OK")
    assert _states(_told(account, 3)) == ["OK", "ALARM", "OK"]


@check("2.4")
def an_alarm_on_a_version_fires_when_that_version_fails(account: Account) -> None:
    """And says why, in the event as in the alarm. Source: CloudWatch user guide, alarm events, 2023, and EventBridge
    reference, CloudWatch events, 2026-11.
    """
    function = published(account, "v1")
    function.call("update_function_code", ZipFile=account.code("bad", fails=True))
    account.settle()
    assert function.publish() == "2"
    function.point(weights={"2": 0.5})
    alarm = _put(account)
    assert "2" in function.served(20)
    account.eventually(lambda: _described(account, alarm)["StateValue"] == "ALARM")
    state = _told(account, 1)[-1]["detail"]["state"]
    assert state["reason"].startswith("Threshold Crossed: ")
    assert _described(account, alarm)["StateReason"] == state["reason"]


@check("2.4")
def one_bad_minute_of_several_does_not_fire_where_two_are_asked_for(account: Account) -> None:
    """Nor once no minute after it has a value, where missing minutes do not breach. Source: CloudWatch user guide,
    evaluating an alarm, and how alarm state is evaluated when data is missing, 2023-06.
    """
    function = published(account, "v1")
    function.call("update_function_code", ZipFile=account.code("bad", fails=True))
    account.settle()
    assert function.publish() == "2"
    function.point(version="2")
    one = _put(account, "one", TreatMissingData="notBreaching")
    two = _put(account, "two", TreatMissingData="notBreaching", EvaluationPeriods=30, DatapointsToAlarm=2)
    function.served(1)
    account.eventually(lambda: _described(account, one)["StateValue"] == "ALARM")
    account.eventually(lambda: _described(account, one)["StateValue"] == "OK")
    assert _described(account, two)["StateValue"] == "OK"
    function.served(1)
    account.eventually(lambda: _described(account, two)["StateValue"] == "ALARM")


@check("2.2")
def an_alarm_that_is_put_again_goes_by_its_new_rule(account: Account) -> None:
    """From the state that it had. Source: botocore's model, PutMetricAlarm, 1.43.106."""
    alarm = _put(account, TreatMissingData="breaching")
    account.eventually(lambda: _described(account, alarm)["StateValue"] == "ALARM")
    _put(account, TreatMissingData="notBreaching")
    account.eventually(lambda: _described(account, alarm)["StateValue"] == "OK")
    calmed = _told(account, 2)[-1]["detail"]
    assert (calmed["previousState"]["value"], calmed["state"]["value"]) == ("ALARM", "OK")


@check("2.1")
def an_alarm_on_a_version_looks_at_no_other(account: Account) -> None:
    """Dimensions are matched exactly. Source: CloudWatch user guide, dimensions, 2023."""
    function = published(account, "v1")
    function.call("update_function_code", ZipFile=account.code("bad", fails=True))
    account.settle()
    assert function.publish() == "2"
    function.point()
    alarm = _put(account)
    of_the_number = [*_dimensions(account)[:1], {"Name": "Resource", "Value": f"{account.name}:2"}]
    other = _put(account, "number", Dimensions=of_the_number)
    function.served(2)
    function.served(2, "2")
    account.eventually(lambda: _described(account, other)["StateValue"] == "ALARM")
    assert _described(account, alarm)["StateValue"] == "INSUFFICIENT_DATA"


@check("cloudwatch")
def alarms_are_described_by_name_and_those_that_are_not_there_left_out(account: Account) -> None:
    """Only metric alarms unless asked otherwise. Source: CloudWatch API reference, DescribeAlarms, 2026-11."""
    names = [_put(account, name) for name in ("a", "b")]
    client = account.client("cloudwatch")
    found = client.describe_alarms(AlarmNames=[*names, f"{account.name}/nobody"])
    assert sorted(each["AlarmName"] for each in found["MetricAlarms"]) == names
    composite = client.describe_alarms(AlarmNames=names, AlarmTypes=["CompositeAlarm"])
    assert composite.get("MetricAlarms", []) == composite["CompositeAlarms"] == []


@check("cloudwatch")
def a_hundred_names_are_asked_for_at_once_and_no_more(account: Account) -> None:
    """Source: botocore's model, AlarmNames, 1.43.106."""
    client = account.client("cloudwatch")
    status, code, _ = refusal_of(lambda: client.describe_alarms(AlarmNames=[f"a{number}" for number in range(101)]))
    assert (status, code) == (400, "ValidationError")


@check("cloudwatch", unverified="whether a name that is not there is ever an error; the model has a ResourceNotFound")
def the_deletion_of_an_alarm_that_is_not_there_is_no_error(account: Account) -> None:
    """The others are deleted all the same. Source: botocore's model, DeleteAlarms, 1.43.106; cloudformation-cli #456,
    2020-06.
    """
    client, alarm = account.client("cloudwatch"), _put(account)
    for _ in range(2):
        client.delete_alarms(AlarmNames=[f"{account.name}/nobody", alarm])
    assert client.describe_alarms(AlarmNames=[alarm])["MetricAlarms"] == []


@check("cloudwatch")
def an_alarm_that_is_not_there_has_no_state_to_set(account: Account) -> None:
    """404. Source: botocore's model, ResourceNotFound, 1.43.106."""
    status, code, _ = refusal_of(lambda: _set(account, f"{account.name}/nobody", "ALARM"))
    assert (status, code) == (404, "ResourceNotFound")


@check("2.4")
def a_period_is_10_20_or_30_seconds_or_whole_minutes(account: Account) -> None:
    """Source: botocore's model, PutMetricAlarm, Period, 1.43.106."""
    status, code, _ = refusal_of(lambda: _put(account, Period=45))
    assert (status, code) == (400, "ValidationError")
    live(account)
    for period in (10, 30, 60, 120):
        _put(account, f"every-{period}", Period=period)
