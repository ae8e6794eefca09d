"""The deployment's own alarm alone: no other gate is on, and CloudWatch is as unkind as it can be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.aws_behaviour import ByVersionWithWeightsOnly, ComesLater, IsSlow, Outage
from tests.cloud.faults import Call, Fault
from tests.cloud.steps import Ask, Behave, Drop, Live, Minutes, Traffic, Until, UntilNoted
from tests.cloud.story import Story

Manifest = Mapping[str, object]
ALONE: Manifest = {
    "strategy": {"steps": [{"weight": 10, "hold": "5m"}], "bake": "10m"},
    "gates": {"errors": False, "min_invocations": 0},
    "tests": [],
}
AT_ONCE: Manifest = {**ALONE, "strategy": {"steps": [], "bake": "10m"}}
HALF: Manifest = {**ALONE, "strategy": {"steps": [{"weight": 50, "hold": "10m"}], "bake": "10m"}}
BACK = (Phase.ROLLED_BACK, Cause.ALARM, Routing("1"))
DONE = (Phase.SUCCEEDED, Cause.PROMOTED, Routing("2"))


def serving(requests: int, stable: float = 0.0, canary: float = 0.0, *, by_version: bool = True) -> Story:
    """Version 1 has served for 70 minutes and fails in that share; version 2 will."""
    story = Story().play([Live("v1"), Traffic(requests)])
    if not by_version:
        story.play([ByVersionWithWeightsOnly()])
    return story.play([fails("v1", stable), fails("v2", canary), Minutes(70)])


def fails(code: str, share: float) -> Behave:
    return Behave(code, "NotFound" if share else "", share)


def ended(story: Story) -> tuple[Phase | None, Cause | None, Routing | None]:
    story.to_the_end()
    assert story.violations == []
    return story.phase(), story.cause(), story.routing


def is_quarantined(story: Story) -> bool:
    """Are the bytes of version 2 refused when they are dropped again?"""
    story.play([Drop("v2", ALONE), Minutes(2)])
    return story.deployments()[-1].phase is Phase.FAILED


# -- what fails by nature ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("manifest", [ALONE, AT_ONCE], ids=["in steps", "at once"])
@pytest.mark.parametrize("by_version", [True, False], ids=["", "series by version with weights only"])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.11, 0.15, 0.25, 0.4, 0.6, 1.0])
def test_a_version_that_fails_as_often_as_the_stable_one_goes_through(
    share: float, by_version: bool, manifest: Manifest
) -> None:
    story = serving(300, share, share, by_version=by_version)
    assert ended(story.play([Drop("v2", manifest)])) == DONE


@pytest.mark.parametrize("manifest", [ALONE, AT_ONCE], ids=["in steps", "at once"])
@pytest.mark.parametrize("share", [0.14, 0.2, 0.35])
def test_a_fix_of_a_version_that_fails_in_40_percent_is_kept(share: float, manifest: Manifest) -> None:
    assert ended(serving(300, 0.4, share).play([Drop("v2", manifest)])) == DONE


@pytest.mark.parametrize("by_version", [True, False], ids=["", "series by version with weights only"])
@pytest.mark.parametrize(("stable", "canary"), [(0.0, 0.2), (0.0, 1.0), (0.05, 0.6), (0.15, 0.6), (0.4, 1.0)])
def test_a_canary_that_goes_bad_in_the_bake_is_back(stable: float, canary: float, by_version: bool) -> None:
    story = serving(300, stable, stable, by_version=by_version)
    story.play([Drop("v2", ALONE), Until(Phase.BAKING), Minutes(2), fails("v2", canary)])
    assert ended(story) == BACK
    assert is_quarantined(story)


@pytest.mark.parametrize("canary", [0.2, 1.0])
def test_one_that_is_bad_from_the_first_minute_is_back_with_no_steps_too(canary: float) -> None:
    assert ended(serving(300, 0.02, canary).play([Drop("v2", AT_ONCE)])) == BACK


@pytest.mark.parametrize("canary", [0.3, 1.0])
def test_one_that_is_bad_is_back_before_it_gets_all_requests(canary: float) -> None:
    story = serving(300, 0.02, canary).play([Drop("v2", ALONE)])
    assert ended(story) == BACK
    assert not any("BAKING" in entry.text for entry in story.deployments()[0].timeline)


def test_what_an_earlier_deployments_version_did_is_not_laid_at_this_ones_door() -> None:
    """Its minutes are watched still when this one is promoted, for the alias's own series have them, too."""
    short: Manifest = {**ALONE, "strategy": {"steps": [{"weight": 50, "hold": "1m"}], "bake": "10m"}}
    story = serving(300, 0.0, 1.0).play([Drop("v2", short), Until(Phase.SHIFTING), Minutes(2), Drop("v3", short)])
    assert (*ended(story)[:2], story.routing) == (Phase.SUCCEEDED, Cause.PROMOTED, Routing("3"))


