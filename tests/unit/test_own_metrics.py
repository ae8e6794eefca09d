"""The controller's own metrics: one line of CloudWatch's embedded format where there is something to say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller import own_metrics

BACK = {"event": "alarm", "alarm": "slipway/checkout/live/42", "alias_rolled_back": True, "seconds_to_alias": 0.31}
TICK = {"event": "tick", "open": 3, "due": 2, "left": 0, "throttled": 0, "rolling_back": 0}


def written(capsys: pytest.CaptureFixture[str], *lines: dict[str, Any]) -> Any:
    own_metrics.write(lines, "slipway-controller")
    text = capsys.readouterr().out
    return json.loads(text) if text else None


def test_a_rollback_by_alarm_says_how_many_seconds_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    found = written(capsys, BACK)
    assert (found["SecondsFromAlarmToAlias"], found["AliasesRolledBack"]) == ([0.31], [1.0])
    (described,) = found["_aws"]["CloudWatchMetrics"]
    assert (described["Namespace"], described["Dimensions"]) == ("Slipway", [["service"]])
    assert found["service"] == "slipway-controller"
    assert {"Name": "SecondsFromAlarmToAlias", "Unit": "Seconds"} in described["Metrics"]


def test_a_tick_says_what_is_open_and_what_it_had_no_time_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert written(capsys, TICK)["OpenDeployments"] == [3.0]
    assert written(capsys, {**TICK, "left": 2})["DeploymentsLeftOut"] == [2.0]
    assert written(capsys, {**TICK, "rolling_back": 1})["RollbacksUnderWay"] == [1.0]


@pytest.mark.parametrize(
    "line",
    [
        {**BACK, "alias_rolled_back": False},
        {**TICK, "open": 0},
        {"event": "request", "request": "status", "ok": True},
        {"event": "ignored", "reason": "a tick of yesterday"},
    ],
    ids=lambda line: line["event"],
)
def test_what_has_nothing_to_say_writes_nothing(line: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert written(capsys, line) is None


def test_all_events_of_one_invocation_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert written(capsys, BACK, BACK)["AliasesRolledBack"] == [1.0, 1.0]


def test_the_ends_of_deployments_are_counted_by_outcome_and_cause_and_by_no_function(
    capsys: pytest.CaptureFixture[str],
) -> None:
    end = {"deployment": "checkout:live#5", "outcome": "ROLLED_BACK", "cause": "alarm"}
    own_metrics.write([{**TICK, "open": 0, "ended": [end, {**end, "cause": "errors"}]}], "slipway-controller")
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["outcome"], each["cause"], each["DeploymentsEnded"]) for each in found] == [
        ("ROLLED_BACK", "alarm", [1.0]),
        ("ROLLED_BACK", "errors", [1.0]),
    ]
    for each in found:
        assert each["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service", "outcome", "cause"]]
        assert "checkout" not in json.dumps(each)


def test_the_calls_to_lambda_that_the_account_shares_are_a_metric(capsys: pytest.CaptureFixture[str]) -> None:
    own_metrics.write([TICK], "slipway-controller", calls=7)
    assert json.loads(capsys.readouterr().out)["CallsToLambda"] == [7.0]
