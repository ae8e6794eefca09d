"""When alarms count, and which of them protect nothing because they have no data."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.gates import alarms
from controller.core.model import Phase
from controller.core.model.observation import AlarmState
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from tests.builders import NOW, ROUTINGS, after, confirmed, deployment, manifest, seen

NAMED, OWN = "checkout-p99", "slipway/checkout/live/42"
SPLIT = ROUTINGS[Phase.SHIFTING]
BOTH, CANARY_ALONE = Minute(1, 0, 9, 0), Minute(1, 0, 0, 0)
ERRORS = manifest(gates={"alarms": [NAMED], "errors": {"significance": 0.01}, "min_invocations": 0})


@pytest.mark.parametrize("phase", Phase)
def test_alarms_count_from_the_tests_on_until_traffic_is_back_or_all_is_over(phase: Phase) -> None:
    assert alarms.is_guarded(deployment(phase)) is (phase in (Phase.TESTING, Phase.SHIFTING, Phase.BAKING))
    first = deployment(phase, preflighted=True, stable=None)
    assert not alarms.is_guarded(first)


def silent(phase: Phase = Phase.SHIFTING, *, minutes: tuple[Minute, ...] = (), own: Any = None, **changes: Any) -> Any:
    counted = tuple(CountedMinute(after(minutes=place), each) for place, each in enumerate(minutes))
    states = {NAMED: AlarmState.OK, OWN: own or AlarmState.OK}
    return alarms.without_data(confirmed(phase, **changes), seen(SPLIT, alarms=states, minutes=counted))


@pytest.mark.parametrize("phase", [Phase.TESTING, Phase.SHIFTING, Phase.BAKING])
def test_a_named_alarm_without_data_protects_nothing(phase: Phase) -> None:
    guarded = deployment(phase)
    assert alarms.without_data(guarded, seen(SPLIT, alarms={NAMED: AlarmState.INSUFFICIENT_DATA})) == [NAMED]
    assert alarms.without_data(guarded, seen(SPLIT, alarms={NAMED: AlarmState.OK})) == []


def test_the_own_alarm_protects_nothing_before_both_versions_had_requests_in_one_minute() -> None:
    assert silent(has_data=False) == [OWN]
    assert silent(has_data=False, minutes=(CANARY_ALONE,)) == [OWN]
    assert silent(has_data=False, minutes=(CANARY_ALONE, BOTH)) == []
    assert silent(has_data=True) == []


def test_the_error_gate_needs_no_minute_with_both_versions() -> None:
    turns = (CANARY_ALONE, Minute(0, 0, 9, 0))
    assert silent(has_data=False, minutes=turns) == [OWN]
    assert silent(has_data=False, minutes=turns, manifest=ERRORS) == []


def test_an_own_alarm_that_fires_has_data() -> None:
    assert silent(has_data=False, own=AlarmState.FIRING) == []


def test_in_the_bake_the_own_alarm_has_the_canarys_requests_alone() -> None:
    assert silent(Phase.BAKING, has_data=False) == []


def test_where_alarms_do_not_count_none_is_missed() -> None:
    first = confirmed(Phase.BAKING, stable=None)
    assert alarms.without_data(first, seen(SPLIT, alarms={NAMED: AlarmState.INSUFFICIENT_DATA})) == []


def test_an_alarm_that_calms_down_is_armed_again_and_one_that_is_not_read_is_not() -> None:
    disarmed = confirmed(Phase.SHIFTING, disarmed=frozenset({NAMED}))
    assert alarms.note(disarmed, seen(SPLIT, alarms={NAMED: AlarmState.OK}), NOW).alarms.disarmed == frozenset()
    for unread in (seen(SPLIT), seen(SPLIT, alarms={NAMED: AlarmState.FIRING})):
        assert alarms.note(disarmed, unread, NOW) is disarmed
