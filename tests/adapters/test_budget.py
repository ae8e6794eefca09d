"""How calls to Lambda's control plane are paced, and made again where they are throttled; on the virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from controller.aws.clients import Adapters
from controller.aws.lambda_.budget import COUNTED, Budget, RateLimited
from controller.aws.lambda_.client import LambdaClient
from controller.core.model import Cause, Reason, Refused, Throttled, Transient
from tests.cloud.clock import Clock, half
from tests.cloud.story import SETTINGS

THROTTLE = ("TooManyRequestsException", 429)


class Called:
    """A client that notes when each call began, in seconds of the test; ``fails`` are the errors to come."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._zero = clock, clock.monotonic()
        self.at: list[float] = []
        self.fails: list[tuple[str, int]] = []

    def __getattr__(self, name: str) -> Callable[..., str]:
        return lambda **_: self._answer(name)

    def _answer(self, name: str) -> str:
        self.at.append(round(self._clock.monotonic() - self._zero, 3))
        if self.fails:
            code, status = self.fails.pop(0)
            raise ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, name)  # type: ignore[typeddict-item]
        return name


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def called(clock: Clock) -> Called:
    return Called(clock)


@pytest.fixture
def budget(clock: Clock) -> Budget:
    return Budget(3, clock.sleep, clock.monotonic, half, alone)


@pytest.fixture
def paced(called: Called, budget: Budget) -> Any:
    return RateLimited(called, budget)


@pytest.fixture
def urgent(called: Called, budget: Budget) -> Any:
    return RateLimited(called, budget, urgent=True)


def alone(_calls: int, _now: datetime, _within: timedelta) -> timedelta:
    """No other controller makes calls."""
    return timedelta(0)


def ends(budget: Budget, clock: Clock, seconds: float) -> None:
    """The invocation ends that many seconds from now."""
    at = clock.now + timedelta(seconds=seconds)
    budget.begin(lambda: at - clock.now)


# -- the budget -------------------------------------------------------------------------------------------------------


def test_as_many_calls_as_a_second_has_wait_for_nothing(called: Called, paced: Any) -> None:
    assert [paced.get_alias(), paced.update_alias(), paced.publish_version()] == [
        "get_alias",
        "update_alias",
        "publish_version",
    ]
    assert called.at == [0, 0, 0]


def test_one_call_more_waits_until_a_second_after_the_first(called: Called, paced: Any, clock: Clock) -> None:
    for _ in range(3):
        paced.get_alias()
        clock.advance(timedelta(seconds=0.25))
    paced.update_alias()
    assert called.at == [0, 0.25, 0.5, 1.0]


def test_in_no_second_are_more_calls_begun_than_the_budget_has(called: Called, paced: Any, clock: Clock) -> None:
    for each in range(40):
        paced.get_alias()
        clock.advance(timedelta(seconds=(0, 0.03, 0.4)[each % 3]))
    assert max(sum(at <= other < at + 0.999 for other in called.at) for at in called.at) == 3


def test_calls_that_come_by_themselves_slowly_enough_wait_for_nothing(called: Called, paced: Any, clock: Clock) -> None:
    for _ in range(12):
        paced.get_alias()
        clock.advance(timedelta(seconds=0.5))
    assert called.at == [each / 2 for each in range(12)]


def test_the_call_of_a_rollback_is_not_held_by_a_budget_that_is_spent(called: Called, paced: Any, urgent: Any) -> None:
    for _ in range(3):
        paced.get_alias()
    for _ in range(4):
        urgent.update_alias()
    assert called.at == [0] * 7


def test_the_call_of_a_rollback_counts(called: Called, paced: Any, urgent: Any, clock: Clock) -> None:
    for _ in range(3):
        urgent.update_alias()
        clock.advance(timedelta(seconds=0.25))
    paced.get_alias()
    assert called.at == [0, 0.25, 0.5, 1.0]


@pytest.mark.parametrize("free", ["get_function", "invoke"])
def test_what_has_a_limit_of_its_own_neither_waits_nor_counts(called: Called, paced: Any, free: str) -> None:
    for _ in range(9):
        getattr(paced, free)()
    paced.get_alias()
    for _ in range(9):
        getattr(paced, free)()
    assert called.at == [0] * 19


def test_every_other_call_that_is_made_of_lambda_counts() -> None:
    made = {name for name in vars(LambdaClient) if not name.startswith("_")}
    assert made - COUNTED == {"get_function", "invoke"}
    assert {"get_alias", "list_aliases", "update_alias", "publish_version", "delete_function"} < COUNTED


def test_what_the_invocation_before_has_called_a_moment_ago_counts(
    called: Called, paced: Any, budget: Budget, clock: Clock
) -> None:
    for _ in range(3):
        paced.get_alias()
    ends(budget, clock, 300)
    paced.get_alias()
    assert called.at == [0, 0, 0, 1.0]


