"""Alarms: what is asked of CloudWatch, and which minutes make a deployment's own alarm fire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from controller.aws.cloudwatch.alarms import _EXPRESSION, Alarms
from controller.core.gates.own_alarm import least_errors, minutes_watched
from controller.core.model import Phase, Refused, Target, Transient
from controller.core.model.events import AlarmFired
from controller.core.model.observation import AlarmState
from controller.core.routing.alias_description import own_alarm
from controller.core.statistics.before_after import NOTHING_KNOWN, ServedBefore
from controller.core.statistics.shift import Shift
from controller.inbound.parse import parse
from local.emulator.rules.cloudwatch.alarm_evaluation import Datapoint, State, judge
from local.emulator.rules.cloudwatch.alarm_rule import read_rule
from local.emulator.rules.cloudwatch.math_syntax import names
from local.emulator.rules.cloudwatch.math_syntax import parse as parse_math
from local.emulator.rules.cloudwatch.queries import Range, compute
from local.emulator.rules.cloudwatch.series import MetricStat
from tests.builders import CHECKOUT, NOW, PAST, changed, deployment

COMMON_TYPES = ("MetricAlarm", "CompositeAlarm")
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


def made_alarm(
    target: Target = CHECKOUT,
    stable: str = "2",
    canary: str = "3",
    minutes: int = 5,
    before: ServedBefore | None = None,
) -> dict[str, Any]:
    client: Any = Recording()
    name = own_alarm("slipway/", target, 42)
    Alarms(client).make(deployment(Phase.SHIFTING, target=target, own=name), stable, canary, minutes, before)
    put: dict[str, Any] = client.put
    return put


# -- states -----------------------------------------------------------------------------------------------------------


def asked(names: list[str], *kinds: str) -> dict[str, Any]:
    return {"AlarmNames": names, "AlarmTypes": list(kinds or COMMON_TYPES), "MaxRecords": 100}


def test_alarms_are_asked_for_by_name_in_one_call(stub: Stubber) -> None:
    answer = {
        "MetricAlarms": [{"AlarmName": "b", "StateValue": "ALARM"}, {"AlarmName": "c", "StateValue": "OK"}],
        "CompositeAlarms": [{"AlarmName": "a", "StateValue": "INSUFFICIENT_DATA"}],
    }
    stub.add_response("describe_alarms", answer, asked(["a", "b", "c"]))
    assert Alarms(stub.client).states(["b", "a", "c", "b"]) == {
        "a": AlarmState.INSUFFICIENT_DATA,
        "b": AlarmState.FIRING,
        "c": AlarmState.OK,
    }


def test_a_call_asks_for_a_hundred_names_at_most(stub: Stubber) -> None:
    wanted = [f"alarm-{number:03}" for number in range(250)]
    for part in (wanted[:100], wanted[100:200], wanted[200:]):
        found = {"MetricAlarms": [{"AlarmName": name, "StateValue": "OK"} for name in part]}
        stub.add_response("describe_alarms", found, asked(part))
    assert Alarms(stub.client).states(wanted) == dict.fromkeys(wanted, AlarmState.OK)


def test_a_second_begins_no_more_calls_than_cloudwatch_allows(stub: Stubber) -> None:
    names = [f"alarm-{number:04}" for number in range(1_000)]
    for start in range(0, 1_000, 100):
        found = [{"AlarmName": name, "StateValue": "OK"} for name in names[start : start + 100]]
        stub.add_response("describe_alarms", {"MetricAlarms": found}, asked(names[start : start + 100], *COMMON_TYPES))
    slept: list[float] = []
    assert len(Alarms(stub.client, slept.append).states(names)) == 1_000
    assert slept == [1 / 8, 1 / 8]


def test_no_names_are_no_call(stub: Stubber) -> None:
    assert Alarms(stub.client).states([]) == {}


def test_only_names_that_are_not_found_are_asked_for_as_alarms_on_logs(stub: Stubber) -> None:
    stub.add_response("describe_alarms", {"MetricAlarms": [{"AlarmName": "b", "StateValue": "OK"}]}, asked(["a", "b"]))
    stub.add_response(
        "describe_alarms", {"LogAlarms": [{"AlarmName": "a", "StateValue": "ALARM"}]}, asked(["a"], "LogAlarm")
    )
    assert Alarms(stub.client).states(["a", "b"]) == {"a": AlarmState.FIRING, "b": AlarmState.OK}


def test_a_region_that_knows_no_alarms_on_logs_has_none(stub: Stubber) -> None:
    stub.add_response("describe_alarms", {"MetricAlarms": [{"AlarmName": "b", "StateValue": "OK"}]}, asked(["a", "b"]))
    stub.add_client_error("describe_alarms", "ValidationError", "failed to satisfy enum value set", 400)
    assert Alarms(stub.client).states(["a", "b"]) == {"a": AlarmState.MISSING, "b": AlarmState.OK}


def test_alarms_on_logs_that_cannot_be_read_are_not_missing(stub: Stubber) -> None:
    stub.add_response("describe_alarms", {}, asked(["a"]))
    stub.add_client_error("describe_alarms", "Throttling", "no", 400)
    with pytest.raises(Transient, match="reading the state of 1 alarms failed"):
        Alarms(stub.client).states(["a"])


def test_a_refusal_of_the_common_kinds_is_no_absence(stub: Stubber) -> None:
    stub.add_client_error("describe_alarms", "ValidationError", "no", 400)
    with pytest.raises(Refused):
        Alarms(stub.client).states(["a"])


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
    for before in (None, ServedBefore(1000, 50)):
        stub.add_response("put_metric_alarm", {}, made_alarm(before=before))
        Alarms(stub.client).make(SERVING, "2", "3", 5, before)


def test_no_text_of_it_is_longer_than_cloudwatch_allows() -> None:
    longest = Target("f" * 64, "a" * 100)
    model = boto3.client("cloudwatch", region_name="us-east-1").meta.service_model
    shape = model.operation_model("PutMetricAlarm").input_shape
    for before in (None, ServedBefore(10**9, 10**9 - 1)):
        assert list(too_long(made_alarm(longest, "9" * 6, "9" * 6, before=before), shape)) == []
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


@pytest.mark.parametrize("before", [None, ServedBefore(1000, 50)])
def test_a_minute_needs_three_bursts_where_errors_come_in_bursts(before: ServedBefore | None) -> None:
    """A burst of ten errors is one piece of bad luck, and a minute of a hundred requests may have two of them."""
    client: Any = Recording()
    Alarms(client).make(changed(SERVING, shift=Shift(PAST)), "2", "3", 5, before)
    calm: list[Minute] = [(6, 50, 0, 450), (3, 20, 0, 180), (2, 2, 0, 18)]
    bad: list[Minute] = [(20, 50, 0, 450), (9, 10, 18, 180), (4, 4, 0, 36)]
    found = values([*calm, *bad], before, made=client.put)
    assert [each is not None and each > client.put["Threshold"] for each in found] == [False] * 3 + [True] * 3
    assert [least_errors(each) for each in (None, replace(PAST.history, spread=1.0), PAST.history)] == [3, 3, 8]


@pytest.mark.parametrize("before", [None, ServedBefore(1000, 50)])
def test_one_expression_decides_and_uses_every_series(before: ServedBefore | None) -> None:
    metrics = made_alarm(before=before)["Metrics"]
    expressions = {each["Id"]: each["Expression"] for each in metrics if "Expression" in each}
    used = {name for expression in expressions.values() for name in names(parse_math(expression))}
    assert [each["Id"] for each in metrics if each["ReturnData"]] == ["excess"]
    assert used == {each["Id"] for each in metrics} - {"excess"}
    # Source: CloudWatch API reference, PutMetricAlarm: at most 10 metrics and 10 expressions, 2026-11.
    assert len(metrics) - len(expressions) <= 10 and len(expressions) <= 10


def test_without_bursts_in_the_day_before_it_goes_by_the_plain_rule() -> None:
    assert made_alarm()["Metrics"][0]["Expression"] == _EXPRESSION


def test_it_acts_by_its_event_alone_and_under_a_name_of_its_own() -> None:
    made = made_alarm()
    assert (made["AlarmName"], made["ActionsEnabled"]) == (OWN, False)
    assert "checkout:live#42" in made["AlarmDescription"]
    assert "First thing to do" in made["AlarmDescription"]


@pytest.mark.parametrize("before", [None, ServedBefore(1000, 50)])
def test_the_event_of_it_is_about_the_canary(before: ServedBefore | None) -> None:
    """What is put here and what ``events.parse`` reads must agree, or no alarm of ours brings anything back."""
    metrics = [
        {
            "id": each["Id"],
            "returnData": each["ReturnData"],
            **({"expression": each["Expression"]} if "Expression" in each else {"metricStat": as_event(each)}),
        }
        for each in made_alarm(before=before)["Metrics"]
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
        Alarms(stub.client).make(SERVING, "2", "3", 5)


def test_a_drill_sets_its_alarm_and_says_why(stub: Stubber) -> None:
    asked = {"AlarmName": OWN, "StateValue": "ALARM", "StateReason": "slipway checkout:live#42 is a drill"}
    stub.add_response("set_alarm_state", {}, asked)
    Alarms(stub.client).fire(OWN, "slipway checkout:live#42 is a drill")


def test_it_is_deleted_by_its_name(stub: Stubber) -> None:
    stub.add_response("delete_alarms", {}, {"AlarmNames": [OWN]})
    Alarms(stub.client).delete(OWN)


# -- when it fires ----------------------------------------------------------------------------------------------------

NONE = None
MINUTES = [
    # canary errors, invocations, stable errors, invocations, is bad
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
    pytest.param(4, 10, 9, 90, False, id="two errors over twice stable"),
    pytest.param(5, 10, 9, 90, True, id="three errors over twice stable"),
    pytest.param(5, 10, 300, 900, False, id="stable is worse"),
    pytest.param(10, 10, 45, 100, False, id="always failing beside stable at 45 %: what it is too loose for"),
    pytest.param(20, 20, 42, 100, True, id="always failing beside stable at 42 %"),
    pytest.param(NONE, NONE, NONE, NONE, NONE, id="no traffic at all"),
    pytest.param(NONE, NONE, 50, 100, NONE, id="no canary traffic"),
    pytest.param(5, 5, NONE, NONE, NONE, id="no stable traffic"),
    pytest.param(5, 5, 0, 0, NONE, id="stable traffic of nothing"),
    pytest.param(5, 5, 0, NONE, NONE, id="stable requests are not there yet"),
    pytest.param(5, 5, NONE, 45, NONE, id="stable errors are not there yet"),
    pytest.param(5, NONE, 0, 45, NONE, id="canary requests are not there yet"),
    pytest.param(NONE, 5, 0, 45, NONE, id="canary errors are not there yet"),
]
BAKED = [
    # canary errors, invocations, stable errors, invocations; requests, errors before; is bad
    pytest.param((60, 100, NONE, NONE), (1000, 50), True, id="60 % after 5 %"),
    pytest.param((15, 100, NONE, NONE), (1000, 150), False, id="15 % after 15 %"),
    pytest.param((40, 100, NONE, NONE), (1000, 400), False, id="40 % after 40 %"),
    pytest.param((14, 100, NONE, NONE), (1000, 400), False, id="14 % after 40 %: the fix"),
    pytest.param((100, 100, NONE, NONE), (1000, 400), True, id="100 % after 40 %"),
    pytest.param((11, 100, NONE, NONE), (100_000, 0), True, id="11 % after none"),
    pytest.param((10, 100, NONE, NONE), (100_000, 0), False, id="10 % after none"),
    pytest.param((90, 100, NONE, NONE), (0, 0), False, id="90 % after nobody knows what"),
    pytest.param((91, 100, NONE, NONE), (0, 0), True, id="91 % after nobody knows what"),
    pytest.param((2, 2, NONE, NONE), (1000, 0), False, id="fewer than three errors"),
    pytest.param((60, 100, 540, 900), (1000, 50), False, id="a minute of the shift in which both failed alike"),
    pytest.param((60, 100, 0, 900), (1000, 50), True, id="a minute of the shift in which only the canary failed"),
    pytest.param((NONE, NONE, NONE, NONE), (1000, 50), NONE, id="no traffic at all"),
    pytest.param((60, NONE, NONE, NONE), (1000, 50), NONE, id="requests are not there yet"),
    pytest.param((NONE, 100, NONE, NONE), (1000, 50), NONE, id="errors are not there yet"),
]
Minute = tuple[int | None, int | None, int | None, int | None]
BAD: Minute = (5, 5, 0, 45)
GOOD: Minute = (0, 5, 0, 45)
UNKNOWN: Minute = (NONE, NONE, NONE, NONE)
LATE: Minute = (5, 5, NONE, NONE)
"""Both versions fail, and the stable version's points are not there yet."""
PARTLY: Minute = (10, 10, 2, 6)
"""Both versions fail always, and of the stable version's 10 requests 6 are counted, of its errors 2."""
BOTH: Minute = (10, 10, 10, 10)


