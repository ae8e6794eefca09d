"""What AWS still lacks: the routing that is wanted, the effects and their order, and when to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from controller.core.lifecycle import plan as planning
from controller.core.lifecycle.cleanup import LAST_WRITE
from controller.core.lifecycle.due import WORKING, due_at
from controller.core.lifecycle.plan import owes
from controller.core.lifecycle.quarantine import quarantines
from controller.core.model import Cause, Deployment, Milestone, Notice, Phase, Reason, Routing
from controller.core.model.deployment import Failing
from controller.core.model.effects import (
    AwaitActive,
    BackUp,
    CatchUp,
    DeleteAlarm,
    Effect,
    Identify,
    MakeAlarm,
    Onboard,
    Preflight,
    Prune,
    Publish,
    Quarantine,
    Restore,
    RestoreBackup,
    Route,
    RunTests,
    Send,
    Wake,
)
from controller.core.model.observation import Observation
from controller.core.routing import alias_description
from controller.core.routing.desired import is_gone, ours, wanted
from controller.core.statistics.before_after import NOTHING_KNOWN, ServedBefore
from tests.builders import NOW, ROUTINGS, after, armed, brought_back, changed, confirmed, deployment, manifest, seen

SPLIT = ROUTINGS[Phase.SHIFTING]
STABLE = Routing("2")
CANARY = Routing("3")
ALARM = Reason(Cause.ALARM, "alarm checkout-p99 is firing")
REQUESTED = Reason(Cause.REQUESTED, "a person asked")
BEFORE_TRAFFIC = [Phase.PREPARING, Phase.TESTING]
ENDS = [phase for phase in Phase if phase.is_terminal]
NOTICE = Notice(NOW, Phase.SHIFTING, "SHIFTING: 10% to version 3")


def done(*milestones: Milestone) -> frozenset[Milestone]:
    return frozenset(milestones)


def plan(planned: Deployment, view: Observation, now: datetime = NOW) -> tuple[Effect, ...]:
    return planning.plan(planned, view, now)


# -- the routing that is wanted ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "routing"),
    [
        (Phase.PREPARING, None),
        (Phase.TESTING, None),
        (Phase.SHIFTING, Routing("2", "3", 1000)),
        (Phase.BAKING, CANARY),
        (Phase.ROLLING_BACK, STABLE),
        *[(phase, None) for phase in ENDS],
    ],
)
def test_a_phase_wants_its_own_routing(phase: Phase, routing: Routing | None) -> None:
    assert wanted(deployment(phase)) == routing


def test_a_later_step_wants_its_own_weight() -> None:
    assert wanted(deployment(Phase.SHIFTING, step=1)) == Routing("2", "3", 5000)


def test_a_first_deployment_wants_all_traffic_on_its_version() -> None:
    assert wanted(deployment(Phase.BAKING, stable=None)) == CANARY


@pytest.mark.parametrize(
    ("phase", "lacking"),
    [(Phase.ROLLING_BACK, "stable"), (Phase.BAKING, "canary"), (Phase.SHIFTING, "stable"), (Phase.SHIFTING, "canary")],
)
def test_nothing_is_wanted_without_the_version_that_would_carry_it(phase: Phase, lacking: str) -> None:
    assert wanted(deployment(phase, **{lacking: None})) is None


# -- before traffic ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reached", "effect"),
    [
        ({}, Preflight()),
        ({"preflighted": True, "onboards": True}, Onboard()),
        ({"preflighted": True, "onboards": True, "stable": "2"}, Identify()),
        ({"preflighted": True, "stable": "2"}, Identify()),
        ({"preflighted": True}, Identify()),
        ({"preflighted": True, "stable": "2", "sha256": "sha-3", "done": done(Milestone.IDENTIFIED)}, Publish("sha-3")),
        ({"preflighted": True, "stable": "2", "done": done(Milestone.IDENTIFIED)}, Publish(None)),
    ],
)
def test_preparing_does_one_thing_after_another(reached: dict[str, Any], effect: object) -> None:
    assert plan(deployment(Phase.PREPARING, **reached), seen(STABLE)) == (effect,)


def test_testing_runs_the_tests_on_the_version_by_its_number() -> None:
    assert plan(deployment(Phase.TESTING), seen(STABLE)) == (RunTests("3"),)


def test_tests_that_were_run_are_not_run_again() -> None:
    assert plan(deployment(Phase.TESTING, done=done(Milestone.IDENTIFIED, Milestone.TESTED)), seen(STABLE)) == ()


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.TESTING])
def test_a_failing_deployment_only_puts_the_stable_code_back(phase: Phase) -> None:
    failing = deployment(phase, stable="2", failing=Failing(Reason(Cause.TEST_FAILED, "no"), NOW))
    assert plan(failing, seen(STABLE)) == (Restore("2"),)
    assert plan(changed(failing, done=failing.done | {Milestone.RESTORED}), seen(STABLE)) == ()


def test_a_failing_first_deployment_has_no_code_to_put_back() -> None:
    assert (
        plan(deployment(Phase.TESTING, stable=None, failing=Failing(Reason(Cause.TEST_FAILED, "no"), NOW)), seen(None))
        == ()
    )


# -- in traffic -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "alarm"),
    [(Phase.SHIFTING, MakeAlarm("2", "3")), (Phase.BAKING, MakeAlarm("2", "3", NOTHING_KNOWN))],
    ids=lambda each: getattr(each, "name", ""),
)
def test_the_backup_and_the_own_alarm_come_before_the_first_weight(phase: Phase, alarm: MakeAlarm) -> None:
    untouched = deployment(
        phase, done=done(Milestone.IDENTIFIED, Milestone.TESTED), expected_routings=(STABLE, ROUTINGS[phase])
    )
    assert plan(untouched, seen(STABLE)) == (BackUp("2"),)
    backed_up = changed(untouched, done=untouched.done | {Milestone.BACKED_UP})
    assert plan(backed_up, seen(STABLE)) == (alarm,)
    guarded = changed(backed_up, done=backed_up.done | {Milestone.ALARM_MADE, alarm.milestone})
    assert [type(effect) for effect in plan(guarded, seen(STABLE))] == [Route]


def test_before_the_canary_gets_all_traffic_the_own_alarm_fires_without_the_stable_version_too() -> None:
    shifted = deployment(Phase.BAKING, done=done(Milestone.BACKED_UP, Milestone.ALARM_MADE))
    assert plan(shifted, seen(ROUTINGS[Phase.SHIFTING])) == (MakeAlarm("2", "3", NOTHING_KNOWN),)


def test_what_a_person_gave_all_traffic_says_how_to_get_back_before_anything_else() -> None:
    theirs = deployment(Phase.BAKING, done=done(Milestone.BACKED_UP, Milestone.ALARM_MADE), expected_routings=(CANARY,))
    assert [type(effect) for effect in plan(theirs, seen(CANARY))] == [Route]


def test_a_step_is_written_under_the_revision_that_was_read() -> None:
    (effect,) = plan(deployment(Phase.SHIFTING), seen(STABLE))
    assert effect == Route(SPLIT, "revision-1", armed())


def test_a_step_that_the_alias_carries_needs_nothing() -> None:
    assert plan(confirmed(Phase.SHIFTING), seen(SPLIT)) == ()


@pytest.mark.parametrize("line", ["", "theirs", armed(41), armed(canary="9"), brought_back()])
def test_a_step_that_the_alias_carries_in_other_words_is_written_until_it_was_seen(line: str) -> None:
    """Without our own line an alarm would find no way back by the alias alone."""
    ready = deployment(Phase.SHIFTING, done=done(Milestone.BACKED_UP, Milestone.ALARM_MADE))
    assert plan(ready, seen(SPLIT, description=line)) == (Route(SPLIT, "revision-1", armed()),)
    assert plan(changed(ready, confirmed_at=NOW), seen(SPLIT, description=line)) == ()
    assert plan(ready, seen(SPLIT, description=armed())) == ()


def test_a_first_deployment_only_makes_its_alias() -> None:
    first = deployment(Phase.BAKING, stable=None, done=done(Milestone.IDENTIFIED, Milestone.TESTED))
    (effect,) = plan(first, seen(None))
    assert isinstance(effect, Route)
    assert (effect.routing, effect.revision_id) == (CANARY, None)


def test_a_frozen_deployments_alias_cannot_be_rolled_back_by_an_alarm() -> None:
    (effect,) = plan(deployment(Phase.SHIFTING, manifest=manifest(on_failure="freeze")), seen(STABLE))
    assert effect == Route(SPLIT, "revision-1", "slipway #42 deploys 3")


def test_closing_disarms_the_alias_although_it_carries_what_is_wanted() -> None:
    closing = confirmed(Phase.BAKING, closing=True)
    assert plan(closing, seen(CANARY, description=armed())) == (Route(CANARY, "revision-1", "slipway #42 deployed 3"),)
    assert plan(closing, seen(CANARY, description="slipway #42 deployed 3")) == ()


def test_an_armed_alias_is_left_armed_while_it_bakes() -> None:
    assert plan(confirmed(Phase.BAKING), seen(CANARY, description=armed())) == ()


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING, Phase.ROLLING_BACK])
def test_a_drifted_alias_is_never_written(phase: Phase) -> None:
    for milestones in (frozenset[Milestone](), frozenset(Milestone)):
        effects = plan(deployment(phase, drift="version 7", done=milestones), seen(Routing("7")))
        assert not any(isinstance(effect, Route) for effect in effects)


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING, Phase.ROLLING_BACK])
@pytest.mark.parametrize("view", [Routing("7"), Routing("2", "9", 1000), None], ids=str)
def test_an_alias_that_is_not_ours_is_not_written_even_unnoticed(phase: Phase, view: Routing | None) -> None:
    effects = plan(confirmed(phase), seen(view))
    assert not any(isinstance(effect, Route) for effect in effects)


@pytest.mark.parametrize(
    ("changes", "view", "is_so"),
    [
        ({}, SPLIT, True),
        ({}, STABLE, True),
        ({}, CANARY, False),
        ({}, None, False),
        ({"stable": None}, None, True),
        ({"stable": None, "confirmed_at": NOW}, None, False),
    ],
)
def test_what_slipway_wrote_is_ours_and_so_is_an_alias_that_it_has_still_to_make(
    changes: dict[str, Any], view: Routing | None, is_so: bool
) -> None:
    assert ours(deployment(Phase.SHIFTING, **changes), seen(view)) is is_so


@pytest.mark.parametrize(
    ("phase", "changes", "is_made_again"),
    [
        (Phase.ROLLING_BACK, {"reason": REQUESTED}, True),
        (Phase.ROLLING_BACK, {"reason": REQUESTED, "drift": "no alias at all"}, False),
        (Phase.ROLLING_BACK, {"reason": ALARM}, False),
        (Phase.ROLLING_BACK, {"reason": None}, False),
        (Phase.SHIFTING, {"reason": REQUESTED}, False),
    ],
    ids=["a person asked", "it was deleted after that", "an alarm", "no reason yet", "it does not go back"],
)
def test_an_alias_that_was_deleted_is_made_again_only_if_a_person_asks_to_go_back(
    phase: Phase, changes: dict[str, Any], is_made_again: bool
) -> None:
    found = confirmed(phase, **changes)
    assert (ours(found, seen(None)), is_gone(found, seen(None))) == (is_made_again, not is_made_again)


def test_after_drift_nothing_at_all_is_done_for_a_shift() -> None:
    assert plan(deployment(Phase.SHIFTING, drift="version 7", done=frozenset()), seen(Routing("7"))) == ()


def test_no_routing_is_written_for_a_version_that_is_not_there() -> None:
    assert plan(deployment(Phase.BAKING, canary=None), seen(STABLE)) == ()


@pytest.mark.parametrize(
    ("phase", "changes", "view", "writes"),
    [
        (Phase.ROLLING_BACK, {"reason": ALARM}, SPLIT, [STABLE]),
        (Phase.ROLLING_BACK, {"reason": ALARM, "drift": "version 7"}, SPLIT, []),
        (Phase.ROLLING_BACK, {"reason": Reason(Cause.SUPERSEDED, "#43 is newer")}, SPLIT, []),
        (Phase.SHIFTING, {"reason": ALARM}, STABLE, []),
    ],
    ids=["danger", "after drift", "no danger", "it does not go back"],
)
def test_without_the_record_only_a_rollback_out_of_danger_is_written(
    phase: Phase, changes: dict[str, Any], view: Routing, writes: list[Routing]
) -> None:
    effects = planning.emergency(deployment(phase, **changes), seen(view))
    assert [each.routing for each in effects if isinstance(each, Route)] == writes


@pytest.mark.parametrize(
    ("changes", "effects"),
    [
        ({"canary": None, "behind": 41}, (CatchUp(41),)),
        ({}, (Restore("2"), AwaitActive("3"))),
        ({"latest": "2"}, (AwaitActive("3"),)),
        ({"stable": None}, (AwaitActive("3"),)),
    ],
    ids=["it is behind", "it is the new code", "it is back", "nothing to go back to"],
)
def test_latest_is_brought_back_as_soon_as_the_version_is_published(
    changes: dict[str, Any], effects: tuple[Effect, ...]
) -> None:
    preparing = {
        "preflighted": True,
        "stable": "2",
        "canary": "3",
        "sha256": "sha-3",
        "done": done(Milestone.IDENTIFIED),
    }
    assert plan(deployment(Phase.PREPARING, **{**preparing, **changes}), seen(STABLE)) == effects


def test_a_release_that_succeeded_puts_its_code_into_latest_once() -> None:
    released = deployment(Phase.SUCCEEDED, latest="2", done=done(Milestone.PRUNED))
    assert plan(released, seen(CANARY)) == (Restore("3"),)
    left = done(Milestone.PRUNED, Milestone.LATEST_LEFT)
    assert plan(deployment(Phase.SUCCEEDED, latest="2", done=left), seen(CANARY)) == ()


# -- back -------------------------------------------------------------------------------------------------------------


def test_a_rollback_writes_the_alias_before_people_are_told() -> None:
    back = deployment(Phase.ROLLING_BACK, reason=ALARM, outbox=(NOTICE,))
    route = Route(STABLE, "revision-1", "slipway #42 rolled back 3 to 2: alarm checkout-p99 is firing")
    assert plan(back, seen(SPLIT)) == (route, Wake("2"), Send(NOTICE))


def test_a_rollback_cleans_up_only_once_the_alias_was_seen_back() -> None:
    back = seen(STABLE, description=brought_back())
    assert plan(deployment(Phase.ROLLING_BACK, reason=ALARM), back) == (Wake("2"),)
    assert plan(confirmed(Phase.ROLLING_BACK, reason=ALARM), back) == (
        Wake("2"),
        Quarantine("sha-3", ALARM),
        RestoreBackup("2"),
        Restore("2"),
    )


def test_a_rollback_whose_alias_is_gone_wakes_no_version() -> None:
    back = confirmed(Phase.ROLLING_BACK, reason=ALARM)
    assert not any(isinstance(effect, Wake | Route) for effect in plan(back, seen(None)))


def test_a_finished_cleanup_is_not_repeated() -> None:
    back = confirmed(Phase.ROLLING_BACK, reason=ALARM, done=frozenset(Milestone))
    assert plan(back, seen(STABLE, description=brought_back())) == ()


@pytest.mark.parametrize("line", ["", armed(), brought_back(number=41), brought_back(canary="9")])
def test_a_rollback_writes_an_alias_that_is_back_already_but_does_not_say_so(line: str) -> None:
    """A write of the canary's share may still be under way; only a newer write makes AWS refuse it."""
    back = deployment(Phase.ROLLING_BACK, reason=ALARM)
    assert [type(effect) for effect in plan(back, seen(STABLE, description=line))] == [Route, Wake]