def test_a_call_whose_turn_comes_after_the_invocation_is_left_for_the_next_one(
    called: Called, paced: Any, budget: Budget, clock: Clock
) -> None:
    ends(budget, clock, 0.5)
    for _ in range(3):
        paced.get_alias()
    with pytest.raises(Transient, match="a tick goes on"):
        paced.update_alias()
    assert (called.at, clock.ends_at) == ([0, 0, 0], None)


# -- throttling -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [THROTTLE, ("ThrottlingException", 400), ("Whatever", 429)], ids=str)
def test_a_throttled_call_is_made_again_until_it_is_taken(called: Called, paced: Any, code: tuple[str, int]) -> None:
    called.fails = [code] * 4
    assert paced.update_alias() == "update_alias"
    assert called.at == [0, 0.5, 1.5, 3.5, 7.5]


def test_the_pauses_are_drawn_by_chance(called: Called, clock: Clock) -> None:
    drawn = [1.0, 0.0, 0.25]
    paced: Any = RateLimited(called, Budget(15, clock.sleep, clock.monotonic, lambda: drawn.pop(0), alone))
    called.fails = [THROTTLE] * 3
    paced.update_alias()
    assert (called.at, drawn) == ([0, 1.0, 1.0, 2.0], [])


def test_a_call_that_is_made_again_takes_its_turn(called: Called, clock: Clock) -> None:
    paced: Any = RateLimited(called, Budget(2, clock.sleep, clock.monotonic, lambda: 0.0, alone))
    called.fails = [THROTTLE] * 4
    paced.get_alias()
    assert called.at == [0, 0, 1, 1, 2]


def test_a_throttled_call_is_raised_after_45_seconds_because_others_wait(called: Called, paced: Any) -> None:
    called.fails = [THROTTLE] * 100
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        paced.update_alias()
    assert called.at == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 25.5, 35.5]


def test_a_throttled_call_is_raised_while_there_is_the_time_to_raise_it(
    called: Called, urgent: Any, budget: Budget, clock: Clock
) -> None:
    """One try of the client may take half a minute by itself."""
    ends(budget, clock, 40)
    called.fails = [THROTTLE] * 100
    with pytest.raises(ClientError):
        urgent.update_alias()
    assert called.at[-1] <= 5


def test_a_rollbacks_pauses_are_short_at_first_and_a_part_of_its_wait_later(called: Called, urgent: Any) -> None:
    called.fails = [THROTTLE] * 100
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        urgent.update_alias()
    pauses = [later - earlier for earlier, later in pairwise(called.at)]
    assert (pauses[0], pauses[10]) == (0.5, 0.5)
    assert pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(called.at[-2] / 32, abs=0.01)
    assert 43 < called.at[-1] <= 45


def test_with_nobody_behind_it_a_rollback_is_repeated_to_the_end_of_the_invocation(
    called: Called, urgent: Any, budget: Budget, clock: Clock
) -> None:
    ends(budget, clock, 300)
    called.fails = [THROTTLE] * 1_000
    with budget.until_the_end(lambda: True), pytest.raises(ClientError):
        urgent.update_alias()
    assert 255 < called.at[-1] <= 265


def test_a_rollback_that_another_controller_has_taken_tries_again_after_a_minute(
    called: Called, urgent: Any, budget: Budget, clock: Clock
) -> None:
    ends(budget, clock, 300)
    called.fails = [THROTTLE] * 2
    with budget.until_the_end(lambda: False):
        urgent.get_alias()
    assert called.at == [0, 90, 180]


def test_once_it_has_read_the_alias_it_writes_as_soon_as_anybody(
    called: Called, urgent: Any, budget: Budget, clock: Clock
) -> None:
    ends(budget, clock, 300)
    called.fails = [THROTTLE]
    with budget.until_the_end(lambda: False):
        urgent.get_alias()
        called.fails = [THROTTLE]
        urgent.update_alias()
    assert called.at == [0, 90, 90, 90.5]


def test_nobody_is_asked_for_a_turn_while_nothing_is_throttled(called: Called, urgent: Any, budget: Budget) -> None:
    asked: list[bool] = []
    with budget.until_the_end(lambda: bool(asked.append(True))):
        urgent.get_alias()
    assert asked == []


@pytest.mark.parametrize("lost", [("ServiceException", 500), ("Whatever", 503)], ids=str)
def test_a_rollbacks_call_without_an_answer_is_made_six_times(
    called: Called, urgent: Any, lost: tuple[str, int]
) -> None:
    called.fails = [lost] * 6
    with pytest.raises(ClientError):
        urgent.get_alias()
    assert called.at == [0, 0.5, 1.5, 3.5, 7.5, 15.5]


