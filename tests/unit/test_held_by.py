"""Why a deployment does not go on: while nothing moves there is a sentence that says so."""

from __future__ import annotations

import pytest

from controller.core.lifecycle.held_by import held_by
from controller.core.model import Cause, Milestone, Phase, Reason
from controller.core.model.deployment import Failing
from controller.core.model.deployment.hold.delay import Delay, DelayKind
from tests.builders import NOW, ROUTINGS, after, changed, confirmed, deployment, manifest, seen

DELAY = Delay(DelayKind.FAILING, "Invoke of checkout:3 failed: no", "allow it", NOW)
TOLD = (
    "Invoke of checkout:3 failed: no; allow it; tried again every minute until 2026-11-24T10:15:00+00:00, then the"
    " deployment fails"
)
FAILED = Reason(Cause.TEST_FAILED, "test 'ping' failed")
ALARM = Reason(Cause.ALARM, "alarm checkout-p99 is firing")
IDENTIFIED = frozenset({Milestone.IDENTIFIED})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "preflight: checking what AWS would refuse for checkout"),
        (
            {"preflighted": True, "onboards": True},
            "the present code of checkout is being published, to have a way back",
        ),
        ({"preflighted": True, "stable": "2"}, "the hash of checkout/3.zip is being read"),
        ({"preflighted": True, "stable": "2", "done": IDENTIFIED}, "a version of checkout is being published"),
        (
            {"preflighted": True, "stable": "2", "done": IDENTIFIED, "canary": "3"},
            "version 3 is becoming ready",
        ),
        ({"delay": DELAY}, TOLD),
        ({"paused": True, "delay": DELAY}, TOLD),
    ],
)
def test_a_deployment_that_is_prepared_says_what_is_waited_for(changes: dict[str, object], says: str) -> None:
    assert held_by(deployment(**changes), seen(None), NOW) == says


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "version 3 is being tested"),
        ({"delay": DELAY}, TOLD),
        ({"paused": True}, "paused; send resume to go on"),
    ],
)
def test_a_version_that_is_tested_says_what_is_waited_for(changes: dict[str, object], says: str) -> None:
    assert held_by(deployment(Phase.TESTING, **changes), seen(ROUTINGS[Phase.ROLLING_BACK]), NOW) == says


def test_an_approval_that_comes_after_the_tests_does_not_hold_them() -> None:
    asks = {"steps": [{"pause": "1h"}, {"weight": 10, "hold": "5m"}], "bake": "10m"}
    waiting = deployment(Phase.TESTING, manifest=manifest(strategy=asks))
    assert held_by(waiting, seen(None), NOW) == "version 3 is being tested"


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.TESTING])
def test_a_deployment_that_fails_says_what_is_cleaned_up_and_why(phase: Phase) -> None:
    failing = deployment(phase, stable="2", failing=Failing(FAILED, NOW))
    back = "$LATEST is being put back to version 2 until 2026-11-24T10:15:00+00:00 at most"
    assert held_by(failing, seen(None), NOW) == f"{back}, because test 'ping' failed"
    delayed = changed(failing, delay=DELAY)
    assert held_by(delayed, seen(None), NOW) == f"{back} (Invoke of checkout:3 failed: no), because test 'ping' failed"


def test_a_rollback_says_what_is_waited_for() -> None:
    stable = seen(ROUTINGS[Phase.ROLLING_BACK])
    entered = deployment(Phase.ROLLING_BACK, reason=ALARM)
    assert str(held_by(entered, stable, NOW)).startswith("checkout:live has not been seen back on version 2 since ")
    back = confirmed(Phase.ROLLING_BACK, reason=ALARM)
    assert held_by(back, stable, after(minutes=1)) == (
        "traffic is back; the bytes and $LATEST are being cleaned up until 2026-11-24T10:15:00+00:00 at most"
    )
    cleaned_up = confirmed(Phase.ROLLING_BACK, reason=ALARM, done=frozenset(Milestone))
    assert held_by(cleaned_up, stable, NOW) == "nothing: it goes on at the next look, within a minute"
    asleep = changed(back, asleep="version 2 is Pending: Lambda refuses its requests until it is Active")
    assert str(held_by(asleep, stable, NOW)).startswith("version 2 is Pending: Lambda refuses its requests")
    theirs = held_by(deployment(Phase.ROLLING_BACK, drift="version 7"), stable, NOW)
    assert theirs == "somebody else made the alias carry version 7; send accept_drift to keep that, or rollback"


def test_a_bake_that_closes_says_so() -> None:
    closing = confirmed(Phase.BAKING, closing=True)
    alarms = {"checkout-p99": "OK", "slipway/checkout/live/42": "OK"}
    held = held_by(closing, seen(ROUTINGS[Phase.BAKING], alarms=alarms), after(minutes=31))
    assert held == "the bake is over; $LATEST and old versions are being tidied up"
