"""The targets of a tick in turn: what waits for Lambda gives way to what can go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from controller.core.model import Deployment, GivesWay, NotYet, Phase
from controller.dispatch import Dispatcher
from controller.reconcile.attempts import attempt
from controller.reconcile.loop import Unfinished
from controller.reconcile.ticks.claims import Claim
from controller.reconcile.ticks.turns import InTurns, Turn
from tests.builders import NOW
from tests.cloud.cloud import Cloud
from tests.cloud.many_functions import controller as started
from tests.cloud.under_way import STABLE, fires, live, routing, stored, under_way
from tests.unit.raw_events import TICK, line


class Lambda:
    """Is at work on each function until a moment. ``looks`` were made; the waits of those ``noted`` were noted.

    ``meanwhile`` is done at the first look at a function.
    """

    def __init__(self, cloud: Cloud, controller: Dispatcher, **ready_after: float) -> None:
        self._clock, self._context = cloud.clock, controller._context
        self._ready_at = {name: NOW + timedelta(seconds=after) for name, after in ready_after.items()}
        for name in ready_after:
            under_way(cloud, name)
        self.looks: list[tuple[str, float]] = []
        self.noted: list[str] = []
        self.meanwhile: dict[str, Callable[[], object]] = {}

    def take(self, has_time: Callable[[], bool] = lambda: True) -> InTurns:
        in_turns = InTurns(self._context, self._look, has_time)
        _, failed = attempt(in_turns.looks(self._context.aws.store.due()))
        assert failed == []
        return in_turns

    def _look(self, turn: Turn) -> Deployment | None:
        name = turn.row.target.function
        self.looks.append((name, (self._clock.now - NOW).total_seconds()))
        self.meanwhile.pop(name, lambda: None)()
        try:
            while self._clock.now < self._ready_at[name]:
                self._context.aws.waits.pause(1)
        except GivesWay as problem:
            raise Unfinished(str(problem), None, None) from problem
        except NotYet:
            self.noted.append(name)
            return None
        return None


def test_a_wait_gives_way_to_the_next_target_and_comes_back(cloud: Cloud, controller: Dispatcher) -> None:
    found = Lambda(cloud, controller, alpha=2, beta=0)
    assert found.take().left == 0
    assert found.looks == [("alpha", 0), ("beta", 0), ("alpha", 0)]


def test_waits_of_many_targets_go_on_side_by_side(cloud: Cloud, controller: Dispatcher) -> None:
    found = Lambda(cloud, controller, **{f"function-{number}": 10 for number in range(20)})
    found.take()
    assert cloud.clock.now - NOW <= timedelta(seconds=15)


def test_a_target_that_waits_alone_waits_in_its_place(cloud: Cloud, controller: Dispatcher) -> None:
    found = Lambda(cloud, controller, alpha=30)
    found.take()
    assert found.looks == [("alpha", 0)]


def test_a_wait_that_gave_way_for_too_long_is_noted_and_left_to_the_next_tick(
    cloud: Cloud, controller: Dispatcher
) -> None:
    found = Lambda(cloud, controller, alpha=600, beta=600)
    found.take()
    assert found.noted == ["alpha"], "beta waits alone by then"
    assert max(at for name, at in found.looks if name == "alpha") < 60


def test_what_still_waits_when_the_time_is_over_is_left(cloud: Cloud, controller: Dispatcher) -> None:
    found = Lambda(cloud, controller, alpha=600, beta=600)
    assert found.take(has_time=lambda: len(found.looks) < 3).left == 2


def is_free(controller: Dispatcher, function: str) -> bool:
    """May this controller look at the function?"""
    with Claim(controller._context, live(function)) as free:
        return free


def test_a_target_whose_look_gave_way_stays_with_its_tick_until_the_look_is_over(
    cloud: Cloud, controller: Dispatcher
) -> None:
    found, other, free = Lambda(cloud, controller, alpha=10, beta=0), started(cloud), list[bool]()
    found.meanwhile["beta"] = lambda: free.append(is_free(other, "alpha"))
    found.take()
    assert [*free, is_free(other, "alpha")] == [False, True]


def test_what_a_tick_has_no_time_for_is_free_for_the_next_one(cloud: Cloud, controller: Dispatcher) -> None:
    found, other = Lambda(cloud, controller, alpha=600, beta=600), started(cloud)
    found.take(has_time=lambda: len(found.looks) < 3)
    assert [is_free(other, name) for name in ("alpha", "beta")] == [True, True]


def test_a_target_that_was_passed_over_is_tried_once_more_after_all_others(
    cloud: Cloud, controller: Dispatcher
) -> None:
    found, others = Lambda(cloud, controller, alpha=0, beta=0), Claim(started(cloud)._context, live("alpha"))
    assert others.__enter__()
    found.meanwhile["beta"] = others.give_back
    assert found.take().passed_over == 0
    assert [name for name, _ in found.looks] == ["beta", "alpha"]


def test_what_another_controller_holds_to_the_end_is_passed_over(cloud: Cloud, controller: Dispatcher) -> None:
    found = Lambda(cloud, controller, alpha=0, beta=0)
    with Claim(started(cloud)._context, live("alpha")):
        assert found.take().passed_over == 1
    assert [name for name, _ in found.looks] == ["beta"]


def test_traffic_of_all_targets_is_back_before_the_clean_up_of_any(cloud: Cloud, controller: Dispatcher) -> None:
    for function in ("alpha", "beta"):
        under_way(cloud, function)
        fires(cloud, function)
    cloud.lambda_.updated_in = timedelta(seconds=30)
    line(controller, TICK)
    written: list[datetime] = [call.at for call in cloud.calls if call.operation == "UpdateAlias"]
    assert max(written) - NOW < timedelta(seconds=5)
    assert [routing(cloud, name) for name in ("alpha", "beta")] == [STABLE, STABLE]
    assert [stored(cloud, name).phase for name in ("alpha", "beta")] == [Phase.ROLLED_BACK] * 2