def test_a_rollback_of_what_was_no_number_knows_its_own_words() -> None:
    back = confirmed(Phase.ROLLING_BACK, reason=None, canary="$LATEST")
    line = alias_description.write(back, freezes=False)
    assert plan(back, seen(STABLE, description=line)) == (Wake("2"), RestoreBackup("2"), Restore("2"))


def test_an_alias_that_is_gone_is_made_again_only_where_a_person_asks_for_stable() -> None:
    asked = deployment(Phase.ROLLING_BACK, reason=REQUESTED)
    (effect,) = plan(asked, seen(None))
    assert isinstance(effect, Route)
    assert (effect.routing, effect.revision_id) == (STABLE, None)
    assert plan(replace(asked, reason=ALARM), seen(None)) == ()


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"reason": ALARM}, True),
        ({"reason": Reason(Cause.REQUESTED, "a person asked")}, True),
        ({"reason": None}, False),
        ({"reason": Reason(Cause.SUPERSEDED, "the newer deployment #43 takes its place")}, False),
        ({"reason": Reason(Cause.NO_TRAFFIC, "3 of 50 requests")}, False),
        ({"reason": Reason(Cause.ALARMS_UNREADABLE, "CloudWatch does not answer")}, False),
        ({"reason": Reason(Cause.DEADLINE, "the deadline has passed")}, False),
        ({"reason": ALARM, "sha256": None}, False),
        ({"reason": ALARM, "done": frozenset({Milestone.QUARANTINED})}, False),
    ],
)
def test_only_bytes_that_were_at_fault_are_quarantined(changes: dict[str, Any], refused: bool) -> None:
    assert quarantines(deployment(Phase.ROLLING_BACK, **changes)) is refused


