"""With Lambda alone alive traffic comes back on the first event, nothing gets worse, and the record heals."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from controller.core.model import Phase, Routing
from tests.cloud.fault_steps import Down
from tests.cloud.faults import Call, Fault
from tests.cloud.steps import Behave, Drop, Fire, HasAlarm, Live, Step, Until, UntilStep
from tests.cloud.story import Story, asking
from tests.faults.only_lambda import MOMENTS, NAMED, OWN, SERVICES, STABLE, WAYS, Case, Dies, HasAlarmOn, tell
from tests.faults.processes import on_all_processors
from tests.faults.results import Swept
from tests.faults.troubles import FAULTS

TWENTY_MINUTES, HOURS = (20,) * len(SERVICES), (180,) * len(SERVICES)
MOMENT = {each.name: each for each in MOMENTS}
SOME = (MOMENT["first step"], MOMENT["promotion saved, alias not written"], MOMENT["bake"])
CALLS_OF_AN_ALARM = 3
"""To Lambda: see MOST_LAMBDA_CALLS."""
ONE_BY_ONE = tuple(itertools.permutations(range(2, 2 + len(SERVICES))))

EVERY_WAY = [Case(moment, way, alarm) for moment in MOMENTS for way in WAYS for alarm in (OWN, NAMED)]
ASKED = [Case(moment, way, asked=True) for moment in MOMENTS for way in WAYS]
FOR_LONG = [
    *(Case(moment, Fault.READ_TIMEOUT, OWN, TWENTY_MINUTES) for moment in MOMENTS),
    *(Case(moment, Fault.SERVICE_ERROR, NAMED, TWENTY_MINUTES, calm=True) for moment in MOMENTS),
    *(Case(moment, way, alarm, HOURS) for moment, way, alarm in zip(SOME, WAYS, (OWN, NAMED, OWN), strict=False)),
]
IN_EVERY_ORDER = [
    Case(MOMENTS[place % len(MOMENTS)], WAYS[place % len(WAYS)], (OWN, NAMED)[place % 2], minutes)
    for place, minutes in enumerate(ONE_BY_ONE)
]
LAMBDA_FAILS_TOO = [
    Case(moment, Fault.SERVICE_ERROR, alarm, of_lambda=(call, fault))
    for moment in SOME
    for alarm in (OWN, NAMED)
    for call in range(CALLS_OF_AN_ALARM)
    for fault in FAULTS
]


@pytest.mark.parametrize(
    "cases",
    [EVERY_WAY, ASKED, FOR_LONG, IN_EVERY_ORDER, LAMBDA_FAILS_TOO],
    ids=["in every way", "a person asks", "for long", "in every order", "lambda fails too"],
)
def test_with_lambda_alone_traffic_is_back_at_once_and_the_record_heals(cases: Sequence[Case], swept: Swept) -> None:
    found = on_all_processors(tell, cases, at_once=10)
    found.scenarios = 1
    swept.add(found)
    assert found.wrong == [], "\n".join(found.wrong[:5])


# -- how long traffic waits for what is dead --------------------------------------------------------------------------

WAITED: Mapping[Fault, float] = {
    Fault.SERVICE_ERROR: 1.5,
    Fault.THROTTLED: 1.5,
    Fault.DENIED: 0,
    Fault.CONNECT_TIMEOUT: 4.5,
    Fault.READ_TIMEOUT: 10.5,
    Fault.LOST_EVERY_TIME: 10.5,
}
"""Seconds, with pauses of half their longest between attempts."""


@pytest.mark.parametrize("way", WAYS)
def test_its_own_alarm_waits_for_nothing_and_whoever_else_for_one_question_to_the_table(way: Fault) -> None:
    told = [case.tell() for case in (Case(MOMENTS[0], way, OWN), Case(MOMENTS[0], way, NAMED))]
    told.append(Case(MOMENTS[0], way, asked=True).tell())
    assert [each.seconds for each in told] == [0, WAITED[way], WAITED[way]]
    assert [each.lambda_calls for each in told] == [2, 3, 2]


@dataclass(frozen=True)
class Hangs:
    """Matches calls of these operations."""

    operations: tuple[str, ...]

    def __call__(self, call: Call) -> bool:
        return call.operation in self.operations


@pytest.mark.parametrize("operations", [("PutItem", "TransactWriteItems"), ("GetItem",), ("Query",)])
@pytest.mark.parametrize("asked", [True, False])
def test_a_table_that_answers_in_part_keeps_nobody_longer(operations: tuple[str, ...], asked: bool) -> None:
    story = MOMENTS[0].story()
    story.cloud.fail(Hangs(operations), Fault.READ_TIMEOUT, times=None)
    first, began = len(story.cloud.calls), story.cloud.clock.now
    if asked:
        assert story.asks(asking("rollback"))
    else:
        story.play([Fire(NAMED)])
    made = story.cloud.calls[first:]
    write = next(call for call in made if call.operation == "UpdateAlias")
    assert (story.routing, (write.at - began).total_seconds() <= WAITED[Fault.READ_TIMEOUT]) == (STABLE, True)
    story.cloud.plan.heal()
    story.to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.ROLLED_BACK, STABLE, [])


# -- what no event brings back without the record ---------------------------------------------------------------------


def away(minutes: int) -> tuple[Step, ...]:
    return tuple(Down(service, minutes) for service in SERVICES)


def test_an_alarm_after_the_way_back_was_disarmed_changes_nothing() -> None:
    story = MOMENT["bake"].told()
    story.minutes = 0
    while not Dies(Fault.CRASH_AFTER).play(story):
        story.minutes += 1
    story.minutes = 0
    story.play([*away(3), Fire(OWN)])
    assert story.routing == Routing("2")
    story.to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


@pytest.mark.parametrize("alarm", [OWN, NAMED])
def test_where_a_failure_freezes_an_alarm_moves_nothing_and_the_record_freezes_later(alarm: str) -> None:
    gates = {"alarms": [NAMED], "errors": False, "min_invocations": 0}
    drop = Drop("v2", {"on_failure": "freeze", "gates": gates})
    failing = Behave("v2", error="ValueError")
    story = Story().play([Live("v1"), HasAlarmOn("2"), drop, UntilStep(1), failing, *away(3), Fire(alarm)])
    assert story.routing == Routing("1", "2", 2000)
    for _ in range(6):
        story.minute()
    assert (story.routing, story.deployments()[0].hold.paused) == (Routing("1", "2", 2000), True)
    assert story.violations == []


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_an_alarm_that_is_about_no_version_waits_for_the_record(phase: Phase) -> None:
    drop = Drop("v2", {"gates": {"alarms": ["queue-age"], "errors": False, "min_invocations": 0}})
    story = Story().play([Live("v1"), HasAlarm("queue-age"), drop, Until(phase)])
    carried = story.routing
    story.play([*away(20), Fire("queue-age")])
    for _ in range(20):
        assert story.routing == carried
        story.minute()
    story.minute()
    assert story.routing == STABLE
    story.to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.ROLLED_BACK, STABLE, [])


def test_with_lambda_alone_a_canary_that_is_well_stays_where_it_is() -> None:
    story = MOMENT["first step"].story()
    story.play(away(60))
    for word in ("promote", "resume", "approve", "pause", "accept_drift"):
        story.minute()
        assert not story.asks(asking(word))
        assert story.routing == Routing("1", "2", 2000)
    story.play([Behave("v2")]).to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])
