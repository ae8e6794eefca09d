"""A rollback that Lambda throttles for long: people see why traffic is not back yet, and nothing hides behind it."""

from __future__ import annotations

from datetime import timedelta

from controller.core.model import Phase
from tests.cloud.faults import Fault
from tests.cloud.scene import Scene

OWN = "slipway/checkout/live/1"


def throttle_writes(story: Scene, lasts: timedelta) -> None:
    until = story.cloud.clock.now + lasts
    story.cloud.fail(lambda call: call.operation == "UpdateAlias" and call.at < until, Fault.THROTTLED, times=None)


def test_status_says_since_when_it_is_not_back_and_how_to_move_the_alias_by_hand(story: Scene) -> None:
    throttle_writes(story.given_shifting(), timedelta(hours=2))
    story.turns(OWN).ticks(5)
    assert (story.phase(), story.routing and story.routing.canary) == (Phase.ROLLING_BACK, "2")
    held_by = story.shown()["held_by"]
    assert held_by.startswith("checkout:live has not been seen back on version 1 since 2026-")
    assert held_by.endswith(
        "aws lambda update-alias --function-name checkout --name live --function-version 1"
        " --routing-config AdditionalVersionWeights={}"
    )


def test_once_the_throttle_is_over_it_ends_as_ever(story: Scene) -> None:
    throttle_writes(story.given_shifting(), timedelta(hours=2))
    story.turns(OWN).ticks(130)
    assert (story.phase(), str(story.routing)) == (Phase.ROLLED_BACK, "version 1")


def test_another_failure_of_the_same_look_fails_the_tick(story: Scene) -> None:
    throttle_writes(story.given_shifting(), timedelta(hours=2))
    story.down("sns", "events")
    story.turns(OWN).ticks(2)
    assert any("looks failed, the first: telling EventBridge" in failure for failure in story.failures)


def test_nobody_knows_how_soon_it_was_back_if_the_table_was_away_at_the_alarm(story: Scene) -> None:
    story.given_shifting().passes(timedelta(seconds=20)).down("dynamodb")
    story.cloud.cloudwatch.move(OWN, "ALARM")
    story.deliver()
    assert str(story.routing) == "version 1"
    story.deliveries.clear()  # Lambda tries the event twice more, and both are lost
    story.up().passes(timedelta(seconds=40))
    story.ticks(6)
    assert (story.phase(), story.shown()["seconds_to_restore"]) == (Phase.ROLLED_BACK, None)


def test_the_seconds_of_an_ordinary_rollback_count_from_the_alarm(story: Scene) -> None:
    story.given_shifting().passes(timedelta(seconds=20))
    story.cloud.cloudwatch.move(OWN, "ALARM")
    story.passes(timedelta(seconds=3)).deliver()
    story.ticks(2)
    assert (story.phase(), story.shown()["seconds_to_restore"]) == (Phase.ROLLED_BACK, 3.0)


def test_an_alarm_put_at_the_promotion_of_a_deployment_that_is_back_does_not_stay(story: Scene) -> None:
    story.given_shifting(strategy={"steps": [{"weight": 10, "hold": "15m"}], "bake": "30m"}).ticks(14)
    story.passes(timedelta(seconds=61)).meanwhile("PutMetricAlarm", lambda: story.requests("rollback"))
    story.ticks_now()
    assert (story.phase(), OWN in story.cloud.cloudwatch.alarms) == (Phase.ROLLED_BACK, True)
    story.ticks(7)
    assert OWN not in story.cloud.cloudwatch.alarms