# -- the end ----------------------------------------------------------------------------------------------------------


LATER = NOW + LAST_WRITE
EARLY, FOR_GOOD = DeleteAlarm(Milestone.ALARM_DELETED_EARLY), DeleteAlarm(Milestone.ALARM_DELETED)


def test_success_deletes_the_own_alarm_and_prunes() -> None:
    assert plan(deployment(Phase.SUCCEEDED, own_made_at=NOW), seen(CANARY), LATER) == (FOR_GOOD, Prune())


@pytest.mark.parametrize("phase", [Phase.ROLLED_BACK, Phase.FAILED])
def test_an_end_without_success_prunes_nothing(phase: Phase) -> None:
    ended = deployment(phase, done=done(Milestone.IDENTIFIED, Milestone.TESTED, Milestone.ALARM_MADE))
    assert plan(ended, seen(STABLE), LATER) == (FOR_GOOD,)


@pytest.mark.parametrize("phase", ENDS)
def test_an_end_owes_nothing_once_all_is_done(phase: Phase) -> None:
    assert owes(deployment(phase, done=done(Milestone.TESTED, Milestone.ALARM_MADE)), NOW)
    assert not owes(deployment(phase, done=frozenset(Milestone)), NOW)


def test_an_unchanged_artifact_owes_nothing() -> None:
    assert not owes(deployment(Phase.SUCCEEDED, done=done(Milestone.IDENTIFIED)), LATER)


