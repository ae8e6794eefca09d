"""Under which dimensions CloudWatch counts what a function does, and how it is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.agreement.account import Account, Json
from tests.agreement.function import Function, at, created, live, published, refusal_of
from tests.agreement.listing import check

_HOUR = timedelta(hours=1)


def _query(function: Function, metric: str, stat: str = "Sum", **dimensions: str) -> Json:
    named = {"FunctionName": function.name, **dimensions}
    found = [{"Name": name, "Value": value} for name, value in named.items()]
    measured = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": found}
    return {"Id": "q", "MetricStat": {"Metric": measured, "Period": 60, "Stat": stat}}


def _read(
    function: Function, metric: str, *, stat: str = "Sum", dimensions: dict[str, str] | None = None, **more: str
) -> Json:
    now = function.account.now()
    asked = {"MetricDataQueries": [_query(function, metric, stat, **dimensions or {})], **more}
    client = function.account.client("cloudwatch")
    found: Json = client.get_metric_data(StartTime=now - _HOUR, EndTime=now + _HOUR, **asked)["MetricDataResults"][0]
    return found


def values(function: Function, metric: str, **dimensions: str) -> list[float]:
    """Returns the points of a metric of the function, or of a part of it, the newest first."""
    found: list[float] = _read(function, metric, dimensions=dimensions)["Values"]
    return found


def _is(expected: float, function: Function, metric: str, **dimensions: str) -> Callable[[], bool]:
    return lambda: sum(values(function, metric, **dimensions)) == expected


@check("2.1")
def what_comes_through_an_alias_is_counted_in_three_series(account: Account) -> None:
    """By function, by alias, and by alias and version. Source: developer guide, weighted aliases, 2026-11, and Lambda
    metrics, 2023.
    """
    function = live(account, {"2": 0.5})
    served = function.served(12)
    resource = f"{function.name}:live"
    account.eventually(_is(12, function, "Invocations"))
    account.eventually(_is(12, function, "Invocations", Resource=resource))
    for version in ("1", "2"):
        expected = served.count(version)
        account.eventually(_is(expected, function, "Invocations", Resource=resource, ExecutedVersion=version))


@check("2.1")
def what_is_invoked_by_its_number_pollutes_no_alias(account: Account) -> None:
    """It is counted under its own resource, and by no executed version. Source: developer guide, weighted aliases,
    2026-11.
    """
    function = live(account, {"2": 0.5})
    function.served(3, "2")
    account.eventually(_is(3, function, "Invocations", Resource=f"{function.name}:2"))
    assert values(function, "Invocations", Resource=f"{function.name}:live") == []
    for resource in ("live", "2"):
        named = {"Resource": f"{function.name}:{resource}", "ExecutedVersion": "2"}
        assert values(function, "Invocations", **named) == []
    assert values(function, "Invocations", ExecutedVersion="2") == []


@check("2.1")
def errors_are_counted_where_the_version_failed(account: Account) -> None:
    """An invocation without one counts as 0, so both series have the same minutes. Source: developer guide, Lambda
    metrics, 2023.
    """
    function = published(account, "v1")
    function.call("update_function_code", ZipFile=account.code("bad", fails=True))
    account.settle()
    assert function.publish() == "2"
    function.point(weights={"2": 0.5})
    served, resource = function.served(12), f"{function.name}:live"
    account.eventually(_is(12, function, "Invocations", Resource=resource))
    for version, failed in (("1", 0), ("2", served.count("2"))):
        named = {"Resource": resource, "ExecutedVersion": version}
        account.eventually(_is(failed, function, "Errors", **named))
        assert len(values(function, "Errors", **named)) == len(values(function, "Invocations", **named))


@check("2.1")
def what_lambda_itself_refuses_is_no_invocation(account: Account) -> None:
    """Errors counts function errors and no failures of the call. Source: developer guide, Lambda metrics, 2023."""
    function = published(account, "v1")
    refusal_of(lambda: function.call("invoke", Qualifier="7"))
    function.call("invoke", Qualifier="1", InvocationType="DryRun")
    function.served(1, "1")
    account.eventually(_is(1, function, "Invocations"))
    assert sum(values(function, "Errors")) == 0


@check("2.1")
def what_takes_minutes_is_sent_when_it_ended_under_the_minute_in_which_it_began(account: Account) -> None:
    """Invocations, Errors and Duration alike. Source: developer guide, types of metrics, 2023-10: "the timestamp on an
    error metric reflects when the function was invoked, not when the error occurred"; viewing metrics, 2023-10: "this
    can be several minutes before the metric is emitted".
    """
    function = Function(account)
    function.create(Code={"ZipFile": account.code("slow", fails=True, minutes=1.6)}, Timeout=900)
    account.settle()
    began = account.now()
    function.call("invoke", InvocationType="Event")
    found = account.eventually(lambda: _read(function, "Errors")["Timestamps"])
    assert account.now() - began >= 1.6 * account.minute
    for metric in ("Invocations", "Errors", "Duration"):
        assert _read(function, metric)["Timestamps"][-1] == found[-1]
    assert found[-1] < began + account.minute / 2
    assert max(_read(function, "Duration", stat="Maximum")["Values"]) >= 1600 * account.minute.total_seconds()


@check("2.1")
def each_series_comes_by_itself(account: Account) -> None:
    """So that of one version may be there minutes before the other's. Source: CloudWatch user guide, metric math, FILL,
    2023-06.
    """
    function = live(account, {"2": 0.5})
    account.comes_later("1", 5)
    served, resource = function.served(12), {"Resource": f"{function.name}:live"}
    account.eventually(_is(served.count("2"), function, "Invocations", **resource, ExecutedVersion="2"))
    assert values(function, "Invocations", **resource, ExecutedVersion="1") == []
    account.eventually(_is(served.count("1"), function, "Invocations", **resource, ExecutedVersion="1"))


@check("2.1", unverified="whether an alias without weights has series with ExecutedVersion: both are asked")
def an_alias_without_weights_has_its_own_series_in_any_case(account: Account) -> None:
    """Source: developer guide, weighted aliases, 2026-11, which says "alias invocations" and not "weighted"."""
    function, resource = live(account), f"{account.name}:live"
    function.served(3)
    account.eventually(_is(3, function, "Invocations", Resource=resource))
    account.eventually(_is(3, function, "Invocations", Resource=resource, ExecutedVersion="1"))
    account.by_version_with_weights_only()
    function.served(2)
    account.eventually(_is(5, function, "Invocations", Resource=resource))
    assert sum(values(function, "Invocations", Resource=resource, ExecutedVersion="1")) == 3
    function.move(**at({"2": 0.5}))
    served = function.served(8)
    for version, before in (("1", 3), ("2", 0)):
        named = {"Resource": resource, "ExecutedVersion": version}
        account.eventually(_is(before + served.count(version), function, "Invocations", **named))


@check("cloudwatch", unverified="whether AWS/Lambda has trimmed statistics: both are asked")
def trimmed_statistics_are_not_promised_of_lambda(account: Account) -> None:
    """Percentiles are. Source: CloudWatch user guide, statistics definitions, 2026-11: Lambda is not in its list."""
    function = created(account)
    function.served(3, "$LATEST")
    account.eventually(lambda: sum(_read(function, "Duration", stat="TC(0:)")["Values"]) == 3)
    account.trims_nothing()
    assert _read(function, "Duration", stat="TC(0:)")["Values"] == []
    assert _read(function, "Duration", stat="p50")["Values"] != []


@check("cloudwatch", unverified="what MAX and SUM of several series make of one that has no point at all")
def a_missing_point_is_0_beside_another_and_a_division_by_zero_has_none(account: Account) -> None:
    """IF has none where its condition has none; MAX and SUM of several series take those that have one. Source:
    CloudWatch user guide, metric math, 2023-06; compiler-explorer/infra #1661, 2025-06: "missing + 0" is 0.
    """
    function = published(account, "v1")
    function.point()
    function.served(3)
    through = {"Resource": f"{account.name}:live"}
    account.eventually(_is(3, function, "Invocations", **through))
    there = {**_query(function, "Invocations", **through), "Id": "a", "ReturnData": False}
    nowhere = {**_query(function, "Invocations", ExecutedVersion="9", **through), "Id": "b", "ReturnData": False}
    expressions = ["a + b", "MAX([a, b])", "SUM([a, 0 - b])", "a / b", "a / (a > 0 && b > 0)", "IF(b >= 0, a, a)"]
    queries = [{"Id": f"e{place}", "Expression": each} for place, each in enumerate(expressions)]
    now, client = account.now(), account.client("cloudwatch")
    asked = {"MetricDataQueries": [there, nowhere, *queries], "StartTime": now - _HOUR, "EndTime": now + _HOUR}
    found = {each["Id"]: sum(each["Values"]) for each in client.get_metric_data(**asked)["MetricDataResults"]}
    assert found == {"e0": 3, "e1": 3, "e2": 3, "e3": 0, "e4": 0, "e5": 0}


@check("cloudwatch", unverified="that EPOCH counts seconds; in milliseconds every minute would be after a promotion")
def epoch_is_the_second_at_which_each_period_began_with_or_without_a_point(account: Account) -> None:
    """Source: CloudWatch user guide, metric math, EPOCH, 2023-06: a "non-sparse" series of the range's timestamps."""
    function = created(account)
    function.served(1, "$LATEST")
    account.eventually(_is(1, function, "Invocations"))
    metric = {**_query(function, "Invocations"), "Id": "a", "ReturnData": False}
    now, client = account.now(), account.client("cloudwatch")
    asked = {"StartTime": now - 5 * account.minute, "EndTime": now, "ScanBy": "TimestampAscending"}
    queries = [metric, {"Id": "e", "Expression": "EPOCH(a)"}]
    [found] = client.get_metric_data(MetricDataQueries=queries, **asked)["MetricDataResults"]
    assert [moment.timestamp() for moment in found["Timestamps"]] == found["Values"]
    assert len(found["Values"]) >= 5