def test_nor_what_it_did_in_its_bake() -> None:
    """A fix is dropped right after a release was bad in its bake, and moves all at once."""
    story = serving(300).play([Drop("v2", AT_ONCE), Until(Phase.BAKING), fails("v2", 1), Until(Phase.ROLLED_BACK)])
    story.play([Drop("v3", AT_ONCE)])
    assert (*ended(story)[:2], story.routing) == (Phase.SUCCEEDED, Cause.PROMOTED, Routing("3"))


# -- both fail --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("manifest", [ALONE, HALF], ids=["10 %", "50 %"])
@pytest.mark.parametrize(
    "later", [("1", 60, 1.0), ("1", 120, 1.0), ("1", 60, 0.7), ("2", 60, 1.0), ("1", 0, 1.0)], ids=str
)
@pytest.mark.parametrize("share", [0.5, 1.0])
@pytest.mark.parametrize("requests", [4, 60, 600])
def test_an_outage_of_both_versions_rolls_nothing_back(
    requests: int, share: float, later: tuple[str, int, float], manifest: Manifest
) -> None:
    """However few requests there are, and whichever version's points come later, or only partly."""
    story = serving(requests).play([ComesLater(*later), Drop("v2", manifest), Minutes(1)])
    story.play([fails("v1", share), fails("v2", share), Minutes(3), fails("v1", 0), fails("v2", 0)])
    assert ended(story) == DONE


@pytest.mark.parametrize("requests", [20, 300])
def test_nor_does_one_that_goes_on_from_the_shift_into_the_bake(requests: int) -> None:
    """The minutes of the shift are still watched after the promotion, beside what the stable version did in them."""
    story = serving(requests).play([ComesLater("1"), Drop("v2", ALONE), Minutes(3)])
    story.play([fails("v1", 1), fails("v2", 1), UntilNoted("all traffic"), fails("v1", 0), fails("v2", 0)])
    assert ended(story) == DONE


@pytest.mark.parametrize("manifest", [ALONE, {**ALONE, "gates": {"min_invocations": 0}}], ids=["", "errors on"])
@pytest.mark.parametrize("by_version", [True, False], ids=["", "series by version with weights only"])
@pytest.mark.parametrize(
    ("requests", "share", "begins"), [(4, 1.0, 2), (30, 0.4, 2), (30, 1.0, 4), (300, 0.4, 5), (300, 1.0, 5)]
)
def test_nor_does_one_that_lasts_on_until_the_end(
    requests: int, share: float, begins: int, by_version: bool, manifest: Manifest
) -> None:
    """It may have begun in the last minute in which the stable version served, which is counted after the promotion."""
    story = serving(requests, by_version=by_version).play([Drop("v2", manifest), Minutes(begins), Outage(share)])
    assert ended(story) == DONE


@pytest.mark.parametrize("requests", [30, 300])
def test_requests_that_fail_after_a_quarter_of_an_hour_are_no_news_in_the_bake(requests: int) -> None:
    """Those of the stable version's last minutes have not failed yet when the alias moves."""
    story = Story().play([Live("v1"), Traffic(requests)])
    story.cloud.lambda_.functions["checkout"].versions["1"]["Timeout"] = 900
    slow = {**AT_ONCE, "strategy": {"steps": [], "bake": "30m"}, "function": {"Timeout": 900}}
    story.play([IsSlow(code, fails_after=840, share=0.3) for code in ("v1", "v2")])
    assert ended(story.play([Minutes(30), Drop("v2", slow)])) == DONE


# -- what comes late --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.2, 0.6])
@pytest.mark.parametrize("seconds", [30, 90, 120, 300, 840])
def test_failures_that_take_long_bring_it_back(seconds: int, share: float) -> None:
    story = serving(300)
    story.cloud.lambda_.functions["checkout"].latest.configuration["Timeout"] = 900
    long = {
        **ALONE,
        "strategy": {"steps": [{"weight": 50, "hold": "40m"}], "bake": "10m"},
        "function": {"Timeout": 900},
    }
    story.play([IsSlow("v2", fails_after=seconds, share=share), Drop("v2", long)])
    assert ended(story) == BACK


@pytest.mark.parametrize("gates", [{}, {"errors": False, "min_invocations": 0}], ids=["judged", "alone"])
def test_it_knows_before_the_first_percent_in_what_bursts_errors_come(gates: Mapping[str, object]) -> None:
    """Ten errors in one minute are one piece of bad luck where they always come by ten."""
    story = Story().play([Live("v1"), Traffic(300)])
    for _ in range(12):
        story.play([fails("v1", 1.0), Minutes(1), fails("v1", 0.0), Minutes(9)])
    story.play([Drop("v2", {**ALONE, "gates": gates}), Until(Phase.SHIFTING), Minutes(1)])
    (alarm,) = story.cloud.cloudwatch.alarms.values()
    assert " >= 3 " not in str(alarm.asked["Metrics"][0]["Expression"]).split("||")[0]


