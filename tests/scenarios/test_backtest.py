"""What people ask of the past: what the error gate would have done, from what CloudWatch still knows."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Phase
from tests.builders import NOW
from tests.cloud.clock import MINUTE
from tests.cloud.scene import Scene
from tests.cloud.story import SETTINGS

BAD = {"4": (100, 2), "3": (900, 2)}
GOOD = {"4": (100, 1), "3": (900, 9)}
HOUR = timedelta(hours=1)


def an_hour_after(counts: Mapping[str, tuple[int, int]], minutes: int = 60) -> Scene:
    """It is an hour after NOW, or so many minutes, and in each of them both versions had these requests, and failures
    among them. In each minute of the day before, 4 of 1,000 failed.
    """
    story = Scene().given_day(1_000, 4)
    for _ in range(minutes):
        for version, found in counts.items():
            story.cloud.metrics.total("checkout", "live", version, found)
        story.passes(MINUTE)
    return story


@pytest.fixture
def story() -> Scene:
    return an_hour_after(BAD)


def judged(story: Scene, **more: Any) -> Mapping[str, Any]:
    asked = {
        "function": "checkout",
        "stable": "3",
        "canary": "4",
        "from": "2026-11-24T10:00:00Z",
        "to": "2026-11-24T10:30:00Z",
        **more,
    }
    payload = {"request": "backtest", **{name: value for name, value in asked.items() if value is not None}}
    return story.sends(payload)


def refused(story: Scene, **more: Any) -> str:
    answer = judged(story, **more)
    assert not answer["ok"]
    return str(answer["error"])


def test_a_canary_that_failed_more_often_would_have_been_rolled_back(story: Scene) -> None:
    answer = judged(story)
    assert (answer["ok"], answer["target"], answer["would"]) == (True, "checkout:live", "rollback")
    assert answer["because"] == (
        "the evidence was enough for a significance of 0.01 after the minute that began at 2026-11-24T10:03:00+00:00"
    )


def test_it_says_when_first_with_the_counts_until_then(story: Scene) -> None:
    first = judged(story)["first"]
    assert (first["minute"], first["minutes"]) == ("2026-11-24T10:03:00+00:00", 4)
    assert first["canary"] == {"version": "4", "invocations": 400, "errors": 8, "error_rate": 0.02}
    assert first["stable"] == {"version": "3", "invocations": 3600, "errors": 8, "error_rate": 0.002222}
    assert first["log_evidence"] >= math.log(125)
    assert first["in_words"].startswith("version 4 failed 8 of 400 (2 %) requests, version 3 8 of 3,600 (0.222 %) in")


def test_it_counts_the_whole_time_too(story: Scene) -> None:
    answer = judged(story)
    assert (answer["all"]["minutes"], answer["all"]["canary"]["errors"]) == (30, 60)
    assert (answer["from"], answer["to"]) == ("2026-11-24T10:00:00+00:00", "2026-11-24T10:30:00+00:00")


def test_it_would_have_rolled_back_in_the_minute_in_which_a_deployment_does(story: Scene) -> None:
    live = Scene().given_day(1_000, 4).given_counts(v1=(900, 2), v2=(100, 2))
    live.given_shifting(gates={"errors": {"significance": 0.01}, "min_invocations": 0})
    while live.phase() is Phase.SHIFTING:
        live.ticks()
    shift = live.deployment().evidence.shift
    first = judged(story)["first"]
    assert (first["minutes"], first["log_evidence"]) == (shift.evidence.units, round(math.log(shift.odds), 3))
    assert live.deployment().reason and live.deployment().reason.text.startswith("8 of 16 errors were version 2's")


def test_a_canary_that_failed_as_often_would_have_stayed() -> None:
    answer = judged(an_hour_after(GOOD))
    assert (answer["would"], answer["first"]) == ("nothing", None)
    assert answer["because"] == "the evidence was not enough for a significance of 0.01 after any of 30 minutes"
    assert answer["all"]["log_evidence"] < 0


def test_no_counts_at_all_are_said_to_be_none() -> None:
    answer = judged(an_hour_after({}))
    assert (answer["ok"], answer["would"], answer["first"], answer["all"]) == (True, "nothing", None, None)
    assert answer["because"].startswith("there is no minute in which versions 4 and 3 both had requests")


def test_one_version_alone_cannot_be_judged() -> None:
    assert judged(an_hour_after({"3": (900, 9)}))["all"] is None


def test_it_changes_nothing_and_only_reads(story: Scene) -> None:
    judged(story)
    assert story.cloud.calls and all(call.is_read for call in story.cloud.calls)
    assert story.cloud.table.rows == {}


# -- what is left away ------------------------------------------------------------------------------------------------


def test_without_an_end_it_is_now(story: Scene) -> None:
    answer = judged(story, to=None)
    assert (answer["to"], answer["all"]["minutes"]) == ("2026-11-24T11:00:00+00:00", 43)


def test_minutes_whose_requests_may_still_run_are_left_out(story: Scene) -> None:
    """Versions that are gone may have had any Timeout, 15 minutes at most; those that are there have 3 seconds."""
    story.given_running().given_version("3").given_version("4", "v4")
    assert judged(story, to=None)["all"]["minutes"] == 57


def test_an_end_to_come_is_now(story: Scene) -> None:
    assert judged(story, to="2027-01-01T00:00:00Z")["to"] == "2026-11-24T11:00:00+00:00"


@pytest.mark.parametrize(
    ("errors", "significance"),
    [({"significance": 0.05}, 0.05), (False, 0.01), (None, 0.01)],
    ids=["0.05", "off", "unsaid"],
)
def test_without_a_significance_it_is_that_of_the_default_manifest(
    story: Scene, errors: object, significance: float
) -> None:
    gates = {} if errors is None else {"gates": {"errors": errors}}
    story.settings = replace(SETTINGS, defaults=json.dumps(gates))
    answer = judged(story)
    assert answer["significance"] == significance
    assert answer["rolls_back_at"] == round(math.log(1 / (0.8 * significance)), 3)


def test_a_stricter_significance_takes_longer(story: Scene) -> None:
    assert judged(story, significance=1e-9)["first"]["minutes"] > judged(story, significance=0.05)["first"]["minutes"]


def test_without_an_alias_it_is_that_of_the_default_manifest(story: Scene) -> None:
    story.settings = replace(SETTINGS, defaults='{"alias": "prod"}')
    assert judged(story)["target"] == "checkout:prod"
    assert judged(story, alias="live")["target"] == "checkout:live"


def test_a_time_of_any_offset_is_taken(story: Scene) -> None:
    answer = judged(story, **{"from": "2026-11-24T11:00+01:00", "to": "2026-11-24T05:30:00-05:00"})
    assert (answer["from"], answer["to"]) == ("2026-11-24T10:00:00+00:00", "2026-11-24T10:30:00+00:00")


# -- what cannot be asked ---------------------------------------------------------------------------------------------


def test_a_version_is_not_compared_with_itself(story: Scene) -> None:
    assert refused(story, stable="4") == "stable and canary are both version 4; name two versions"


@pytest.mark.parametrize("version", ["$LATEST", "live", "0", "03", "4\n", "", 4])
def test_a_version_is_a_number_as_lambda_writes_it(story: Scene, version: object) -> None:
    assert refused(story, canary=version).startswith("canary: found")


@pytest.mark.parametrize("end", ["2026-11-24T10:00:00Z", "2026-11-24T09:59:59Z"])
def test_the_end_comes_after_the_beginning(story: Scene, end: str) -> None:
    assert refused(story, to=end).startswith("from: found 2026-11-24T10:00:00+00:00, allowed: before to, ")


def test_what_is_to_come_is_not_judged(story: Scene) -> None:
    assert "allowed: before to, 2026-11-24T11:00:00+00:00" in refused(
        story, **{"from": "2026-11-24T11:00:00Z", "to": None}
    )


def test_three_days_are_judged_and_no_more() -> None:
    story = an_hour_after(BAD, minutes=3 * 24 * 60)
    story.cloud.clock.now = NOW + 5 * 24 * HOUR
    assert judged(story, to="2026-11-27T10:00:00Z")["all"]["minutes"] == 3 * 24 * 60
    assert refused(story, to="2026-11-27T10:00:01Z") == (
        "from and to are 3 days, 0:00:01 apart, allowed: at most 3 days"
    )


def test_what_cloudwatch_has_forgotten_is_not_judged(story: Scene) -> None:
    story.cloud.clock.now = NOW + 15 * 24 * HOUR
    assert refused(story).endswith(
        "allowed: after 2026-11-24T10:00:00+00:00; CloudWatch keeps the counts of a minute for 15 days"
    )
    story.cloud.clock.now -= timedelta(seconds=1)
    assert judged(story)["ok"]


@pytest.mark.parametrize("moment", ["2026-11-24T10:00:00", "2026-11-24", "yesterday", "2026-11-24T10:00:00Z\n", 0])
def test_a_time_has_its_offset(story: Scene, moment: object) -> None:
    assert refused(story, **{"from": moment}).startswith("from: found")


@pytest.mark.parametrize(
    "moment", ["2026-02-31T10:00:00Z", "2026-11-24T25:00:00Z", "0001-01-01T00:00:00+23:00", "2026-11-24T10:00:00+24:00"]
)
def test_a_time_that_does_not_exist_is_refused_by_name(story: Scene, moment: str) -> None:
    assert refused(story, to=moment) == f'to: found "{moment}", allowed: a time that exists, as 2026-11-24T10:00:00Z'


@pytest.mark.parametrize("significance", [0, -0.1, 0.51, "0.01", True])
def test_a_significance_is_one_that_a_manifest_may_have(story: Scene, significance: object) -> None:
    assert refused(story, significance=significance).startswith("significance: found")


@pytest.mark.parametrize("missing", ["function", "stable", "canary", "from"])
def test_what_must_be_given_is_asked_for(story: Scene, missing: str) -> None:
    assert refused(story, **{missing: None}).endswith(f"allowed: an object with {missing}")


def test_counts_that_cannot_be_read_are_not_none(story: Scene) -> None:
    assert "counting the requests of checkout:live on version 3 failed" in judged(story.down("GetMetricData"))["failed"]
