"""How long requests take and how many are throttled: one call, thresholds of enough requests, minutes that are over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from controller.aws.cloudwatch.durations import Durations
from controller.aws.cloudwatch.series import CloudWatchSeries
from controller.core.gates.latency import Question
from controller.core.model import Refused, Transient
from controller.core.model.observation import DurationMetrics, Throttles
from controller.core.statistics.sequential_evidence import CountedMinute, Judgement, Minute
from controller.core.statistics.slow_requests import Measure, SlowRequests, Threshold
from tests.builders import CHECKOUT, NOW, after, slow_requests

HOUR_AGO = NOW - timedelta(hours=1)
LATER = after(minutes=10)


class Watch:
    """A CloudWatch that gives these answers and keeps what it was asked."""

    def __init__(self, stub: Stubber) -> None:
        self._stub = stub
        self.asked: list[dict[str, Any]] = []
        stub.client.meta.events.register("provide-client-params.*", lambda params, **_: self.asked.append(params))

    def read(self, question: Question, *results: dict[str, Any], now: datetime = LATER, **more: Any) -> DurationMetrics:
        self._stub.add_response("get_metric_data", {"MetricDataResults": list(results), **more})
        return Durations(CloudWatchSeries(self._stub.client)).read(CHECKOUT, question, now)

    def queries(self) -> dict[str, tuple[str, str, int, str]]:
        """Returns the metric, the version, the period and the statistic of each query of the last call."""
        found = {}
        for query in self.asked[-1]["MetricDataQueries"]:
            stat = query["MetricStat"]
            named = {each["Name"]: each["Value"] for each in stat["Metric"]["Dimensions"]}
            assert (named["FunctionName"], named["Resource"]) == ("checkout", "checkout:live")
            version = named.get("ExecutedVersion", "any")
            found[query["Id"]] = (stat["Metric"]["MetricName"], version, stat["Period"], stat["Stat"])
        return found


@pytest.fixture
def stub() -> Iterator[Stubber]:
    with Stubber(boto3.client("cloudwatch", region_name="us-east-1")) as made:
        yield made
        made.assert_no_pending_responses()


@pytest.fixture
def watch(stub: Stubber) -> Watch:
    return Watch(stub)


def question(
    *counted: SlowRequests, unset: tuple[Measure, ...] = (), throttles_since: datetime | None = None
) -> Question:
    return Question("3", "2", unset, counted, throttles_since)


def series(name: str, points: dict[datetime, float], status: str = "Complete") -> dict[str, Any]:
    return {"Id": name, "StatusCode": status, "Values": list(points.values()), "Timestamps": list(points)}


def each_minute(name: str, *values: float) -> dict[str, Any]:
    return series(name, {after(minutes=place): value for place, value in enumerate(values)})


# -- whether anything is counted ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [{}, {"canary_p50": ()}, {"canary_p50": (), "stable_p50": ()}])
def test_latency_is_blind_where_no_request_is_counted_over_the_p50(watch: Watch, known: dict[str, Any]) -> None:
    """Half of the stable version's are, so nothing counted is no calm."""
    asked = question(slow_requests(Measure.P50), slow_requests(Measure.P99))
    requests = [each_minute("canary_requests", 100, 100), each_minute("stable_requests", 900, 900)]
    nothing = [each_minute(name, *values) for name, values in known.items()]
    found = watch.read(asked, *requests, *nothing)
    assert found.minutes == {}


@pytest.mark.parametrize("version", ["canary", "stable"])
def test_a_count_of_either_version_says_that_there_are_counts(watch: Watch, version: str) -> None:
    asked = question(slow_requests(Measure.P50), slow_requests(Measure.P99))
    requests = [each_minute("canary_requests", 100), each_minute("stable_requests", 900)]
    found = watch.read(asked, *requests, each_minute(f"{version}_p50", 50))
    assert {measure: len(minutes) for measure, minutes in found.minutes.items()} == {Measure.P50: 1, Measure.P99: 1}


# -- thresholds -------------------------------------------------------------------------------------------------------

PERCENTILES = question(unset=(Measure.P50, Measure.P99))


def hour(samples: float, p50: float = 80.0, p99: float = 240.5, at: datetime = HOUR_AGO) -> list[dict[str, Any]]:
    values = {"hour_SampleCount": samples, "hour_p50": p50, "hour_p99": p99}
    return [series(name, {at: value}) for name, value in values.items()]


