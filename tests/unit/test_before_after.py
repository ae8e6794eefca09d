"""The evidence of the bake: paired minutes before and after, each used once, judged more strictly, never a hold."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from controller.core.gates import errors
from controller.core.lifecycle.due import due_at
from controller.core.lifecycle.quarantine import quarantines
from controller.core.lifecycle.state_machine import transition
from controller.core.model import Cause, Deployment, Phase
from controller.core.model.events import Tick
from controller.core.model.observation import AlarmState
from controller.core.statistics.alias_past import ServedMinute, of_stable
from controller.core.statistics.before_after import BakeEvidence, ServedBefore, before_promotion
from controller.core.statistics.history import History, Kind
from controller.core.statistics.sequential_evidence import error_evidence
from controller.core.statistics.shift import Past, Shift
from tests.builders import NOW, ROUTINGS, after, changed, confirmed, manifest, seen

QUIET = {"slipway/checkout/live/42": AlarmState.OK}
WATCHED = manifest(gates={"errors": {"significance": 0.01}, "min_invocations": 0})


def served(*counts: tuple[int, int], first: datetime = NOW) -> tuple[ServedMinute, ...]:
    return tuple(ServedMinute(first + (after(minutes=each) - NOW), *count) for each, count in enumerate(counts))


BEFORE = served(*[(1_000, 1)] * 30, first=after(minutes=-40))


CLEAN = History(Kind.CLEAN, requests=1_000.0)


def baking(**changes: Any) -> Deployment:
    shift = Shift(Past(CLEAN, timedelta(seconds=3)))
    return confirmed(Phase.BAKING, **{"manifest": WATCHED, "shift": shift, **changes})


def looked(deployment: Deployment, *counts: tuple[int, int], before: Any = BEFORE, at: float = 20) -> Deployment:
    found = seen(ROUTINGS[Phase.BAKING], alarms=QUIET, before=before, baked=served(*counts))
    return transition(deployment, Tick(), found, after(minutes=at))


def test_the_first_minute_of_the_bake_is_paired_with_the_last_one_before() -> None:
    bake = BakeEvidence().with_before(served((10, 1), (20, 2), (30, 3))).after(served((7, 1), (8, 2)), CLEAN)
    assert bake.judgement.evidence.log == error_evidence([(7, 1, 30, 3), (8, 2, 20, 2)])


def test_a_minute_with_more_errors_than_requests_is_not_judged() -> None:
    """Its requests are counted late: 8 of 8 is what CloudWatch has so far, not what failed."""
    late = ServedMinute(NOW, 8, 8, is_whole=False)
    before = BakeEvidence().with_before([*served((10, 0)), late])
    assert before.before == ((10, 0),)
    assert before.after([late], CLEAN) == before


def test_errors_in_bursts_are_worth_less_and_no_minute_is_worth_more_than_thirty() -> None:
    bursty = History(Kind.BURSTY, spread=5.0)
    pair = BakeEvidence().with_before(served((1_000, 1)))
    assert (
        pair.after(served((1_000, 9)), bursty).judgement.evidence.log
        < pair.after(served((1_000, 9)), CLEAN).judgement.evidence.log
    )
    assert pair.after(served((1_000, 900)), CLEAN).judgement.evidence.log < math.log(30)


def test_where_errors_are_rare_the_minutes_with_errors_must_speak_against_the_canary_too() -> None:
    """One burst in one minute is no proof by its number; errors in minute after minute are."""
    rare = History(Kind.THIN, begins=0.01, goes_on=0.5, requests=1_000.0)
    never = BakeEvidence().with_before(served(*[(1_000, 0)] * 30))
    burst = never.after(served((1_000, 40), (1_000, 40), *[(1_000, 0)] * 8), rare)
    again = never.after(served(*[(1_000, 20)] * 5), rare)
    assert burst.judgement.is_worse(0.1) and again.judgement.is_worse(0.001)
    assert not burst.is_worse(0.1, replace(rare, goes_on=1.0))
    assert again.is_worse(0.001, rare)


def test_a_minute_of_the_stable_version_is_used_once() -> None:
    bake = BakeEvidence().with_before(served((1_000, 1))).after(served((1_000, 9), (1_000, 9)), CLEAN)
    assert bake.judgement.evidence.minutes == 1
    assert not bake.is_open


def test_a_minute_of_the_bake_counts_once_however_often_it_is_read() -> None:
    once = BakeEvidence().with_before(BEFORE).after(served((1_000, 2), (1_000, 3)), CLEAN)
    assert once.after(served((1_000, 2), (1_000, 3)), CLEAN) == once


def test_the_minutes_before_are_read_once_and_at_most_an_hour_of_them() -> None:
    once = BakeEvidence().with_before(served(*[(1_000, 1)] * 90))
    assert len(once.before or ()) == 60
    assert once.with_before(served((5, 5))) == once


def test_a_canary_that_fails_more_often_than_stable_did_is_rolled_back_and_told_what_else_it_may_be() -> None:
    back = looked(baking(), *[(1_000, 20)] * 3)
    assert back.phase is Phase.ROLLING_BACK
    assert back.reason and back.reason.cause is Cause.ERRORS
    assert "version 3 failed 60 of 3,000 (2 %) requests, version 2 3 of 3,000 (0.1 %) in as many 3 minutes" in (
        back.reason.text
    )
    assert "a change from outside would look the same" in back.reason.text
    assert quarantines(back)


def test_a_canary_that_fails_as_often_as_stable_did_bakes_on() -> None:
    assert looked(baking(), *[(1_000, 1)] * 9).phase is Phase.BAKING


def test_the_bake_is_judged_more_strictly_than_the_shift() -> None:
    """The evidence lies between the two: enough while both serve, not enough against the minutes before."""
    ends = []
    for in_bake in (0.001, 0.1):
        errors = {"significance": 0.1, "bake_significance": in_bake}
        found = looked(baking(manifest=manifest(gates={"errors": errors, "min_invocations": 0})), (1_000, 9))
        assert 2.3 < found.evidence.bake.judgement.evidence.log < 6.9
        ends.append(found.phase)
    assert ends == [Phase.BAKING, Phase.ROLLING_BACK]


@pytest.mark.parametrize("off", [False, {"significance": 0.01, "bake_significance": False}])
def test_the_comparison_can_be_turned_off(off: object) -> None:
    deployment = baking(manifest=manifest(gates={"errors": off, "min_invocations": 0}))
    assert not errors.judges_bake(deployment)
    assert looked(deployment, *[(1_000, 500)] * 3).phase is Phase.BAKING
    assert due_at(deployment, NOW) == after(minutes=30)


def test_a_first_deployment_has_nothing_to_be_compared_with() -> None:
    assert not errors.judges_bake(changed(baking(), stable=None))


def test_a_minute_of_the_bake_is_judged_when_its_longest_request_must_have_ended() -> None:
    slow = Shift(Past(CLEAN, timedelta(minutes=15)))
    assert looked(baking(shift=slow), (1_000, 20), at=17).evidence.bake.judgement.evidence.minutes == 0
    assert looked(baking(shift=slow), (1_000, 20), at=18).evidence.bake.judgement.evidence.minutes == 1


def test_the_minutes_before_are_read_when_none_of_them_grows_any_more() -> None:
    """Read at the promotion, they would lack the stable version's late failures, while the canary's count."""
    slow = baking(shift=Shift(Past(CLEAN, timedelta(minutes=15))))
    wanted = [errors.wants_minutes_before(slow, (), after(minutes=each)) for each in (0, 16, 17, 18)]
    assert wanted == [False, False, True, True]
    assert not errors.wants_minutes_before(changed(slow, bake=BakeEvidence(((10, 1),))), (), after(minutes=18))
    assert not errors.wants_minutes_before(changed(slow, shift=Shift()), (), after(minutes=18))


CALM = [(1_000, 1)] * 60


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        ([(900, 0)] * 5, ServedBefore(64_500, 60)),
        ([(900, 90)] * 5, ServedBefore(4_500, 450)),
        ([(900, 0)] * 3 + [(900, 450)] * 2, ServedBefore(64_500, 32_250)),
        ([(4, 0), (4, 0), (4, 4)], ServedBefore(60_012, 60_012)),
        ([(4, 0), (4, 0), (4, 2)], ServedBefore(60_012, 62)),
    ],
    ids=["calm", "oftener in all of the shift", "an outage at its end", "of few requests", "too few errors"],
)
def test_the_own_alarm_goes_by_what_may_go_on_where_the_stable_version_failed_oftener_at_the_end(
    shift: list[tuple[int, int]], expected: ServedBefore
) -> None:
    minutes = served(*CALM, *shift, first=after(minutes=-60))
    assert before_promotion(minutes, NOW, after(minutes=60), 3) == expected


def test_the_own_alarm_goes_by_minutes_in_which_no_request_still_runs() -> None:
    """Those of the last quarter of an hour may still fail; where nothing else is known they count all the same."""
    minutes = served(*[(100, 30)] * 45, *[(100, 0)] * 15, first=after(minutes=-60))
    assert before_promotion(minutes, NOW, after(minutes=-15), 3) == ServedBefore(4_500, 1_350)
    assert before_promotion(minutes[45:], NOW, after(minutes=-15), 3) == ServedBefore(1_500, 0)


def test_a_bake_is_not_compared_with_the_good_minutes_before_an_outage() -> None:
    minutes = served(*CALM, *[(100, 100)] * 4)
    bake = BakeEvidence().with_before(minutes)
    assert bake.before == ((100, 100),) * 4
    assert not bake.after(served(*[(1_000, 1_000)] * 10), CLEAN).is_worse(0.001, CLEAN)


def test_before_the_first_percent_the_alias_is_the_stable_versions_alone() -> None:
    """CloudWatch may have no series of a version while the alias carries nothing else."""
    own = served((900, 1), (900, 2), first=after(minutes=0))
    alias = served((1_000, 5), (1_000, 6), (1_000, 7), (1_000, 8), first=after(minutes=-2))
    found = of_stable(own, alias, first=NOW)
    assert sorted(each.errors for each in found) == [1, 2, 5, 6]


def test_minutes_from_before_an_earlier_shift_are_another_versions() -> None:
    own = served((100, 1), first=after(minutes=-5)) + served((900, 2), first=NOW)
    alias = served(*[(1_000, 7)] * 11, first=after(minutes=-10))
    found = of_stable(own, alias, first=NOW)
    assert min(each.began for each in found) == after(minutes=-5)
    assert [each.errors for each in found if each.began == after(minutes=-5)] == [1]


def test_minutes_from_before_the_alias_was_seen_on_the_canary_do_not_count() -> None:
    late = changed(baking(), confirmed_at=after(minutes=2))
    assert looked(late, *[(1_000, 500)] * 2).evidence.bake.judgement.evidence.minutes == 0


def test_minutes_that_cannot_be_read_hold_nothing() -> None:
    bake = manifest(strategy={"steps": [], "bake": "1m"}, gates={"errors": {"significance": 0.01}})
    assert looked(baking(manifest=bake), before=None).traffic.closing


def test_the_bake_is_looked_at_in_every_tick_while_there_is_something_to_compare() -> None:
    open_still = baking()
    done = changed(open_still, bake=BakeEvidence(((10, 1),)).after(served((10, 1)), CLEAN))
    assert due_at(open_still, NOW) == NOW
    assert due_at(done, NOW) == after(minutes=30)