@pytest.mark.parametrize("other", [("ServiceException", 500), ("PreconditionFailedException", 412)], ids=str)
def test_what_is_no_throttle_is_not_made_again(called: Called, paced: Any, other: tuple[str, int]) -> None:
    called.fails = [other]
    with pytest.raises(ClientError):
        paced.update_alias()
    assert called.at == [0]


# -- the adapters -----------------------------------------------------------------------------------------------------


def test_all_adapters_spend_the_same_budget() -> None:
    adapters = Adapters(SETTINGS)
    clients: list[Any] = [
        adapters.aliases._client,
        adapters.aliases._urgent_client,
        adapters.publishing._client,
        adapters.versions._client,
        adapters.hooks._client,
    ]
    assert {id(client._budget) for client in clients} == {id(adapters.budget)}
    assert [client._urgent for client in clients] == [False, True, False, False, False]
    assert adapters.budget._began.maxlen == SETTINGS.lambda_calls_per_second == 5


# -- one budget for all controllers -----------------------------------------------------------------------------------


class Queue:
    """The reservations of all controllers, and the seconds that each waits; None is too long."""

    def __init__(self, *waits: float | Exception | None) -> None:
        self._waits = list(waits)
        self.asked: list[tuple[int, float]] = []

    def __call__(self, calls: int, _now: datetime, within: timedelta) -> timedelta | None:
        self.asked.append((calls, within.total_seconds()))
        wait = self._waits.pop(0) if self._waits else 0.0
        if isinstance(wait, Exception):
            raise wait
        return None if wait is None else timedelta(seconds=wait)


def sharing(queue: Queue, clock: Clock, called: Called, *, urgent: bool = False, **more: Any) -> Any:
    """Returns a client of a controller whose calls are reserved."""
    budget = Budget(10, clock.sleep, clock.monotonic, half, queue)
    budget.begin(lambda: timedelta(minutes=5))
    budget.share(clock, **more)
    return RateLimited(called, budget, urgent=urgent)


def test_calls_are_reserved_by_the_handful(clock: Clock, called: Called) -> None:
    queue = Queue()
    shared = sharing(queue, clock, called)
    for _ in range(11):
        shared.get_alias()
    assert [calls for calls, _ in queue.asked] == [5, 5, 5]


def test_a_call_waits_for_its_turn_behind_those_of_other_controllers(clock: Clock, called: Called) -> None:
    shared = sharing(Queue(3.0, 1.0), clock, called)
    for _ in range(6):
        shared.get_alias()
    assert called.at == [3, 3, 3, 3, 3, 4]


def test_a_turn_that_is_too_far_away_is_a_throttle_and_the_next_call_asks_again(clock: Clock, called: Called) -> None:
    queue = Queue(None, 0.0)
    shared = sharing(queue, clock, called, starts_within=timedelta(seconds=2))
    with pytest.raises(Throttled, match="used up for now; a tick goes on"):
        shared.get_alias()
    shared.get_alias()
    assert ([within for _, within in queue.asked], called.at) == ([2, 2], [0])


def test_work_that_has_begun_waits_longer_for_its_next_turn(clock: Clock, called: Called) -> None:
    queue = Queue()
    shared = sharing(queue, clock, called, starts_within=timedelta(seconds=2))
    for _ in range(6):
        shared.get_alias()
    assert [within for _, within in queue.asked] == [2, 45]


def test_a_turn_after_the_end_of_the_invocation_is_a_throttle(clock: Clock, called: Called) -> None:
    budget = Budget(10, clock.sleep, clock.monotonic, half, Queue(20.0))
    ends(budget, clock, 10)
    budget.share(clock)
    paced: Any = RateLimited(called, budget)
    with pytest.raises(Throttled):
        paced.get_alias()


def test_a_rollback_reserves_nothing(clock: Clock, called: Called) -> None:
    queue = Queue(30.0)
    sharing(queue, clock, called, urgent=True).update_alias()
    assert (queue.asked, called.at) == ([], [0])


@pytest.mark.parametrize("problem", [Transient("no table"), Refused(Reason(Cause.PUBLISH_FAILED, "not allowed"))])
def test_without_the_table_a_controller_keeps_to_the_budget_by_itself(
    clock: Clock, called: Called, problem: Exception
) -> None:
    queue = Queue(problem)
    shared = sharing(queue, clock, called)
    for _ in range(11):
        shared.get_alias()
    assert (len(queue.asked), called.at) == (1, [0] * 10 + [1])


def test_the_next_invocation_shares_nothing_until_it_says_so(clock: Clock, called: Called) -> None:
    queue = Queue()
    budget = Budget(10, clock.sleep, clock.monotonic, half, queue)
    budget.share(clock)
    budget.begin(lambda: timedelta(minutes=5))
    paced: Any = RateLimited(called, budget)
    paced.get_alias()
    assert (queue.asked, budget.made) == ([], 1)
