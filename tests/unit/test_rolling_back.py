"""A rollback writes only what Slipway may, forgets what held the shift, and tells once of a version that sleeps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest

from controller.core.lifecycle.state_machine import transition
from controller.core.manifest.settings import HookPoint
from controller.core.model import Cause, Deployment, Entry, Milestone, Phase, Reason, Routing, events
from controller.core.model.deployment.hook_run import HookRun, HookStatus
from controller.core.model.observation import AlarmState, Observation
from controller.core.model.outcomes import Asleep, EffectRefused
from controller.core.statistics.before_after import ServedBefore
from tests.builders import NOW, ROUTINGS, after, armed, brought_back, confirmed, deployment, manifest, seen

STABLE, SPLIT = Routing("2"), ROUTINGS[Phase.SHIFTING]
REFUSED = EffectRefused(Reason(Cause.PUBLISH_FAILED, "no such version"))
QUIET = {"checkout-p99": AlarmState.OK}
BACK = seen(STABLE, description=brought_back())
ALARMED = Reason(Cause.ALARM, "alarm checkout-p99 is firing")
A_MINUTE_LATER = after(minutes=1)
CLEANED_UP = {Milestone.AWAKE, Milestone.RESTORED, Milestone.BACKUP_RESTORED, Milestone.QUARANTINED}


def rolling_back(done: Iterable[Milestone] = CLEANED_UP, **changes: Any) -> Deployment:
    """Returns a rollback decided at NOW because an alarm fired, whose alias is not seen back yet."""
    known = {"reason": ALARMED, "turned_back_at": NOW, "sha256": "sha-3", "done": frozenset(done)}
    return deployment(Phase.ROLLING_BACK, **{**known, **changes})


def looked(before: Deployment, view: Observation = BACK, now: datetime = A_MINUTE_LATER) -> Deployment:
    return transition(before, events.Tick(), view, now)


def told(found: Deployment) -> str:
    return found.timeline[-1].text


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


# -- the end of a rollback --------------------------------------------------------------------------------------------


def test_a_rollback_ends_once_the_alias_is_seen_back_and_all_is_cleaned_up() -> None:
    found = looked(rolling_back())
    assert (found.phase, found.reason) == (Phase.ROLLED_BACK, ALARMED)
    assert told(found) == "ROLLED_BACK: version 2 serves; rolled back because alarm checkout-p99 is firing"


@pytest.mark.parametrize("milestone", CLEANED_UP)
def test_a_rollback_waits_for_each_part_of_cleaning_up_but_not_for_ever(milestone: Milestone) -> None:
    owes_one = rolling_back(CLEANED_UP - {milestone})
    assert looked(owes_one, now=after(minutes=14.9)).phase is Phase.ROLLING_BACK
    given_up = looked(owes_one, now=after(minutes=15))
    assert given_up.phase is Phase.ROLLED_BACK
    notes = [entry.text for entry in given_up.timeline if entry.text.startswith("given up: cleaning up")]
    assert bool(notes) is (milestone is not Milestone.AWAKE)  # a version that sleeps is told by its own words


def test_the_end_says_that_the_stable_version_is_still_asleep() -> None:
    asleep = rolling_back(CLEANED_UP - {Milestone.AWAKE}, asleep="version 2 is Pending")
    assert told(looked(asleep, now=after(minutes=15))).startswith(
        "ROLLED_BACK: the alias carries it, and version 2 is Pending; "
    )


def test_an_alias_that_is_gone_ends_the_rollback_and_its_drift() -> None:
    drifted = rolling_back(CLEANED_UP - {Milestone.AWAKE}, drift="version 7")
    found = looked(drifted, seen(None), after(minutes=2))
    assert (found.phase, found.traffic.drift) == (Phase.ROLLED_BACK, "")
    assert told(found).startswith("ROLLED_BACK: nothing serves, because checkout:live is gone; rolled back because ")


def test_an_alias_that_is_gone_keeps_the_time_at_which_it_was_seen_back() -> None:
    owes = rolling_back((), confirmed_at=after(minutes=1))
    assert looked(owes, seen(None), after(minutes=2)).traffic.confirmed_at == after(minutes=1)
    unseen = rolling_back(())
    assert looked(unseen, seen(None), after(minutes=2)).traffic.confirmed_at == after(minutes=2)


def test_a_hook_that_is_told_of_the_rollback_keeps_it_open_for_fifteen_minutes_at_most() -> None:
    hooked = manifest(hooks={"after_rollback": {"function": "pager", "wait": "1h"}})
    run = HookRun(HookPoint.AFTER_ROLLBACK, 0, NOW, NOW, HookStatus.IN_PROGRESS, calls=1)
    telling = rolling_back(manifest=hooked, hooks=(run,))
    assert looked(telling, now=after(minutes=14.9)).phase is Phase.ROLLING_BACK
    assert looked(telling, now=after(minutes=15)).phase is Phase.ROLLED_BACK


# -- AWS refuses the rollback -----------------------------------------------------------------------------------------

GONE = EffectRefused(Reason(Cause.DRIFT, "version 2 does not exist any more"))


def test_a_refused_rollback_is_told_once_and_tried_again() -> None:
    once = transition(rolling_back(), REFUSED, seen(SPLIT), after(minutes=1))
    assert (once.phase, told(once), len(once.bookkeeping.outbox)) == (Phase.ROLLING_BACK, "no such version", 1)
    assert transition(once, REFUSED, seen(SPLIT), after(minutes=2)) is once


def test_another_refusal_is_told_too() -> None:
    once = transition(rolling_back(), REFUSED, seen(SPLIT), after(minutes=1))
    other = EffectRefused(Reason(Cause.PUBLISH_FAILED, "no permission"))
    assert told(transition(once, other, seen(SPLIT), after(minutes=2))) == "no permission"


def test_a_version_that_is_gone_twice_ends_the_rollback_with_both_reasons() -> None:
    once = transition(rolling_back(), GONE, seen(SPLIT), after(minutes=1))
    assert once.phase is Phase.ROLLING_BACK
    ended = transition(once, GONE, seen(SPLIT), after(minutes=2))
    text = f"rollback is impossible: {GONE.reason.text}; the reason for the rollback was: {ALARMED.text}"
    assert (ended.phase, ended.reason) == (Phase.FAILED, Reason(Cause.DRIFT, text))


def test_a_rollback_that_was_seen_on_the_alias_is_never_called_impossible() -> None:
    seen_back = rolling_back((), confirmed_at=NOW, timeline=(Entry(NOW, GONE.reason.text),))
    assert transition(seen_back, GONE, BACK, after(minutes=1)).phase is Phase.ROLLING_BACK


# -- what the own alarm proves ----------------------------------------------------------------------------------------

OWN_FIRES = events.AlarmFired("slipway/checkout/live/42", after(minutes=5), None, version="3")
UNPROVED = "its alarm fired before the error rate of version 2 was known, so the bytes are not quarantined"


@pytest.mark.parametrize(
    ("changes", "is_said"),
    [
        ({"stable_before": None}, True),
        ({"stable_before": ServedBefore(5_000, 10)}, False),
        ({"stable_before": None, "done": frozenset({Milestone.ALARM_MADE})}, False),
    ],
)
def test_the_own_alarm_alone_proves_nothing_before_the_stable_rate_is_known(
    changes: dict[str, Any], is_said: bool
) -> None:
    made = {Milestone.ALARM_MADE, Milestone.ALARM_AT_PROMOTION}
    baking = confirmed(Phase.BAKING, **{"since": NOW, "sha256": "sha-3", "done": frozenset(made), **changes})
    back = transition(baking, OWN_FIRES, seen(Routing("3"), description=armed()), after(minutes=6))
    assert back.phase is Phase.ROLLING_BACK
    assert (UNPROVED in [entry.text for entry in back.timeline]) is is_said


def test_a_named_alarm_needs_no_rate_of_the_stable_version() -> None:
    made = frozenset({Milestone.ALARM_MADE, Milestone.ALARM_AT_PROMOTION})
    named = events.AlarmFired("checkout-p99", after(minutes=5), None, version="3")
    baking = confirmed(Phase.BAKING, since=NOW, done=made, stable_before=None)
    back = transition(baking, named, seen(Routing("3"), description=armed()), after(minutes=6))
    assert UNPROVED not in [entry.text for entry in back.timeline]


def test_an_alarm_that_comes_again_before_the_alias_is_back_begins_nothing_anew() -> None:
    """Else a rollback whose alias cannot be written would be told again with every alarm, and its time begin anew."""
    back = rolling_back(since=NOW)
    again = events.AlarmFired("checkout-p99", A_MINUTE_LATER, back.target, "3")
    assert transition(back, again, seen(SPLIT), A_MINUTE_LATER) is back