@check("cloudwatch")
def the_newest_point_comes_first_unless_asked_otherwise(account: Account) -> None:
    """Source: CloudWatch API reference, GetMetricData, ScanBy, 2026-11."""
    function = created(account)
    account.eventually(lambda: function.served(1, "$LATEST") and len(values(function, "Invocations")) > 1)
    oldest_first = _read(function, "Invocations", ScanBy="TimestampAscending")["Timestamps"]
    assert oldest_first == sorted(oldest_first)
    for more in ({}, {"ScanBy": "TimestampDescending"}):
        newest_first = _read(function, "Invocations", **more)["Timestamps"]
        assert newest_first[-len(oldest_first) :] == oldest_first[::-1]


@check("2.3", unverified="the code of the refusal")
def five_hundred_queries_are_asked_at_once_and_no_more(account: Account) -> None:
    """Source: CloudWatch user guide, quotas, 2023; CloudWatch API reference, GetMetricData, 2026-11."""
    client, now, function = account.client("cloudwatch"), account.now(), Function(account)
    queries = [{**_query(function, "Invocations"), "Id": f"q{number}"} for number in range(501)]
    asked = {"StartTime": now - _HOUR, "EndTime": now}
    assert refusal_of(lambda: client.get_metric_data(MetricDataQueries=queries, **asked))[0] == 400
    assert len(client.get_metric_data(MetricDataQueries=queries[:500], **asked)["MetricDataResults"]) == 500