@pytest.mark.parametrize("milestone", [Milestone.BACKED_UP, Milestone.ALARM_MADE])
def test_an_own_alarm_that_may_still_be_made_is_deleted_at_once_and_once_more_later(milestone: Milestone) -> None:
    """Without a note of when it was made the time counts from the end."""
    ended = deployment(Phase.ROLLED_BACK, done=done(milestone))
    assert plan(ended, seen(STABLE)) == (EARLY,)
    ended = changed(ended, done=ended.done | {Milestone.ALARM_DELETED_EARLY})
    assert (plan(ended, seen(STABLE)), due_at(ended, NOW)) == ((), LATER)
    assert (plan(ended, seen(STABLE), LATER), due_at(ended, LATER)) == ((FOR_GOOD,), LATER)
    ended = changed(ended, done=ended.done | {Milestone.ALARM_DELETED})
    assert (plan(ended, seen(STABLE), LATER), due_at(ended, LATER)) == ((), None)


def test_an_own_alarm_that_was_made_long_before_the_end_is_deleted_once() -> None:
    ended = deployment(Phase.ROLLED_BACK, phase_since=LATER, own_made_at=NOW)
    ended = changed(ended, done=ended.done | {Milestone.ALARM_AT_PROMOTION})
    assert plan(ended, seen(STABLE), LATER) == (FOR_GOOD,)