PROMOTED_AT = NOW


def value(minute: Minute, before: ServedBefore | None = None, *, by_version: bool = True) -> float | None:
    return values([minute], before, by_version=by_version)[0]


def values(
    minutes: Sequence[Minute],
    before: ServedBefore | None = None,
    *,
    by_version: bool = True,
    made: dict[str, Any] | None = None,
    first: datetime = PROMOTED_AT,
) -> list[float | None]:
    """Returns what the alarm makes of each minute from ``first`` on, as it is ``made``; None is no value.

    ``by_version`` False: in a minute without the stable version the alias has no series of the canary either.
    """
    rule = read_rule(made or made_alarm(before=before))
    times = [first.timestamp() + 60.0 * place for place in range(len(minutes))]

    def points(metric: MetricStat) -> dict[float, float]:
        version = dict(metric.dimensions).get("ExecutedVersion")
        place = 0 if metric.name == "Errors" else 1
        found = {}
        for time, minute in zip(times, minutes, strict=True):
            canary, stable = minute[place], minute[place + 2]
            both = None if canary is None and stable is None else (canary or 0) + (stable or 0)
            alone = canary if by_version or minute[3] is not None else None
            count = {"3": alone, "2": stable, None: both}[version]
            if count is not None:
                found[time] = float(count)
        return found

    found = compute(rule.queries, Range(points, lambda _: times))[rule.watched]
    return [found.get(time) for time in times]


