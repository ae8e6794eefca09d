"""The bars that are counts hold, and a call more than they allow breaks them. `make bench` measures the others, too."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import alarm_path, artifact_check, busy_tick, quiet_tick
from bench.alarm_path import CASES, Case
from bench.load import alarm_storm, judged_ticks, one_deployment, overlapping_ticks, upload_flood
from bench.load.account import Attempt, a_second_in_busiest_minute
from bench.row import Row, table, verdict
from tests.builders import NOW
from tests.cloud.faults import Call

OWN, NAMED = CASES[0], CASES[2]


def call(service: str, operation: str) -> Call:
    return Call(0, service, operation, {}, NOW)


FINE = Row("a", "1", "1", holds=True, numbers={"calls": 1})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_an_alarm_brings_the_alias_back_with_no_call_too_many(case: Case) -> None:
    row = alarm_path.judged(case, alarm_path.calls(case))
    assert row.holds, row.measured


def test_a_large_zip_is_checked_by_few_parts_of_it_in_little_memory() -> None:
    row = artifact_check.measured()
    assert row.holds, row.measured


def test_a_tick_with_nothing_due_reads_pages_and_alarms_and_no_alias() -> None:
    row = quiet_tick.counted()
    assert row.holds, row.measured
    assert row.numbers["queries"] > 1, "one page proves nothing about the next"


def test_a_busy_tick_keeps_to_the_budget_and_writes_the_rollback_first() -> None:
    row = busy_tick.counted()
    assert row.holds, row.measured


def test_a_storm_of_alarms_comes_back_at_the_speed_of_the_account() -> None:
    row = alarm_storm.judged_row(alarm_storm.played(60, 0))
    assert row.holds, row.measured


def test_one_alarm_is_three_calls_to_lambda_for_both_controllers() -> None:
    row = alarm_storm.one_alarm()
    assert row.holds, row.measured


def test_one_deployment_makes_no_call_too_many() -> None:
    row = one_deployment.counted()
    assert row.holds, row.measured
    assert not one_deployment.judged(14, 25, succeeded=True).holds
    assert not one_deployment.judged(13, 26, succeeded=True).holds


def test_looks_with_nothing_to_do_share_a_call_to_cloudwatch_and_read_an_alias_in_turn() -> None:
    looks = judged_ticks.played(100)
    worse = ({"longest_gap": 76.0}, {"counted": looks.looks}, {"metrics": 2 * looks.metrics}, {"dead_letters": 1})
    assert_holds_and_nothing_worse(judged_ticks.judged_row, looks, *worse)


def test_ticks_that_overlap_share_their_work_and_one_budget() -> None:
    overlap = overlapping_ticks.played(120)
    once_more = {"calls": overlap.calls + Counter(["UpdateAlias"])}
    late = {"all_after": 1.31 * overlap.needed}
    assert_holds_and_nothing_worse(overlapping_ticks.judged_row, overlap, once_more, {"busiest_minute": 5.3}, late)


def test_a_flood_of_uploads_is_recorded_at_once_and_served_at_the_speed_of_the_budget() -> None:
    flood = upload_flood.played(100)
    once_more = {"calls": flood.calls + Counter(["PublishVersion"])}
    late = ({"recorded_after": 80}, {"serving_after": 1.31 * flood.needed})
    worse = (once_more, *late, {"busiest_minute": 5.3}, {"dead_letters": 1})
    assert_holds_and_nothing_worse(upload_flood.judged_row, flood, *worse)


def assert_holds_and_nothing_worse(judged_row: Callable[[Any], Row], found: Any, *worse: Mapping[str, object]) -> None:
    """The row of what was played holds, and none of it that is worse in one figure."""
    row = judged_row(found)
    assert row.holds, row.measured
    for each in worse:
        assert not judged_row(replace(found, **each)).holds, each


def test_the_busiest_minute_begins_wherever_the_most_calls_are() -> None:
    calls = [Attempt(at, "lambda", "GetAlias", "checkout", refused=False) for at in (0.0, *range(50, 110), 115.0)]
    assert a_second_in_busiest_minute(calls) == 1.0
    assert a_second_in_busiest_minute([]) == 0


@pytest.mark.parametrize("case", [OWN, NAMED], ids=lambda case: case.what)
@pytest.mark.parametrize(
    "more",
    [call("lambda", "GetFunction"), call("lambda", "CreateAlias"), call("sns", "Publish")],
    ids=str,
)
def test_one_call_more_breaks_the_bar_of_an_alarm(case: Case, more: Call) -> None:
    assert not alarm_path.judged(case, [more, *alarm_path.calls(case)]).holds


def test_a_second_write_to_the_table_breaks_the_bar_of_a_named_alarm() -> None:
    assert not alarm_path.judged(NAMED, [call("dynamodb", "PutItem"), *alarm_path.calls(NAMED)]).holds


def test_any_call_to_the_table_breaks_the_bar_of_an_own_alarm() -> None:
    assert not alarm_path.judged(OWN, [call("dynamodb", "GetItem"), *alarm_path.calls(OWN)]).holds


@pytest.mark.parametrize(
    "wrong", [{"FunctionVersion": "7"}, {"RoutingConfig": {"AdditionalVersionWeights": {"7": 0.1}}}, {"RevisionId": ""}]
)
def test_an_alias_that_is_written_wrong_is_not_back(wrong: dict[str, object]) -> None:
    *before, write = alarm_path.calls(OWN)
    changed = replace(write, parameters={**write.parameters, **wrong})
    assert not alarm_path.judged(OWN, [*before, changed]).holds


@pytest.mark.parametrize("more", ["lambda GetAlias", "dynamodb Query", "dynamodb GetItem", "cloudwatch DescribeAlarms"])
def test_one_call_more_breaks_the_bar_of_a_tick(more: str) -> None:
    made = Counter({"dynamodb Query": 2, "cloudwatch DescribeAlarms": 10})
    assert quiet_tick.judged(made, 2, 10, saw_all=True).holds
    assert not quiet_tick.judged(made + Counter([more]), 2, 10, saw_all=True).holds


@pytest.mark.parametrize(("written", "in_one_second", "back_first"), [(200, 5, True), (201, 6, True), (201, 5, False)])
def test_one_too_many_or_one_too_late_breaks_the_bar_of_a_busy_tick(
    written: int, in_one_second: int, back_first: bool
) -> None:
    assert busy_tick.judged(201, 5, 160, back_first=True).holds
    assert not busy_tick.judged(written, in_one_second, 160, back_first=back_first).holds


@pytest.mark.parametrize("counts", [(4, 1, 1, 1), (3, 2, 1, 1), (3, 1, 1024 * 1024, 1), (3, 1, 1, 20_000_000)])
def test_one_too_many_breaks_the_bar_of_the_artifact_check(counts: tuple[int, int, int, int]) -> None:
    assert not artifact_check.judged(*counts, saw_all=True).holds


def test_the_table_says_what_does_not_hold() -> None:
    assert table([FINE, replace(FINE, what="longer", holds=False)]).splitlines() == [
        "what   | bar | measured | holds",
        "------ | --- | -------- | -----",
        "a      | 1   | 1        | yes",
        "longer | 1   | 1        | NO",
    ]


def test_one_bar_that_does_not_hold_is_enough_to_fail() -> None:
    assert verdict([FINE])["ok"]
    assert not verdict([FINE, replace(FINE, holds=False)])["ok"]


def test_what_is_measured_needs_no_test() -> None:
    """A test that is moved or renamed must not change what `make bench` says."""
    files = (Path(__file__).parents[2] / "bench").rglob("*.py")
    assert [file.name for file in files if re.search(r"\btests\.\S*\btest_", file.read_text("utf-8"))] == []