def over(measure: Measure, milliseconds: float) -> Threshold:
    return Threshold(measure, timedelta(milliseconds=milliseconds), timedelta(milliseconds=milliseconds))


def test_the_stable_versions_hour_is_asked_for_in_one_period(watch: Watch) -> None:
    watch.read(PERCENTILES, now=NOW)
    assert watch.queries() == {
        "hour_p50": ("Duration", "2", 3600, "p50"),
        "hour_p99": ("Duration", "2", 3600, "p99"),
        "hour_SampleCount": ("Duration", "2", 3600, "SampleCount"),
    }
    assert watch.asked[0]["StartTime"] == HOUR_AGO


def test_its_percentiles_are_the_thresholds_of_both_versions(watch: Watch) -> None:
    found = watch.read(PERCENTILES, *hour(1_000))
    assert found.thresholds == (over(Measure.P50, 80), over(Measure.P99, 240.5))


@pytest.mark.parametrize(("samples", "measures"), [(19, []), (20, [Measure.P50]), (999, [Measure.P50])])
def test_a_percentile_of_too_few_requests_is_no_threshold(watch: Watch, samples: int, measures: list[Measure]) -> None:
    assert [each.measure for each in watch.read(PERCENTILES, *hour(samples)).thresholds] == measures


@pytest.mark.parametrize("moments", [(HOUR_AGO, NOW), (NOW, HOUR_AGO)])
def test_of_an_hour_that_lies_in_two_periods_the_one_with_more_requests_is_taken(
    watch: Watch, moments: tuple[datetime, datetime]
) -> None:
    """Their percentiles cannot be put together."""
    few, many = hour(600, p50=1.0), hour(900, p50=80.0)
    both = [
        {**one, "Values": [*one["Values"], *two["Values"]], "Timestamps": list(moments)}
        for one, two in zip(few, many, strict=True)
    ]
    assert watch.read(PERCENTILES, *both).thresholds == (over(Measure.P50, 80),)


def test_an_hour_without_a_series_of_the_version_gives_no_threshold(watch: Watch) -> None:
    assert watch.read(PERCENTILES).thresholds == ()


def test_only_what_is_not_set_yet_is_asked_for(watch: Watch) -> None:
    watch.read(question(slow_requests(Measure.P50), unset=(Measure.P99,)))
    assert "hour_p50" not in watch.queries()
    assert watch.queries()["hour_p99"] == ("Duration", "2", 3600, "p99")


def test_timeouts_are_not_asked_of_cloudwatch(stub: Stubber) -> None:
    durations = Durations(CloudWatchSeries(stub.client))
    assert durations.read(CHECKOUT, question(unset=(Measure.TIMEOUTS,)), NOW) == DurationMetrics()


# -- minutes ----------------------------------------------------------------------------------------------------------

P99 = slow_requests(Measure.P99, over=240)


def test_requests_over_the_threshold_are_counted_beside_all_requests(watch: Watch) -> None:
    different = SlowRequests(
        Threshold(Measure.TIMEOUTS, timedelta(milliseconds=2999), timedelta(seconds=10)), NOW, (NOW,)
    )
    watch.read(question(P99, different))
    assert watch.queries() == {
        "canary_requests": ("Duration", "3", 60, "SampleCount"),
        "stable_requests": ("Duration", "2", 60, "SampleCount"),
        "canary_p99": ("Duration", "3", 60, "TC(240:)"),
        "stable_p99": ("Duration", "2", 60, "TC(240:)"),
        "canary_timeouts": ("Duration", "3", 60, "TC(2999:)"),
        "stable_timeouts": ("Duration", "2", 60, "TC(10000:)"),
    }


@pytest.mark.parametrize(
    ("milliseconds", "statistic"),
    [(0.5, "TC(0.5:)"), (1.2345678, "TC(1.235:)"), (899_999, "TC(899999:)"), (123_456.789, "TC(123456.789:)")],
)
def test_a_threshold_is_written_without_losing_or_adding_digits(
    watch: Watch, milliseconds: float, statistic: str
) -> None:
    watch.read(question(slow_requests(Measure.P50, over=milliseconds)))
    assert watch.queries()["canary_p50"][3] == statistic