@pytest.mark.parametrize("requests", [60, 600])
def test_one_burst_of_errors_in_one_minute_rolls_nothing_back(requests: int) -> None:
    story = serving(requests).play([Drop("v2", HALF), Minutes(3), fails("v2", 1), Minutes(1), fails("v2", 0)])
    assert ended(story) == DONE


def test_nor_where_nobody_calls_after_it() -> None:
    """CloudWatch takes one bad minute and none after it for enough, where missing minutes are just missing."""
    story = serving(60).play([Drop("v2", HALF), Minutes(3), fails("v2", 1), Minutes(1), fails("v2", 0), Traffic(0)])
    assert ended(story) == DONE


# -- where the rate is not known --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "end"), [(0.5, DONE), (1.0, BACK)])
def test_where_nobody_called_before_it_fires_for_a_total_failure_only_and_quarantines_nothing(
    share: float, end: object
) -> None:
    story = serving(0).play([Drop("v2", AT_ONCE), fails("v2", share), Traffic(60)])
    assert ended(story) == end
    timeline = [entry.text for entry in story.deployments()[0].timeline]
    assert [text for text in timeline if text.startswith("0 requests to say how often version 1 failed before")]
    assert not is_quarantined(story)


def _is(operation: str, call: Call) -> bool:
    """Is it about the alias's errors before the promotion?"""
    return call.operation == operation and "alias_errors" in str(call.parameters)


def test_what_cannot_be_guarded_at_the_promotion_goes_back() -> None:
    """A controller whose own new version does not start would have nobody left who could put the alarm."""
    story = serving(300).play([Drop("v2", ALONE), Minutes(4)])
    story.cloud.fail(lambda call: _is("PutMetricAlarm", call), Fault.DENIED, None)
    assert (story.to_the_end().phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1"))
    assert "PutMetricAlarm" in str(story.deployments()[0].reason)


def test_where_cloudwatch_does_not_say_what_was_before_that_is_said_and_not_taken_for_none() -> None:
    story = serving(300, 0.4, 0.4).play([Drop("v2", ALONE), Minutes(4)])
    story.cloud.fail(lambda call: _is("GetMetricData", call), Fault.DENIED, None)
    assert ended(story) == DONE
    timeline = [entry.text for entry in story.deployments()[0].timeline]
    assert [text for text in timeline if text.startswith("no answer of CloudWatch to say how often")]


# -- the promotion ----------------------------------------------------------------------------------------------------


def test_the_promotion_waits_for_the_alarm_and_not_for_what_the_stable_version_served() -> None:
    calls = []
    story = serving(300).play([Drop("v2", ALONE), Minutes(5)])
    before = len(story.cloud.calls)
    story.play([Until(Phase.BAKING)])
    calls = [call.operation for call in story.cloud.calls[before:]]
    moved = len(calls) - 1 - calls[::-1].index("UpdateAlias")
    assert calls[:moved].count("PutMetricAlarm") == 1
    before = len(story.cloud.calls)
    story.play([Minutes(2)])
    assert [call.operation for call in story.cloud.calls[before:]].count("PutMetricAlarm") == 1


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.SERVICE_ERROR])
@pytest.mark.parametrize("nth", range(1, 16, 2))
def test_it_is_put_again_whatever_fails_around_the_promotion(nth: int, fault: Fault) -> None:
    story = serving(120, 0.15, 0.15).play([Drop("v2", ALONE), Minutes(5)])
    story.cloud.fail(len(story.cloud.calls) + nth, fault)
    story.play([Until(Phase.BAKING), Minutes(4)])
    (alarm,) = [each for name, each in story.cloud.cloudwatch.alarms.items() if name.startswith("slipway/")]
    assert "0.1" in str(alarm.asked["Metrics"])
    assert ended(story) == DONE


def test_an_alarm_that_froze_fires_anew_in_the_bake_once_it_has_calmed_down() -> None:
    """Putting it again keeps its state."""
    frozen = {**HALF, "strategy": {"steps": [{"weight": 50, "hold": "10m"}], "bake": "40m"}, "on_failure": "freeze"}
    story = serving(300, 0.0, 1.0).play([Drop("v2", frozen), UntilNoted("frozen")])
    story.play([Ask("promote"), fails("v2", 0), Minutes(9), Ask("resume"), Minutes(1)])
    assert (story.phase(), story.deployments()[0].hold.paused) == (Phase.BAKING, False)
    story.play([fails("v2", 1), Minutes(5)])
    assert story.deployments()[0].hold.paused


def test_a_rollback_right_after_the_promotion_leaves_no_alarm() -> None:
    story = serving(60).play([Drop("v2", ALONE), Until(Phase.BAKING), Ask("rollback"), Minutes(8)])
    assert story.phase() is Phase.ROLLED_BACK
    story.cloud.advance(timedelta(minutes=1))
    assert not [name for name in story.cloud.cloudwatch.alarms if name.startswith("slipway/")]
