"""What the gates ask for in a look: the minutes of both versions, the day before, and another look each minute."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.gates import order
from controller.core.model import Deployment, Milestone, Phase
from tests.builders import after, changed, confirmed, manifest, shift

BACKED_UP = frozenset({Milestone.IDENTIFIED, Milestone.TESTED, Milestone.BACKED_UP})
"""The own alarm is not made yet, so the alias is not written."""
OWN_METRIC = [{"namespace": "Shop", "bad": "Refused", "all": "Orders", "version": "Version"}]
OFF: dict[str, Any] = {"alarms": [], "errors": False, "min_invocations": 0}
ERRORS, METRICS = {**OFF, "errors": {"significance": 0.01}}, {**OFF, "metrics": OWN_METRIC}
IN_BAKE = {**OFF, "errors": {"significance": 0.01, "bake_significance": 0.001}}
COUNTED, LATENCY = {**OFF, "min_invocations": 50}, {**OFF, "latency": {"significance": 0.01}}


def judged(phase: Phase = Phase.SHIFTING, *, gates: dict[str, Any], **changes: Any) -> Deployment:
    return changed(confirmed(phase, manifest=manifest(gates=gates)), **changes)


# -- the minutes of both versions -------------------------------------------------------------------------------------


@pytest.mark.parametrize("gates", [ERRORS, METRICS], ids=["errors", "metrics"])
def test_the_minutes_are_counted_while_both_versions_are_compared(gates: dict[str, Any]) -> None:
    assert order.counts_minutes(judged(gates=gates), after(minutes=1))
    assert not order.counts_minutes(judged(Phase.BAKING, gates=gates), after(minutes=1))


def test_without_a_gate_the_minutes_are_counted_until_both_versions_were_seen_to_have_requests() -> None:
    assert order.counts_minutes(judged(gates=OFF, has_data=False), after(minutes=1))
    assert not order.counts_minutes(judged(gates=OFF), after(minutes=1))
    assert not order.counts_minutes(judged(Phase.BAKING, gates=OFF, has_data=False), after(minutes=1))


def test_a_minimum_of_requests_is_counted_after_the_hold() -> None:
    assert not order.counts_minutes(judged(gates=COUNTED), after(minutes=4.9))
    assert order.counts_minutes(judged(gates=COUNTED), after(minutes=5))


@pytest.mark.parametrize("gates", [ERRORS, COUNTED, OFF], ids=["errors", "requests", "no gate"])
@pytest.mark.parametrize("lacks", [{"stable": None}, {"done": BACKED_UP}], ids=["stable", "alarm"])
def test_nothing_is_counted_before_the_alias_is_written_or_without_a_version_to_compare_with(
    gates: dict[str, Any], lacks: dict[str, Any]
) -> None:
    assert not order.counts_minutes(judged(gates=gates, has_data=False, **lacks), after(minutes=5))


# -- the day before ---------------------------------------------------------------------------------------------------


def test_the_day_before_is_read_for_the_own_alarm_whatever_the_gates_are() -> None:
    """Also before the alias was seen: the alarm's numbers depend on how the errors came."""
    assert order.wants_past(judged(gates=OFF, done=BACKED_UP, confirmed_at=None), after(minutes=1))
    assert not order.wants_past(judged(gates=OFF), after(minutes=1))


@pytest.mark.parametrize("gates", [ERRORS, METRICS], ids=["errors", "metrics"])
def test_the_day_before_is_read_for_what_is_judged(gates: dict[str, Any]) -> None:
    assert order.wants_past(judged(gates=gates), after(minutes=1))


def test_the_day_before_is_read_for_a_minimum_of_requests_after_the_hold() -> None:
    assert not order.wants_past(judged(gates=COUNTED), after(minutes=4.9))
    assert order.wants_past(judged(gates=COUNTED), after(minutes=5))


def test_the_day_before_is_read_in_the_bake_for_its_gate_and_its_callers() -> None:
    unseen = judged(Phase.BAKING, gates=IN_BAKE)
    assert order.wants_past(unseen, after(minutes=1))
    assert order.wants_past(judged(Phase.BAKING, gates=OFF), after(minutes=1))


@pytest.mark.parametrize("gates", [IN_BAKE, METRICS], ids=["errors", "metrics"])
def test_the_day_before_is_read_in_the_bake_before_the_alias_was_seen(gates: dict[str, Any]) -> None:
    unseen = judged(Phase.BAKING, gates=gates, confirmed_at=None, shift=shift())
    without_past = judged(Phase.BAKING, gates=gates, confirmed_at=None)
    assert order.wants_past(without_past, after(minutes=1))
    assert not order.wants_past(unseen, after(minutes=1))


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
@pytest.mark.parametrize("gates", [IN_BAKE, METRICS, COUNTED], ids=["errors", "metrics", "requests"])
def test_the_day_before_is_read_once(phase: Phase, gates: dict[str, Any]) -> None:
    known = judged(phase, gates=gates, shift=shift(), done=BACKED_UP)
    assert not order.wants_past(known, after(minutes=5))


def test_a_first_deployment_has_no_day_before() -> None:
    for phase in (Phase.SHIFTING, Phase.BAKING):
        assert not order.wants_past(judged(phase, gates=OFF, stable=None, done=BACKED_UP), after(minutes=5))
        assert not order.wants_past(judged(phase, gates=COUNTED, stable=None, done=BACKED_UP), after(minutes=5))


# -- each minute ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gates", [ERRORS, METRICS, LATENCY], ids=["errors", "metrics", "latency"])
def test_a_gate_that_judges_looks_each_minute(gates: dict[str, Any]) -> None:
    assert order.looks_each_minute(judged(gates=gates))


def test_the_bake_is_looked_at_each_minute_while_it_is_judged() -> None:
    assert order.looks_each_minute(judged(Phase.BAKING, gates=IN_BAKE))
    assert order.looks_each_minute(judged(Phase.BAKING, gates=METRICS))
    assert not order.looks_each_minute(judged(Phase.BAKING, gates=OFF))


def test_nothing_to_judge_is_not_looked_at_each_minute() -> None:
    assert not order.looks_each_minute(judged(gates=OFF))
    assert not order.looks_each_minute(judged(gates=COUNTED))
