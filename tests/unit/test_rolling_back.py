"""A rollback writes only what Slipway may, forgets what held the shift, and tells once of a version that sleeps."""

from __future__ import annotations

import pytest

from controller.core.lifecycle.state_machine import transition
from controller.core.model import Cause, Milestone, Phase, Reason, Routing, events
from controller.core.model.observation import AlarmState
from controller.core.model.outcomes import Asleep, EffectRefused
from tests.builders import ROUTINGS, after, armed, brought_back, confirmed, deployment, seen

STABLE, SPLIT = Routing("2"), ROUTINGS[Phase.SHIFTING]
REFUSED = EffectRefused(Reason(Cause.PUBLISH_FAILED, "no such version"))
QUIET = {"checkout-p99": AlarmState.OK}


def test_a_rollback_takes_the_canarys_traffic_at_whatever_weight_it_has() -> None:
    halfway = Routing("2", "3", 7700)
    assert halfway in transition(confirmed(Phase.SHIFTING), REFUSED, seen(halfway), after()).traffic.expected_routings


@pytest.mark.parametrize("routing", [Routing("7"), Routing("7", "3", 1000), None], ids=str)
def test_a_rollback_does_not_count_somebody_elses_routing_as_its_own(routing: Routing | None) -> None:
    found = transition(confirmed(Phase.SHIFTING), REFUSED, seen(routing), after(minutes=1))
    assert (found.phase, set(found.traffic.expected_routings)) == (Phase.ROLLING_BACK, {SPLIT, STABLE})


def test_a_rollback_forgets_what_stood_in_the_way_of_the_shift() -> None:
    held = confirmed(Phase.BAKING, paused=True, drift="version 7", closing=True)
    back = transition(held, events.RollbackRequested(), seen(Routing("7")), after(minutes=1))
    assert (back.hold.paused, back.traffic.drift, back.traffic.closing) == (False, "", False)
    assert back.traffic.turned_back_at == after(minutes=1)


def test_once_a_step_is_seen_what_the_alias_carried_before_is_not_slipways_any_more() -> None:
    shifting = deployment(Phase.SHIFTING)
    assert shifting.traffic.expected_routings == (STABLE, SPLIT)
    found = transition(shifting, events.Tick(), seen(SPLIT, alarms=QUIET, description=armed()), after(minutes=1))
    assert found.traffic.expected_routings == (SPLIT,)


def test_a_version_that_sleeps_is_told_once_and_again_when_it_is_awake() -> None:
    view = seen(STABLE, description=brought_back())
    back = deployment(Phase.ROLLING_BACK, reason=Reason(Cause.ALARM, "alarm x is firing"))
    asleep = transition(back, Asleep("version 2 is Inactive"), view, after(minutes=1))
    assert (asleep.traffic.asleep, len(asleep.bookkeeping.outbox)) == ("version 2 is Inactive", 1)
    assert transition(asleep, Asleep("version 2 is Inactive"), view, after(minutes=2)) is asleep
    other = transition(asleep, Asleep("version 2 is Pending"), view, after(minutes=2))
    assert (other.traffic.asleep, len(other.bookkeeping.outbox)) == ("version 2 is Pending", 1)
    still = transition(other, events.Tick(), view, after(minutes=3))
    assert still.traffic.asleep
    awake = deployment(
        Phase.ROLLING_BACK, reason=back.reason, asleep="version 2 is Pending", done=frozenset({Milestone.AWAKE})
    )
    found = transition(awake, events.Tick(), view, after(minutes=3))
    assert (found.traffic.asleep, "Active again" in found.bookkeeping.outbox[-1].text) == ("", True)