def test_an_own_alarm_that_may_be_put_at_the_promotion_meanwhile_is_deleted_once_more_later() -> None:
    """A rollback from a step: a tick that has read the record before may be at work on the promotion."""
    ended = deployment(Phase.ROLLED_BACK, phase_since=LATER, own_made_at=NOW)
    assert due_at(changed(ended, done=ended.done | {Milestone.ALARM_DELETED_EARLY}), LATER) == LATER + LAST_WRITE


def test_an_own_alarm_that_may_still_be_put_again_is_deleted_once_more_later() -> None:
    """It was made long before; somebody may be at work who has read the record of the bake."""
    ended = deployment(Phase.ROLLED_BACK, phase_since=LATER, own_made_at=NOW, stable_before=ServedBefore(900, 1))
    ended = changed(ended, done=ended.done | {Milestone.ALARM_AT_PROMOTION, Milestone.ALARM_DELETED_EARLY})
    assert (plan(ended, seen(STABLE), LATER), due_at(ended, LATER)) == ((), LATER + LAST_WRITE)
    noted = changed(ended, done=ended.done | {Milestone.ALARM_IN_BAKE})
    assert plan(noted, seen(STABLE), LATER) == (FOR_GOOD,)


# -- the own alarm in the bake -----------------------------------------------------------------------------------------