def state(*minutes: Minute, timeout: int = 3) -> State:
    """Returns the state after these minutes, the newest last, of an evaluation range that is as long as they are."""
    rule = read_rule(made_alarm(minutes=minutes_watched(timedelta(seconds=timeout))))
    range_ = [Datapoint(60.0 * place, each) for place, each in enumerate(values(minutes))]
    verdict = judge(rule, range_)
    assert verdict is not None
    return verdict.state


@pytest.mark.parametrize(("canary_errors", "canary", "stable_errors", "stable", "is_bad"), MINUTES)
def test_a_minute_is_bad_or_says_nothing(
    canary_errors: int | None, canary: int | None, stable_errors: int | None, stable: int | None, is_bad: bool | None
) -> None:
    found = value((canary_errors, canary, stable_errors, stable))
    assert (found if found is None else found > made_alarm()["Threshold"]) is is_bad


@pytest.mark.parametrize("by_version", [True, False])
@pytest.mark.parametrize(("minute", "before", "is_bad"), BAKED)
def test_a_minute_of_the_bake_is_compared_with_the_rate_before(
    minute: Minute, before: tuple[int, int], is_bad: bool | None, by_version: bool
) -> None:
    """Whether or not an alias without weights has series of its version."""
    found = value(minute, ServedBefore(*before), by_version=by_version)
    assert (found if found is None else found > made_alarm()["Threshold"]) is is_bad


