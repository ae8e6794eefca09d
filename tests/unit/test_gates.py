"""What keeps a deployment from its next step: each gate gives the reason to hold, or None."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.core.gates import alarms, hold, order, own_alarm, unreadable
from controller.core.gates.traffic import enough_requests
from controller.core.model import Cause, Milestone, Phase, Reason
from controller.core.model.observation import AlarmState, Observation
from controller.core.statistics.before_after import ServedBefore
from tests.builders import NOW, ROUTINGS, after, changed, confirmed, deployment, manifest, seen

SPLIT = ROUTINGS[Phase.SHIFTING]
NAMED = "checkout-p99"
OWN = "slipway/checkout/live/42"
QUIET = {NAMED: AlarmState.OK, OWN: AlarmState.OK}
STATES = list(AlarmState)
COUNTED = manifest(gates={"min_invocations": 50, "no_traffic": {"wait": "30m", "then": "hold"}})


# -- holding ----------------------------------------------------------------------------------------------------------


def test_an_open_gate_gives_no_reason() -> None:
    assert order.holding(confirmed(Phase.SHIFTING), seen(SPLIT, alarms=QUIET), after(minutes=5)) is None
    assert order.holding(confirmed(Phase.BAKING), seen(SPLIT, alarms=QUIET), after(minutes=30)) is None
    assert order.holding(deployment(Phase.TESTING), seen(SPLIT, alarms=QUIET), NOW) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"paused": True}, "paused; send resume to go on"),
        (
            {"paused": True, "frozen": Reason(Cause.ALARM, "alarm a is firing")},
            "frozen, because alarm a is firing; send promote, resume or rollback",
        ),
        (
            {"drift": "version 7"},
            "somebody else made the alias carry version 7; send accept_drift to keep that, or rollback",
        ),
        ({"confirmed_at": None}, "the alias has not been seen to carry this step yet"),
        ({"confirmed_at": after(minutes=4)}, "hold for another 4m"),
    ],
    ids=["paused", "frozen", "drift", "not seen yet", "hold remaining"],
)
def test_a_step_that_is_held_says_why(changes: dict[str, Any], reason: str) -> None:
    held = changed(confirmed(Phase.SHIFTING), **changes)
    assert order.holding(held, seen(SPLIT, alarms=QUIET), after(minutes=5)) == reason


def test_a_bake_that_is_not_over_says_so() -> None:
    assert order.holding(confirmed(Phase.BAKING), seen(SPLIT, alarms=QUIET), after(minutes=1)) == "bake for another 29m"


def test_the_gate_that_a_person_must_open_is_named_first() -> None:
    held = deployment(Phase.SHIFTING, drift="version 7", paused=True)
    assert (order.holding(held, seen(SPLIT), NOW) or "").startswith("somebody else")
    assert (order.holding(changed(held, drift=""), seen(SPLIT), NOW) or "").startswith("paused")


def test_a_paused_deployment_starts_no_traffic() -> None:
    assert order.holding(deployment(Phase.TESTING, paused=True), seen(None), NOW) == "paused; send resume to go on"


def test_nothing_counts_a_hold_before_traffic() -> None:
    assert order.holding(deployment(Phase.TESTING, confirmed_at=None), seen(None), NOW) is None


@pytest.mark.parametrize("phase", [Phase.TESTING, Phase.SHIFTING, Phase.BAKING])
def test_alarms_that_cannot_be_read_hold(phase: Phase) -> None:
    ready = changed(deployment(phase), confirmed_at=after(hours=-1))
    assert order.holding(ready, seen(SPLIT, unreadable=True), NOW) == "the alarms cannot be read from CloudWatch"


def test_alarms_that_were_not_read_in_this_look_hold() -> None:
    unread = Observation(seen(SPLIT).alias, alarms=None)
    for ready, now in ((deployment(Phase.TESTING), NOW), (confirmed(Phase.SHIFTING), after(minutes=5))):
        assert order.holding(ready, unread, now) == "the alarms have not been read in this look"


def test_a_first_deployment_has_no_alarms_to_wait_for() -> None:
    unread = Observation(None, alarms=None)
    assert order.holding(deployment(Phase.TESTING, stable=None), unread, NOW) is None


# -- the hold ---------------------------------------------------------------------------------------------------------


def test_a_hold_is_counted_from_when_the_alias_was_seen() -> None:
    late = changed(confirmed(Phase.SHIFTING), confirmed_at=after(hours=3))
    assert hold.ends(late) == after(hours=3, minutes=5)
    assert order.holding(late, seen(SPLIT, alarms=QUIET), after(hours=3, minutes=4)) == "hold for another 1m"


def test_each_step_has_its_own_hold() -> None:
    assert hold.ends(confirmed(Phase.SHIFTING, step=1)) == after(minutes=10)


def test_no_hold_ends_before_the_alias_was_seen() -> None:
    assert hold.ends(deployment(Phase.SHIFTING)) is None
    assert hold.ends(deployment(Phase.BAKING)) is None


def test_a_first_deployment_has_no_bake() -> None:
    assert hold.ends(confirmed(Phase.BAKING, stable=None)) == NOW


def test_a_bake_that_is_closing_is_over() -> None:
    assert hold.ends(confirmed(Phase.BAKING, closing=True)) == NOW


# -- alarms -----------------------------------------------------------------------------------------------------------


def firing(name: str) -> Reason:
    return Reason(Cause.ALARM, f"alarm {name} is firing")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", [NAMED, OWN])
def test_only_an_alarm_in_alarm_is_firing(name: str, state: AlarmState) -> None:
    found = alarms.danger(confirmed(Phase.SHIFTING), seen(SPLIT, alarms={**QUIET, name: state}), NOW)
    assert found == (firing(name) if state is AlarmState.FIRING else None)


def test_a_disarmed_alarm_is_not_danger() -> None:
    disarmed = confirmed(Phase.SHIFTING, disarmed=frozenset({NAMED}))
    assert alarms.danger(disarmed, seen(SPLIT, alarms={NAMED: AlarmState.FIRING}), NOW) is None
    both = seen(SPLIT, alarms={NAMED: AlarmState.FIRING, OWN: AlarmState.FIRING})
    assert alarms.danger(disarmed, both, NOW) == firing(OWN)


def test_somebody_elses_alarm_is_not_danger() -> None:
    assert alarms.danger(confirmed(Phase.SHIFTING), seen(SPLIT, alarms={"theirs": AlarmState.FIRING}), NOW) is None


def test_what_was_before_is_read_once_the_canary_is_seen_to_serve_alone() -> None:
    baking = confirmed(Phase.BAKING, stable_before=None)
    assert own_alarm.wants_before(baking)
    for other in ({"confirmed_at": None}, {"closing": True}, {"stable": None}, {"stable_before": ServedBefore(0, 0)}):
        assert not own_alarm.wants_before(changed(baking, **other)), other
    assert not own_alarm.wants_before(confirmed(Phase.SHIFTING))


@pytest.mark.parametrize("done", [frozenset[Milestone](), frozenset({Milestone.ALARM_MADE, Milestone.ALARM_DELETED})])
def test_an_own_alarm_that_is_not_there_guards_nothing(done: frozenset[Milestone]) -> None:
    bare = confirmed(Phase.SHIFTING, done=done)
    assert alarms.danger(bare, seen(SPLIT, alarms={OWN: AlarmState.FIRING}), NOW) is None
    assert unreadable.what(bare, seen(SPLIT, alarms={OWN: AlarmState.MISSING}), NOW) is None


def test_alarms_that_nobody_read_are_neither_firing_nor_unreadable() -> None:
    unread = Observation(seen(SPLIT).alias, alarms=None)
    assert alarms.danger(confirmed(Phase.SHIFTING), unread, NOW) is None
    assert unreadable.what(confirmed(Phase.SHIFTING), unread, NOW) is None
    assert alarms.already_firing(confirmed(Phase.SHIFTING), unread) == frozenset()


@pytest.mark.parametrize("state", STATES)
def test_a_deleted_alarm_is_unreadable_and_no_other_is(state: AlarmState) -> None:
    reason = unreadable.what(confirmed(Phase.SHIFTING), seen(SPLIT, alarms={**QUIET, NAMED: state}), NOW)
    assert reason == (f"alarm {NAMED} does not exist any more" if state is AlarmState.MISSING else None)


def test_only_named_alarms_can_fire_before_the_start() -> None:
    view = seen(SPLIT, alarms={NAMED: AlarmState.FIRING, OWN: AlarmState.FIRING})
    assert alarms.already_firing(deployment(Phase.TESTING), view) == {NAMED}


def test_an_alarm_that_fires_already_holds_only_where_the_manifest_says_so() -> None:
    view = seen(SPLIT, alarms={NAMED: AlarmState.FIRING})
    assert order.holding(deployment(Phase.TESTING), view, NOW) is None
    gates = {"alarms": [NAMED], "already_alarming": "block", "min_invocations": 0}
    blocking = deployment(Phase.TESTING, manifest=manifest(gates=gates))
    reason = f"alarm {NAMED} is already firing, and already_alarming is block"
    assert order.holding(blocking, view, NOW) == reason
    assert order.holding(blocking, seen(SPLIT, alarms=QUIET), NOW) is None
    assert order.holding(replace(confirmed(Phase.SHIFTING), manifest=blocking.manifest), view, after(minutes=5)) is None


def test_an_alarm_that_a_person_overrides_holds_no_longer_and_another_one_does() -> None:
    gates = {"alarms": [NAMED, "queue-age"], "already_alarming": "block"}
    blocked = deployment(Phase.TESTING, manifest=manifest(gates=gates), overridden=frozenset({NAMED}))
    assert order.holding(blocked, seen(SPLIT, alarms={NAMED: AlarmState.FIRING}), NOW) is None
    both = seen(SPLIT, alarms={NAMED: AlarmState.FIRING, "queue-age": AlarmState.FIRING})
    assert order.holding(blocked, both, NOW) == "alarm queue-age is already firing, and already_alarming is block"


# -- enough requests --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "reason"),
    [
        (None, "the requests of version 3 cannot be counted"),
        (
            0,
            (
                "0 of 50 requests have reached version 3 in this step, and none version 2: nobody calls checkout:live,"
                " or checkout is switched off (reserved concurrency 0)"
            ),
        ),
        (49, "49 of 50 requests have reached version 3 in this step"),
        (50, None),
        (51, None),
    ],
)
def test_a_step_ends_only_when_enough_requests_came(count: int | None, reason: str | None) -> None:
    shifting = confirmed(Phase.SHIFTING, manifest=COUNTED)
    view = seen(SPLIT, alarms={OWN: AlarmState.OK}, canary_invocations=count)
    assert enough_requests.too_few(shifting, view, after(minutes=10)) == reason
    assert order.holding(shifting, view, after(minutes=10)) == reason


def test_requests_are_counted_only_when_the_hold_is_over() -> None:
    shifting = confirmed(Phase.SHIFTING, manifest=COUNTED)
    hold = shifting.manifest.strategy.steps[0].hold
    assert not enough_requests.wants_invocations(shifting, NOW + hold - timedelta(seconds=1))
    assert enough_requests.wants_invocations(shifting, NOW + hold)
    assert not enough_requests.wants_invocations(changed(shifting, confirmed_at=None), NOW + hold)


def test_requests_are_not_counted_where_none_are_asked_for() -> None:
    assert not enough_requests.wants_invocations(confirmed(Phase.SHIFTING), after(hours=1))


def test_a_bake_asks_for_no_requests() -> None:
    baking = confirmed(Phase.BAKING, manifest=COUNTED)
    assert not enough_requests.wants_invocations(baking, after(hours=1))
    assert enough_requests.too_few(baking, seen(SPLIT), after(hours=1)) is None


def test_the_wait_for_requests_begins_when_the_hold_is_over() -> None:
    shifting = confirmed(Phase.SHIFTING, manifest=COUNTED)
    hold = shifting.manifest.strategy.steps[0].hold
    few = seen(SPLIT, canary_invocations=3)
    assert not enough_requests.waited(shifting, few, NOW + hold + timedelta(minutes=29))
    assert enough_requests.waited(shifting, few, NOW + hold + timedelta(minutes=30))
    assert not enough_requests.waited(changed(shifting, confirmed_at=None), few, after(days=1))
    assert not enough_requests.waited(shifting, seen(SPLIT), after(days=1))
