"""Requests of CloudWatch's Query protocol become nested dicts, and nested dicts become its XML."""

from __future__ import annotations

from local.gaps.metric_wire import nested, xml


def test_dotted_names_become_structures_and_lists() -> None:
    parameters = {
        "AlarmName": ["a"],
        "Metrics.member.1.Id": ["e"],
        "Metrics.member.1.MetricStat.Metric.Dimensions.member.1.Name": ["FunctionName"],
        "Metrics.member.2.Id": ["r"],
    }
    first = {"Id": "e", "MetricStat": {"Metric": {"Dimensions": [{"Name": "FunctionName"}]}}}
    assert nested(parameters) == {"AlarmName": "a", "Metrics": [first, {"Id": "r"}]}


def test_members_are_in_the_order_of_their_numbers() -> None:
    assert nested({f"Names.member.{number}": str(number) for number in (10, 9, 1)}) == {"Names": ["1", "9", "10"]}


def test_a_value_is_written_with_members_and_without_what_is_absent() -> None:
    value = {"Alarms": [{"Name": "a<b", "On": True, "Unit": None}], "Count": 1.5}
    written = "<Alarms><member><Name>a&lt;b</Name><On>true</On></member></Alarms><Count>1.5</Count>"
    assert xml(value) == written


def test_a_map_is_written_as_entries() -> None:
    assert xml({"ExtendedStatistics": {"p99": 4.0}}) == (
        "<ExtendedStatistics><entry><key>p99</key><value>4.0</value></entry></ExtendedStatistics>"
    )