def test_the_own_alarm_is_put_again_once_the_canary_serves_alone_and_the_rate_before_is_known() -> None:
    ready = confirmed(Phase.BAKING, done=done(Milestone.BACKED_UP, Milestone.ALARM_MADE, Milestone.ALARM_AT_PROMOTION))
    assert plan(ready, seen(CANARY)) == (MakeAlarm("2", "3", ServedBefore(5400, 12)),)
    too_few, elsewhere = {"stable_before": ServedBefore(19, 0)}, {"drift": "version 7"}
    for early in ({"confirmed_at": None}, {"stable_before": None}, {"closing": True}, elsewhere, too_few):
        assert not [each for each in plan(changed(ready, **early), seen(CANARY)) if isinstance(each, MakeAlarm)], early
    assert plan(changed(ready, done=ready.done | {Milestone.ALARM_IN_BAKE}), seen(CANARY)) == ()
    assert due_at(ready, NOW) == NOW


def test_where_a_person_gave_all_traffic_the_alarm_of_the_bake_is_put_however_little_is_known() -> None:
    """No alarm was put before that promotion, and the one of the shift says nothing in the bake."""
    theirs = confirmed(
        Phase.BAKING, done=done(Milestone.BACKED_UP, Milestone.ALARM_MADE), stable_before=ServedBefore(19, 0)
    )
    assert plan(theirs, seen(CANARY)) == (MakeAlarm("2", "3", ServedBefore(19, 0)),)


def test_its_own_alarm_that_had_nothing_to_compare_with_quarantines_nothing() -> None:
    """In whole, or as an alias that cut the text short tells it."""
    full = "alarm slipway/checkout/live/42 is firing"
    for before, text, is_owed in (
        (ServedBefore(900, 1), full, True),
        (ServedBefore(19, 0), full, False),
        (ServedBefore(0, 0), full[:-6], False),
        (ServedBefore(0, 0), "alarm checkout-p99 is firing", True),
        (None, full, True),
    ):
        back = confirmed(Phase.ROLLING_BACK, reason=Reason(Cause.ALARM, text), stable_before=before)
        assert quarantines(back) is is_owed, (before, text)
    promoted = changed(back, done=back.done | {Milestone.ALARM_AT_PROMOTION})
    assert not quarantines(promoted)
    assert quarantines(
        confirmed(Phase.ROLLING_BACK, reason=Reason(Cause.ERRORS, full), stable_before=ServedBefore(0, 0))
    )


