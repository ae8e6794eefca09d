"""The queries of GetMetricData and of math alarms are read, refused and computed as CloudWatch does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from local.emulator.rules.cloudwatch.queries import QueryError, Range, compute, period_of, read_queries, written
from local.emulator.rules.cloudwatch.series import MetricStat

TIMES = (0.0, 60.0)


def metric(identifier: str, name: str = "Errors", **changes: Any) -> dict[str, Any]:
    dimensions = [{"Name": "Resource", "Value": "shop:live"}, {"Name": "FunctionName", "Value": "shop"}]
    named = {"Namespace": "AWS/Lambda", "MetricName": name, "Dimensions": dimensions}
    return {"Id": identifier, "MetricStat": {"Metric": named, "Period": 60, "Stat": "Sum"}} | changes


def expression(identifier: str, text: str, **changes: Any) -> dict[str, Any]:
    return {"Id": identifier, "Expression": text} | changes


def computed(*entries: dict[str, Any], **metrics: Mapping[float, float]) -> dict[str, Any]:
    return compute(read_queries(entries), Range(lambda stat: metrics[stat.name], lambda _: TIMES))


def test_a_metric_is_read_with_its_exact_dimensions() -> None:
    (query,) = read_queries([metric("e")])
    dimensions = (("FunctionName", "shop"), ("Resource", "shop:live"))
    assert query.metric == MetricStat("AWS/Lambda", "Errors", dimensions, 60, "Sum")


def test_numbers_and_truths_of_the_query_protocol_are_read_from_text() -> None:
    entry = metric("e", ReturnData="false")
    entry["MetricStat"]["Period"] = "300"
    (query,) = read_queries([entry])
    assert query.metric is not None
    assert (query.metric.period, query.return_data) == (300, False)


def test_return_data_is_true_unless_said_otherwise() -> None:
    assert [query.return_data for query in read_queries([metric("e"), metric("i", ReturnData=False)])] == [
        True,
        False,
    ]


def test_an_entry_is_written_as_it_was_sent_with_return_data() -> None:
    sent = [metric("e", ReturnData=False), expression("r", "e * 2", Label="twice")]
    back = [written(query) for query in read_queries(sent)]
    dimensions = back[0]["MetricStat"]["Metric"]["Dimensions"]
    assert sorted(each["Name"] for each in dimensions) == ["FunctionName", "Resource"]
    assert back[1] == {"Id": "r", "Expression": "e * 2", "Label": "twice", "ReturnData": True}


def test_expressions_may_use_each_other_in_any_order() -> None:
    entries = [expression("r", "twice + 1"), metric("e"), expression("twice", "e * 2")]
    assert computed(*entries, Errors={0.0: 3.0})["r"] == {0.0: 7.0}


def test_epoch_reaches_over_the_whole_range() -> None:
    assert computed(metric("e"), expression("r", "EPOCH(e)"), Errors={60.0: 1.0})["r"] == {
        0.0: 0.0,
        60.0: 60.0,
    }


def test_the_period_of_an_expression_is_the_longest_of_its_metrics() -> None:
    slow = metric("i")
    slow["MetricStat"]["Period"] = 300
    queries = read_queries([metric("e"), slow, expression("r", "s"), expression("s", "e / i")])
    assert [period_of(queries, query) for query in queries] == [60, 300, 300, 300]


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([metric("e"), metric("e")], "id 'e' is used more than once"),
        ([metric("E")], "must start with a lower-case letter"),
        ([{"Id": "e"}], "either MetricStat or Expression"),
        ([metric("e", Expression="1")], "either MetricStat or Expression"),
        ([expression("r", "e +")], r"Error in expression 'r' \[the expression 'e \+' ends too early"),
        ([expression("r", "e")], "Error in expression 'r' .*uses 'e', which is not an id"),
        ([expression("r", "s"), expression("s", "r")], "Error in expression 's' .*uses 'r', which uses it"),
        ([expression("r", "5")], "gives a scalar"),
        ([expression("r", "RATE(e)"), metric("e")], "RATE of 1 arguments is not computed here"),
    ],
)
def test_queries_that_make_no_sense_are_refused(entries: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(QueryError, match=said):
        computed(*entries, Errors={})


def test_a_period_that_cannot_be_is_refused() -> None:
    entry = metric("e")
    entry["MetricStat"]["Period"] = 45
    with pytest.raises(QueryError, match="multiple of 60, not 45"):
        read_queries([entry])


def with_statistic(identifier: str, name: str) -> dict[str, Any]:
    entry = metric(identifier)
    entry["MetricStat"]["Stat"] = name
    return entry


def test_a_statistic_that_is_not_computed_here_is_refused() -> None:
    with pytest.raises(QueryError, match="the statistic 'tm99' cannot be computed here; use "):
        read_queries([metric("c"), with_statistic("a", "tm99")])


@pytest.mark.parametrize("name", ["p99.9", "TC(100:)"])
def test_extended_statistics_are_read(name: str) -> None:
    (query,) = read_queries([with_statistic("a", name)])
    assert query.metric is not None and query.metric.stat == name
