"""Series of many questions by few calls: each answer is the one that its question gets alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from controller.aws.cloudwatch.series import CloudWatchSeries, Query, Question
from controller.core.model import Target
from controller.core.statistics.shift import MINUTE
from tests.builders import NOW, after
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Call, Fault, Refusal
from tests.cloud.metrics import Invoked

FOUR = tuple(
    Query(f"{whose}_{metric.lower()}", metric, version)
    for whose, version in (("canary", "3"), ("stable", "2"))
    for metric in ("Invocations", "Errors")
)
HOUR = timedelta(hours=1)


@pytest.fixture
def cloud() -> Cloud:
    made = Cloud()
    made.callers.clear()
    return made


@pytest.fixture
def series(cloud: Cloud) -> CloudWatchSeries:
    return CloudWatchSeries(cloud.client("cloudwatch"))


def question(place: int, since: datetime = NOW, until: datetime | None = None, **changes: Any) -> Question:
    queries = changes.pop("queries", FOUR)
    return Question(Target(f"function-{place}", "live"), queries, since, until or after(minutes=9), **changes)


def serves(cloud: Cloud, *places: int, minutes: int = 5) -> None:
    """Each minute the functions serve: the one at place 7 has 7 requests of the canary and 14 of the stable version."""
    for _ in range(minutes):
        for place in places:
            for version, times in (("3", place), ("2", 2 * place)):
                cloud.metrics.count(f"function-{place}", "live", version, Invoked(times=times))
        cloud.advance(MINUTE)
    cloud.advance(3 * MINUTE)


def calls(cloud: Cloud) -> list[Call]:
    return [call for call in cloud.calls if call.operation == "GetMetricData"]


def filled(answer: Any) -> dict[str, dict[datetime, float]]:
    return {name: dict(points) for name, points in answer.items() if points}


def test_a_hundred_questions_of_four_series_are_one_call(cloud: Cloud, series: CloudWatchSeries) -> None:
    serves(cloud, *range(1, 101), minutes=1)
    found = series.read_many(question(place) for place in range(1, 101))
    assert len(calls(cloud)) == 1
    assert all(found[question(place)]["canary_invocations"] == {NOW: float(place)} for place in range(1, 101))


def test_a_call_asks_for_five_hundred_series_at_most(cloud: Cloud, series: CloudWatchSeries) -> None:
    found = series.read_many(question(place) for place in range(251))
    assert [len(call.parameters["MetricDataQueries"]) for call in calls(cloud)] == [500, 500, 4]
    assert len(found) == 251


def test_a_call_asks_for_ninety_thousand_points_at_most_and_each_second_for_as_many(cloud: Cloud) -> None:
    slept: list[float] = []
    series = CloudWatchSeries(cloud.client("cloudwatch"), sleep=slept.append)
    assert len(series.read_many(question(place, until=after(hours=6)) for place in range(100))) == 100
    assert [len(call.parameters["MetricDataQueries"]) for call in calls(cloud)] == [4 * 62, 4 * 38]
    assert slept == [0.0, pytest.approx(62 * 4 * 360 / 90_000)]


def test_each_answer_is_that_of_the_question_asked_alone(cloud: Cloud, series: CloudWatchSeries) -> None:
    serves(cloud, 3, 7)
    asked = [
        question(3, since=after(seconds=90)),
        question(7, until=after(seconds=119)),
        question(7, since=after(minutes=1), until=after(seconds=179)),
        question(9),
    ]
    together = series.read_many(asked)
    assert len(calls(cloud)) == 1
    for each in asked:
        assert filled(together[each]) == filled(series.read(each))
    assert filled(together[asked[0]])["canary_invocations"].keys() == {after(minutes=each) for each in (1, 2, 3, 4)}


def test_hours_are_asked_for_in_a_range_of_their_own(cloud: Cloud, series: CloudWatchSeries) -> None:
    """An hour's period begins with the range."""
    serves(cloud, 3)
    by_hour = (Query("hour", "Invocations", "3", period=HOUR),)
    asked = [question(3), question(3, queries=by_hour), question(3, after(minutes=1), queries=by_hour)]
    found = series.read_many(asked)
    assert len(calls(cloud)) == 3
    assert found[asked[1]] == {"hour": {NOW: 15.0}}
    assert found[asked[2]] == {"hour": {after(minutes=1): 12.0}}


def test_every_page_is_read(cloud: Cloud, series: CloudWatchSeries) -> None:
    serves(cloud, 3, 7)
    cloud.metrics.page = 2
    found = series.read_many([question(3), question(7)])
    assert len(calls(cloud)) == 3
    assert {place: len(found[question(place)]["stable_errors"]) for place in (3, 7)} == {3: 5, 7: 5}


def test_a_question_is_asked_once(cloud: Cloud, series: CloudWatchSeries) -> None:
    series.read_many([question(3), question(3)])
    assert len(calls(cloud)[0].parameters["MetricDataQueries"]) == 4


def test_without_questions_nothing_is_asked(cloud: Cloud, series: CloudWatchSeries) -> None:
    assert series.read_many(()) == {}
    assert calls(cloud) == []


def test_a_question_with_an_unread_series_is_left_out(cloud: Cloud, series: CloudWatchSeries) -> None:
    serves(cloud, 3, 7)
    cloud.metrics.unread = {"function-3"}
    assert series.read_many([question(3), question(7)]).keys() == {question(7)}


def test_after_a_throttled_call_the_rest_is_left_out(cloud: Cloud, series: CloudWatchSeries) -> None:
    cloud.fail(lambda call: call.operation == "GetMetricData" and call.nth == 2, Fault.THROTTLED)
    assert len(series.read_many(question(place) for place in range(300))) == 125
    assert len(calls(cloud)) == 2


def test_a_refused_question_is_left_out_and_the_others_are_asked_alone(cloud: Cloud, series: CloudWatchSeries) -> None:
    def refused(call: Call) -> None:
        if "function-3" in repr(call.parameters):
            raise Refusal(400, "ValidationError", "Invalid metric")

    cloud.wire.on_attempt = refused
    assert series.read_many(question(place) for place in (2, 3, 4)).keys() == {question(2), question(4)}
    assert len(calls(cloud)) == 4
