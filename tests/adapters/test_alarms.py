"""Alarms: what is asked of CloudWatch, and which minutes make a deployment's own alarm fire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from controller.aws.alarms import Alarms
from controller.core.breadcrumb import own_alarm
from controller.core.events import AlarmFired
from controller.core.model import Phase, Refused, Target, Transient
from controller.core.observation import AlarmState
from controller.events import parse
from local.gaps.alarms_evaluation import Datapoint, State, judge
from local.gaps.alarms_rules import read_rule
from local.gaps.metric_math import evaluate
from local.gaps.metric_syntax import names
from local.gaps.metric_syntax import parse as parse_math
from tests.builders import CHECKOUT, NOW, deployment

ALL_TYPES = ["MetricAlarm", "CompositeAlarm", "LogAlarm"]
SERVING = deployment(Phase.SHIFTING)
OWN = "slipway/checkout/live/42"


@pytest.fixture
def stub() -> Iterator[Stubber]:
    with Stubber(boto3.client("cloudwatch", region_name="us-east-1")) as made:
        yield made
        made.assert_no_pending_responses()


class Recording:
    """Takes any alarm and keeps its parameters."""

    def __init__(self) -> None:
        self.put: dict[str, Any] = {}

    def put_metric_alarm(self, **parameters: object) -> Mapping[str, object]:
        self.put = parameters
        return {}


def made_alarm(target: Target = CHECKOUT, stable: str | None = "2", canary: str = "3") -> dict[str, Any]:
    client: Any = Recording()
    name = own_alarm("slipway/", target, 42)
    Alarms(client).make(deployment(Phase.SHIFTING, target=target, own_alarm=name), stable, canary)
    put: dict[str, Any] = client.put
    return put


# -- states -----------------------------------------------------------------------------------------------------------


def test_all_types_of_alarm_are_asked_for_by_name(stub: Stubber) -> None:
    answer = {
        "MetricAlarms": [{"AlarmName": "b", "StateValue": "ALARM"}, {"AlarmName": "c", "StateValue": "OK"}],
        "CompositeAlarms": [{"AlarmName": "a", "StateValue": "INSUFFICIENT_DATA"}],
    }
    stub.add_response(
        "describe_alarms",
        answer,
        {"AlarmNames": ["a", "b", "c", "d"], "AlarmTypes": ALL_TYPES, "MaxRecords": 100},
    )
    assert Alarms(stub.client).states(["d", "b", "a", "c", "b"]) == {
        "a": AlarmState.INSUFFICIENT_DATA,
        "b": AlarmState.FIRING,
        "c": AlarmState.OK,
        "d": AlarmState.MISSING,
    }


def test_a_call_asks_for_a_hundred_names_at_most(stub: Stubber) -> None:
    wanted = [f"alarm-{number:03}" for number in range(250)]
    for part in (wanted[:100], wanted[100:200], wanted[200:]):
        found = {"MetricAlarms": [{"AlarmName": name, "StateValue": "OK"} for name in part]}
        stub.add_response("describe_alarms", found, {"AlarmNames": part, "AlarmTypes": ALL_TYPES, "MaxRecords": 100})
    assert Alarms(stub.client).states(wanted) == dict.fromkeys(wanted, AlarmState.OK)


def test_no_names_are_no_call(stub: Stubber) -> None:
    assert Alarms(stub.client).states([]) == {}


def test_an_alarm_on_logs_is_an_alarm_too(stub: Stubber) -> None:
    answer = {"LogAlarms": [{"AlarmName": "a", "StateValue": "ALARM"}]}
    stub.add_response("describe_alarms", answer, {"AlarmNames": ["a"], "AlarmTypes": ANY, "MaxRecords": 100})
    assert Alarms(stub.client).states(["a"]) == {"a": AlarmState.FIRING}


@pytest.mark.parametrize(
    ("code", "status", "means"),
    [
        ("Throttling", 400, Transient),
        ("ThrottlingException", 400, Transient),
        ("InternalServiceError", 500, Transient),
        ("AccessDenied", 403, Refused),
        ("InvalidNextToken", 400, Transient),
    ],
)
def test_states_that_cannot_be_read_say_why(stub: Stubber, code: str, status: int, means: type[Exception]) -> None:
    stub.add_client_error("describe_alarms", code, "no", status)
    with pytest.raises(means, match="reading the state of 1 alarms failed"):
        Alarms(stub.client).states(["a"])


# -- the deployment's own alarm ---------------------------------------------------------------------------------------


def test_its_parameters_are_what_cloudwatch_takes(stub: Stubber) -> None:
    stub.add_response("put_metric_alarm", {}, made_alarm())
    Alarms(stub.client).make(SERVING, "2", "3")


def test_no_text_of_it_is_longer_than_cloudwatch_allows() -> None:
    longest = Target("f" * 64, "a" * 100)
    model = boto3.client("cloudwatch", region_name="us-east-1").meta.service_model
    shape = model.operation_model("PutMetricAlarm").input_shape
    assert list(too_long(made_alarm(longest, "9" * 6, "9" * 6), shape)) == []
    assert list(too_long({"AlarmName": "n" * 256}, shape)) == ["AlarmName"]


def test_it_watches_each_version_of_the_alias_by_the_minute_and_nothing_else() -> None:
    series = {each["Id"]: each["MetricStat"] for each in made_alarm()["Metrics"] if "MetricStat" in each}
    assert {name: (of(stat, "ExecutedVersion"), stat["Metric"]["MetricName"]) for name, stat in series.items()} == {
        "canary_errors": ("3", "Errors"),
        "canary_invocations": ("3", "Invocations"),
        "stable_errors": ("2", "Errors"),
        "stable_invocations": ("2", "Invocations"),
    }
    for stat in series.values():
        assert (of(stat, "FunctionName"), of(stat, "Resource")) == ("checkout", "checkout:live")
        assert (stat["Period"], stat["Stat"], stat["Metric"]["Namespace"]) == (60, "Sum", "AWS/Lambda")


def test_one_expression_decides_and_uses_every_series() -> None:
    metrics = made_alarm()["Metrics"]
    deciding = [each for each in metrics if each["ReturnData"]]
    assert [each["Id"] for each in deciding] == ["excess"]
    assert names(parse_math(deciding[0]["Expression"])) == {each["Id"] for each in metrics if "MetricStat" in each}


def test_it_acts_by_its_event_alone_and_under_a_name_of_its_own() -> None:
    made = made_alarm()
    assert (made["AlarmName"], made["ActionsEnabled"]) == (OWN, False)
    assert "checkout:live#42" in made["AlarmDescription"]
    assert "First thing to do" in made["AlarmDescription"]


def test_the_event_of_it_is_about_the_canary() -> None:
    """What is put here and what ``events.parse`` reads must agree, or no alarm of ours brings anything back."""
    metrics = [
        {
            "id": each["Id"],
            "returnData": each["ReturnData"],
            **({"expression": each["Expression"]} if "Expression" in each else {"metricStat": as_event(each)}),
        }
        for each in made_alarm()["Metrics"]
    ]
    detail = {
        "alarmName": OWN,
        "state": {"value": "ALARM", "timestamp": "2026-11-24T10:00:00.000+0000"},
        "configuration": {"metrics": metrics},
    }
    event = {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": detail}
    assert parse(event, NOW) == (AlarmFired(OWN, NOW, CHECKOUT, "3"),)


@pytest.mark.parametrize(("code", "means"), [("LimitExceeded", Transient), ("ValidationError", Refused)])
def test_an_alarm_that_cannot_be_made_says_which(stub: Stubber, code: str, means: type[Exception]) -> None:
    stub.add_client_error("put_metric_alarm", code, "no", 400)
    with pytest.raises(means, match=f"making the alarm {OWN} failed"):
        Alarms(stub.client).make(SERVING, "2", "3")


def test_it_is_deleted_by_its_name(stub: Stubber) -> None:
    stub.add_response("delete_alarms", {}, {"AlarmNames": [OWN]})
    Alarms(stub.client).delete(OWN)


# -- when it fires ----------------------------------------------------------------------------------------------------

NONE = None
MINUTES = [
    # canary errors, invocations, stable errors, invocations, fires
    pytest.param(0, 10, 0, 90, False, id="no errors at all"),
    pytest.param(5, 5, 0, 45, True, id="100 % errors at 5 a minute"),
    pytest.param(3, 3, 0, 27, True, id="100 % errors at 3 a minute"),
    pytest.param(2, 2, 0, 18, False, id="fewer than three errors"),
    pytest.param(300, 1000, 0, 9000, True, id="30 % errors"),
    pytest.param(3, 30, 0, 270, False, id="10 % errors exactly"),
    pytest.param(4, 30, 0, 270, True, id="13 % errors"),
    pytest.param(3, 1000, 0, 9000, False, id="a few errors among many requests"),
    pytest.param(30, 100, 270, 900, False, id="equal error rates"),
    pytest.param(100, 100, 900, 900, False, id="both fail always"),
    pytest.param(30, 100, 90, 900, False, id="ten points over twice stable exactly"),
    pytest.param(31, 100, 90, 900, True, id="eleven points over twice stable"),
    pytest.param(5, 10, 300, 900, False, id="stable is worse"),
    pytest.param(10, 10, 45, 100, False, id="always failing beside stable at 45 %: what it is too loose for"),
    pytest.param(10, 10, 44, 100, True, id="always failing beside stable at 44 %"),
    pytest.param(5, 5, NONE, NONE, True, id="no stable traffic"),
    pytest.param(5, 5, 0, 0, True, id="stable traffic of nothing"),
    pytest.param(1, 100, NONE, NONE, False, id="no stable traffic and a good canary"),
    pytest.param(NONE, NONE, 50, 100, False, id="no canary traffic"),
    pytest.param(NONE, NONE, NONE, NONE, False, id="no traffic at all"),
    pytest.param(5, NONE, 0, 45, False, id="errors of requests that began a minute before"),
]
SERIES = ("canary_errors", "canary_invocations", "stable_errors", "stable_invocations")
TIMES = [0.0, 60.0, 120.0]


def judged(*minutes: tuple[int | None, ...], expression: str | None = None) -> tuple[State | None, list[float | None]]:
    """Returns what CloudWatch makes of three minutes, the newest last, and the value of each."""
    alarm = made_alarm()
    rule = read_rule(alarm)
    tree = parse_math(expression or alarm["Metrics"][0]["Expression"])
    shown = ((None,) * 4,) * (len(TIMES) - len(minutes)) + minutes
    series = {
        name: {
            time: float(value)
            for time, minute in zip(TIMES, shown, strict=True)
            if (value := minute[place]) is not None
        }
        for place, name in enumerate(SERIES)
    }
    points = evaluate(tree, series, TIMES)
    verdict = judge(rule, [Datapoint(time, points.get(time)) for time in TIMES])
    return verdict.state if verdict else None, [points.get(time) for time in TIMES]


@pytest.mark.parametrize(("canary_errors", "canary", "stable_errors", "stable", "fires"), MINUTES)
def test_a_minute_fires_it_or_not(
    canary_errors: int | None, canary: int | None, stable_errors: int | None, stable: int | None, fires: bool
) -> None:
    state, _ = judged((canary_errors, canary, stable_errors, stable))
    assert (state is State.ALARM) is fires


@pytest.mark.parametrize(("canary_errors", "canary", "stable_errors", "stable", "fires"), MINUTES)
def test_it_does_not_depend_on_what_fill_makes_of_a_series_without_a_point(
    canary_errors: int | None, canary: int | None, stable_errors: int | None, stable: int | None, fires: bool
) -> None:
    """CloudWatch does not say; so the same must come out where nothing is filled."""
    bare = made_alarm()["Metrics"][0]["Expression"]
    for name in ("stable_errors", "stable_invocations"):
        bare = bare.replace(f"FILL({name}, 0)", name)
    assert "FILL" not in bare
    state, _ = judged((canary_errors, canary, stable_errors, stable), expression=bare)
    assert (state is State.ALARM) is fires


def test_a_minute_without_canary_requests_has_no_point() -> None:
    """Else the newest minute, not counted yet, would always be a good one."""
    _, values = judged((5, 5, 0, 45), (NONE, NONE, 0, 45))
    assert values[1:] == [100.0, None]


def test_a_bad_minute_counts_also_while_the_one_after_it_is_not_there_yet() -> None:
    assert judged((5, 5, 0, 45), (NONE, NONE, 0, 45))[0] is State.ALARM


def test_a_good_minute_after_a_bad_one_is_ok() -> None:
    assert judged((5, 5, 0, 45), (0, 5, 0, 45))[0] is State.OK


def test_without_any_canary_request_it_says_that_it_has_no_data() -> None:
    assert judged((NONE, NONE, 0, 45))[0] is State.INSUFFICIENT_DATA


def of(stat: Mapping[str, Any], dimension: str) -> str:
    found = {each["Name"]: each["Value"] for each in stat["Metric"]["Dimensions"]}
    assert len(found) == 3
    return str(found[dimension])


def as_event(entry: Mapping[str, Any]) -> dict[str, Any]:
    metric = entry["MetricStat"]["Metric"]
    dimensions = {each["Name"]: each["Value"] for each in metric["Dimensions"]}
    return {
        "metric": {"namespace": metric["Namespace"], "name": metric["MetricName"], "dimensions": dimensions},
        "period": entry["MetricStat"]["Period"],
        "stat": entry["MetricStat"]["Stat"],
    }


def too_long(value: Any, shape: Any, name: str = "") -> Iterator[str]:
    """Yields where a value is longer than its model allows: botocore itself checks the least lengths only."""
    if shape.type_name == "structure":
        for member, inner in value.items():
            yield from too_long(inner, shape.members[member], member)
    elif shape.type_name == "list":
        for inner in value:
            yield from too_long(inner, shape.member, name)
    if shape.type_name in ("list", "string") and len(value) > shape.metadata.get("max", len(value)):
        yield name