def test_a_minute_has_the_requests_and_the_slow_ones_of_both_versions(watch: Watch) -> None:
    found = watch.read(
        question(P99),
        each_minute("canary_requests", 10, 12),
        each_minute("canary_p99", 1),
        each_minute("stable_requests", 90, 88),
        series("stable_p99", {after(minutes=1): 2}),
    )
    assert found.minutes[Measure.P99] == (
        CountedMinute(NOW, Minute(10, 1, 90, 0)),
        CountedMinute(after(minutes=1), Minute(12, 0, 88, 2)),
    )


def test_the_minute_in_which_the_threshold_was_set_is_left_out(watch: Watch) -> None:
    """CloudWatch rounds StartTime down to the minute."""
    set_late = slow_requests(Measure.P99, since=after(seconds=1))
    (found,) = watch.read(question(set_late), each_minute("stable_requests", 90, 88)).minutes[Measure.P99]
    assert (watch.asked[0]["StartTime"], found.began) == (after(seconds=1), after(minutes=1))


def test_each_measure_gets_the_minutes_that_it_has_not_judged(watch: Watch) -> None:
    judged = slow_requests(Measure.P50, judgement=Judgement(until=after(minutes=1)))
    counts = [each_minute(name, 90, 88, 89) for name in ("stable_requests", "stable_p50")]
    found = watch.read(question(judged, P99), *counts)
    assert watch.asked[0]["StartTime"] == NOW
    assert [minute.began for minute in found.minutes[Measure.P50]] == [after(minutes=2)]
    assert [minute.began for minute in found.minutes[Measure.P99]] == [NOW, after(minutes=1), after(minutes=2)]


def test_the_newest_minutes_are_not_counted_yet(watch: Watch) -> None:
    found = watch.read(question(P99), each_minute("stable_requests", 9, 9, 9, 9), now=after(minutes=4.5))
    assert [minute.began for minute in found.minutes[Measure.P99]] == [NOW, after(minutes=1)]


def test_a_minute_waits_as_long_as_any_request_of_it_may_run(watch: Watch) -> None:
    """A request that ends after 5 minutes is counted in the minute in which it began: until then it looks fast."""
    long = question(replace(P99, settles_in=timedelta(minutes=7)))
    found = watch.read(long, each_minute("stable_requests", *[9] * 8), now=after(minutes=9))
    assert [minute.began for minute in found.minutes[Measure.P99]] == [NOW, after(minutes=1)]


@pytest.mark.parametrize("control", [[], [each_minute("trimmed")]])
def test_timeouts_alone_are_blind_where_nothing_is_counted_over_next_to_nothing(
    watch: Watch, control: list[dict[str, Any]]
) -> None:
    timeouts = question(slow_requests(Measure.TIMEOUTS))
    requests = [each_minute("canary_requests", 9), each_minute("stable_requests", 90)]
    assert watch.read(timeouts, *requests, *control).minutes == {}
    assert watch.queries()["trimmed"] == ("Duration", "2", 60, "TC(0.001:)")
    (found,) = watch.read(timeouts, *requests, each_minute("trimmed", 90)).minutes[Measure.TIMEOUTS]
    assert found.counts == Minute(9, 0, 90, 0)


# -- the day before ---------------------------------------------------------------------------------------------------


def test_how_unevenly_slow_requests_came_is_read_of_the_stable_version_and_of_the_alias(
    stub: Stubber, watch: Watch
) -> None:
    stub.add_response("get_metric_data", {"MetricDataResults": []})
    Durations(CloudWatchSeries(stub.client)).spreads(CHECKOUT, "2", [P99.threshold], NOW)
    assert watch.queries() == {
        "own_requests": ("Duration", "2", 60, "SampleCount"),
        "own_p99": ("Duration", "2", 60, "TC(240:)"),
        "alias_requests": ("Duration", "any", 60, "SampleCount"),
        "alias_p99": ("Duration", "any", 60, "TC(240:)"),
    }
    assert watch.asked[0]["StartTime"] == NOW - timedelta(days=1)