@pytest.mark.parametrize(("seconds", "is_bad"), [(-300, False), (-60, False), (-1, False), (0, True), (60, True)])
@pytest.mark.parametrize("before", [ServedBefore(1000, 50), NOTHING_KNOWN])
def test_what_came_through_the_alias_in_a_minute_that_began_before_the_promotion_may_be_another_versions(
    seconds: int, is_bad: bool, before: ServedBefore
) -> None:
    """So there only the canary's own series count, where it has any."""
    began = PROMOTED_AT + timedelta(seconds=seconds)
    [alias_alone] = values([(100, 100, NONE, NONE)], before, by_version=False, first=began)
    [by_version] = values([(100, 100, NONE, NONE)], before, first=began)
    assert alias_alone is not None and by_version is not None
    threshold = made_alarm()["Threshold"]
    assert (alias_alone > threshold, by_version > threshold) == (is_bad, True)


@pytest.mark.parametrize("more", range(8))
def test_one_bad_minute_never_fires_it_whatever_follows(more: int) -> None:
    """Nor however far back CloudWatch looks for values, which it does not say."""
    for other in (UNKNOWN, GOOD, LATE):
        for place in range(more + 5):
            minutes = [other] * place + [BAD] + [other] * (more + 4 - place)
            assert state(*minutes) is State.OK, (other, place)