# -- waiting, and people ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", Phase)
def test_a_waiting_deployment_only_tells_people(phase: Phase) -> None:
    assert plan(deployment(phase, queued=True), seen(STABLE)) == ()
    assert plan(deployment(phase, queued=True, outbox=(NOTICE,)), seen(STABLE)) == (Send(NOTICE),)


@pytest.mark.parametrize("phase", Phase)
def test_people_are_told_in_order_and_after_everything_else(phase: Phase) -> None:
    later = replace(NOTICE, text="later")
    effects = plan(deployment(phase, outbox=(NOTICE, later)), seen(STABLE))
    assert effects[-2:] == (Send(NOTICE), Send(later))
    assert not any(isinstance(effect, Send) for effect in effects[:-2])


# -- when to look again -----------------------------------------------------------------------------------------------


def test_a_waiting_deployment_is_never_due() -> None:
    assert due_at(deployment(queued=True, outbox=(NOTICE,)), NOW) is None


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in BEFORE_TRAFFIC])
def test_an_unsent_notice_is_due_now(phase: Phase) -> None:
    assert due_at(deployment(phase, outbox=(NOTICE,), done=frozenset(Milestone)), after(hours=1)) == after(hours=1)


@pytest.mark.parametrize("phase", BEFORE_TRAFFIC)
def test_a_deployment_that_somebody_works_on_before_its_traffic_is_left_alone_for_a_while(phase: Phase) -> None:
    assert due_at(deployment(phase), NOW) == NOW + WORKING
    assert due_at(deployment(phase, outbox=(NOTICE,)), NOW) == NOW + WORKING


@pytest.mark.parametrize(("times", "seconds"), [(1, 60), (2, 60), (7, 160)])
def test_a_deployment_whose_tests_run_is_left_alone_for_as_long_as_they_may_take(times: int, seconds: int) -> None:
    """A second controller at work on the same tests would double the load on the version."""
    tests = [{"name": "ping", "within": "20s", "times": times}, {"name": "pong", "within": "5s", "warm_up": 3}]
    testing = deployment(Phase.TESTING, manifest=manifest(tests=tests))
    assert due_at(testing, NOW) == after(seconds=seconds)
    assert due_at(changed(testing, done=done(Milestone.TESTED)), NOW) == NOW + WORKING


def test_a_rollback_is_due_now() -> None:
    assert due_at(deployment(Phase.ROLLING_BACK), after(minutes=1)) == after(minutes=1)
    assert due_at(confirmed(Phase.ROLLING_BACK), after(minutes=1)) == after(minutes=1)


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_a_routing_that_was_not_seen_yet_is_due_now(phase: Phase) -> None:
    assert due_at(deployment(phase), after(minutes=1)) == after(minutes=1)


@pytest.mark.parametrize(("phase", "minutes"), [(Phase.SHIFTING, 5), (Phase.BAKING, 30)])
def test_a_hold_is_due_when_it_ends_and_from_then_on(phase: Phase, minutes: int) -> None:
    assert due_at(confirmed(phase), after(minutes=1)) == after(minutes=minutes)
    assert due_at(confirmed(phase), after(minutes=minutes)) == after(minutes=minutes)
    assert due_at(confirmed(phase), after(hours=2)) == after(hours=2)


def test_a_deadline_within_the_hold_is_due_first() -> None:
    late = confirmed(Phase.BAKING, opened_at=NOW - timedelta(hours=23, minutes=50))
    assert due_at(late, NOW) == after(minutes=10)


def test_a_bake_that_is_closing_is_due_now() -> None:
    assert due_at(confirmed(Phase.BAKING, closing=True), after(minutes=1)) == after(minutes=1)


@pytest.mark.parametrize("phase", ENDS)
def test_an_ended_deployment_is_due_while_it_owes_something(phase: Phase) -> None:
    assert due_at(deployment(phase, done=done(Milestone.TESTED, Milestone.ALARM_MADE)), NOW) == NOW
    assert due_at(deployment(phase, done=frozenset(Milestone)), NOW) is None


def test_every_phase_has_a_plan() -> None:
    made: list[Deployment] = [deployment(phase) for phase in Phase]
    assert all(isinstance(plan(each, seen(STABLE)), tuple) for each in made)