@pytest.mark.parametrize(("slow", "least", "most"), [((5, 5), 1.0, 1.0), ((0, 10), 9.0, 11.0)])
def test_slow_requests_that_come_in_bursts_have_a_spread(
    stub: Stubber, slow: tuple[int, int], least: float, most: float
) -> None:
    began = [NOW - timedelta(minutes=each) for each in range(50, 0, -1)]
    requests = series("alias_requests", dict.fromkeys(began, 1000.0))
    counted = series("alias_p99", {each: float(slow[place % 2]) for place, each in enumerate(began)})
    stub.add_response("get_metric_data", {"MetricDataResults": [requests, counted]})
    found = Durations(CloudWatchSeries(stub.client)).spreads(CHECKOUT, "2", [P99.threshold], NOW)
    assert least <= found[Measure.P99] <= most


def test_one_that_is_slow_before_it_is_a_request_does_not_make_more_of_them(watch: Watch) -> None:
    (found,) = watch.read(question(P99), each_minute("canary_requests", 2), each_minute("canary_p99", 3)).minutes[
        Measure.P99
    ]
    assert found.counts == Minute(2, 2, 0, 0)


# -- throttles --------------------------------------------------------------------------------------------------------

THROTTLES = question(throttles_since=NOW)


def test_throttles_are_those_of_the_alias(watch: Watch) -> None:
    """A throttled request reaches no version."""
    watch.read(THROTTLES)
    assert watch.queries() == {
        "throttled": ("Throttles", "any", 60, "Sum"),
        "served": ("Invocations", "any", 60, "Sum"),
    }
    assert watch.asked[0]["StartTime"] == NOW


def test_the_last_five_counted_minutes_add_up(watch: Watch) -> None:
    found = watch.read(THROTTLES, each_minute("throttled", 100, *[1] * 5), each_minute("served", 900, *[9] * 5))
    assert found.throttles == Throttles(5, 45, 5)


def test_minutes_from_before_the_step_do_not_count(watch: Watch) -> None:
    late = question(throttles_since=after(minutes=4, seconds=10))
    found = watch.read(late, each_minute("throttled", *[7] * 6), each_minute("served", *[9] * 6))
    assert found.throttles == Throttles(7, 9, 1)


def test_a_minute_in_which_all_was_throttled_counts(watch: Watch) -> None:
    assert watch.read(THROTTLES, each_minute("throttled", 7)).throttles == Throttles(7, 0, 1)


def test_a_minute_that_may_still_grow_does_not_count(watch: Watch) -> None:
    found = watch.read(THROTTLES, each_minute("throttled", 1, 1, 50), now=after(minutes=2.5))
    assert found.throttles.throttled == 1


# -- together ---------------------------------------------------------------------------------------------------------


def test_one_call_answers_all(watch: Watch) -> None:
    everything = Question("3", "2", (Measure.P99,), (slow_requests(Measure.P50),), NOW)
    counts = [each_minute(name, 1) for name in ("canary_requests", "canary_p50", "throttled")]
    found = watch.read(everything, *hour(1_000), *counts)
    assert len(watch.asked) == 1
    assert watch.asked[0]["StartTime"] == LATER - timedelta(hours=1)
    assert (len(found.thresholds), len(found.minutes[Measure.P50]), found.throttles.throttled) == (1, 1, 1)


def test_every_page_is_read(stub: Stubber, watch: Watch) -> None:
    first = {"MetricDataResults": [each_minute("served", 9)], "NextToken": "two"}
    stub.add_response("get_metric_data", first)
    assert watch.read(THROTTLES, each_minute("throttled", 1)).throttles == Throttles(1, 9, 1)
    assert watch.asked[1]["NextToken"] == "two"


@pytest.mark.parametrize(
    ("code", "status", "means"),
    [("Throttling", 400, Transient), ("InternalServiceFault", 500, Transient), ("AccessDenied", 403, Refused)],
)
def test_what_cannot_be_read_is_an_error(stub: Stubber, code: str, status: int, means: type[Exception]) -> None:
    stub.add_client_error("get_metric_data", code, "no", status)
    with pytest.raises(means, match="reading how long the requests of checkout:live take failed"):
        Durations(CloudWatchSeries(stub.client)).read(CHECKOUT, PERCENTILES, NOW)


@pytest.mark.parametrize("status", ["InternalError", "Forbidden"])
def test_a_series_that_cloudwatch_could_not_read_is_not_an_empty_one(watch: Watch, status: str) -> None:
    with pytest.raises(Transient):
        watch.read(THROTTLES, series("throttled", {}, status))