@pytest.mark.parametrize("more", range(8))
def test_two_bad_minutes_running_fire_it_though_the_next_ones_are_not_there_or_not_whole(more: int) -> None:
    before = [UNKNOWN] * more
    assert state(*before, GOOD, GOOD, GOOD, BAD, BAD) is State.ALARM
    assert state(*before, UNKNOWN, UNKNOWN, UNKNOWN, BAD, BAD) is State.ALARM, "the first two minutes of a shift"
    assert state(*before, BAD, BAD, GOOD, GOOD, GOOD) is State.ALARM
    assert state(*before, BAD, BAD, UNKNOWN, UNKNOWN, LATE) is State.ALARM


def test_bad_minutes_that_lie_far_apart_do_not_fire_it() -> None:
    assert state(BAD, GOOD, GOOD, GOOD, GOOD, BAD) is State.OK


def test_without_any_canary_request_it_is_calm() -> None:
    assert state(*[(NONE, NONE, 0, 45)] * 5) is State.OK


@pytest.mark.parametrize("newest", [LATE, PARTLY, (10, 10, NONE, 6), (10, 10, 2, NONE)])
@pytest.mark.parametrize("minutes", range(1, 12))
def test_an_outage_of_both_versions_is_quiet_while_the_stable_versions_newest_minute_is_not_whole(
    newest: Minute, minutes: int
) -> None:
    """That minute never decides alone, and by the next look it is whole."""
    assert state(*[GOOD] * 5, *[BOTH] * minutes, newest) is State.OK


@pytest.mark.parametrize("timeout", [1, 3, 29, 30, 59, 60, 61, 90, 120, 300, 600, 899, 900])
@pytest.mark.parametrize("look", [0, 15, 31, 59], ids=lambda second: f"looks at second {second}")
def test_failures_that_come_only_when_the_timeout_is_over_fire_it(timeout: int, look: int) -> None:
    """30 % of the canary's requests run into its Timeout, and each is counted two minutes after its end."""

    def seen(minute: int, now: float) -> Minute:
        began = [60 * minute + second / 4 for second in range(240)]
        counted = [
            fails
            for place, moment in enumerate(began)
            if moment + (timeout if (fails := place % 10 < 3) else 0.2) + 120 <= now
        ]
        return (sum(counted), len(counted), 0, 2160) if counted else UNKNOWN

    longest = timeout // 60 + 8
    fired = next(
        (
            minute
            for minute in range(1, longest)
            if state(*[seen(each, 60 * minute + look) for each in range(minute)], timeout=timeout) is State.ALARM
        ),
        None,
    )
    assert fired is not None
    assert 60 * fired <= 120 + timeout + 120 + 60, "as soon as two minutes can be whole, and a look"


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 5), (3, 5), (60, 5), (61, 6), (120, 6), (300, 9), (900, 19)])
def test_it_watches_as_many_minutes_as_the_timeout_needs(seconds: int, minutes: int) -> None:
    assert minutes_watched(timedelta(seconds=seconds)) == minutes
    made = made_alarm(minutes=minutes)
    assert (made["EvaluationPeriods"], made["DatapointsToAlarm"]) == (minutes, 2)
    # Source: CloudWatch API reference, PutMetricAlarm: EvaluationPeriods * Period is at most a day, 2026-11.
    assert made["EvaluationPeriods"] * 60 <= 86_400


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
