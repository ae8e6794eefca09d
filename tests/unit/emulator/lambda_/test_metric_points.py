"""Each run counts for the function, for what was addressed and, through an alias, for the version that ran."""

from __future__ import annotations

from local.emulator.rules.lambda_.metric_points import Run, milliseconds, points, series
from local.emulator.rules.lambda_.references import Reference


def run(qualifier: str | None = None, *, failed: bool = False, throttled: bool = False) -> Run:
    return Run(Reference("1", "r", "checkout", qualifier), "7", failed, throttled, 12.5)


def values_of(counted: Run) -> dict[str, float]:
    return {point.metric: point.value for point in points(counted)}


def test_a_run_through_an_alias_counts_three_times() -> None:
    assert list(series(run("live"))) == [
        {"FunctionName": "checkout"},
        {"FunctionName": "checkout", "Resource": "checkout:live"},
        {"FunctionName": "checkout", "Resource": "checkout:live", "ExecutedVersion": "7"},
    ]


def test_a_run_of_a_version_by_number_has_no_executed_version() -> None:
    assert [one.get("Resource") for one in series(run("7"))] == [None, "checkout:7"]


def test_a_run_of_the_function_itself_has_its_name_as_resource() -> None:
    assert [one.get("Resource") for one in series(run())] == [None, "checkout"]


def test_a_success_writes_an_error_of_nothing() -> None:
    assert values_of(run()) == {"Invocations": 1, "Errors": 0, "Throttles": 0, "Duration": 12.5}


def test_a_failure_is_an_invocation_and_an_error() -> None:
    assert values_of(run(failed=True)) == {"Invocations": 1, "Errors": 1, "Throttles": 0, "Duration": 12.5}


def test_a_throttled_request_is_no_invocation_and_reaches_no_version() -> None:
    throttled = run("live", throttled=True)
    assert values_of(throttled) == {"Throttles": 1}
    assert [one.get("Resource") for one in series(throttled)] == [None, "checkout:live"]


def test_a_duration_is_at_most_the_timeout() -> None:
    assert milliseconds(0.25, 3) == 250
    assert milliseconds(3.004, 3) == 3000
