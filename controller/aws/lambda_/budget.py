"""Keeps the calls to Lambda's control plane within a budget, rollbacks first, and repeats throttled calls.

All functions of an account and Region share 15 requests a second; only GetFunction, GetPolicy and Invoke have limits of
their own. Source: Lambda developer guide, quotas, 2026-11.

Rules of the file:

- no second begins more calls than the budget allows. A rollback's calls count, and are never delayed;
- a throttled call was not carried out. It is repeated with jitter while there is time; then it is raised, and the
  platform or the next tick repeats it.

Note: each controller has a budget of its own, and two may work at the same time. The budget is therefore only a part of
the account's limit, and throttling stays possible.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from controller.aws.errors import is_throttled
from controller.aws.lambda_.client import LambdaClient
from controller.core.model import Throttled

COUNTED = frozenset(name for name in vars(LambdaClient) if name[0] != "_") - {"get_function", "invoke"}
"""The calls of a ``lambda`` client that share the 15 a second."""
_SECOND = 1.0
_MAX_PAUSE = 20.0
_PATIENCE = timedelta(seconds=45)
"""The longest time to repeat a throttled call: another target's rollback may be waiting, and the next tick tries
again.
"""
_ONE_TRY = timedelta(seconds=35)
"""The client's six attempts pause for at most 31 s. Source: botocore.retries.standard.ExponentialBackoff, 1.43.106."""


class Budget:
    """The calls of one controller. ``sleep`` takes seconds, ``monotonic`` returns seconds; ``chance`` is from 0 to 1.

    Time is unlimited until ``begin`` gives the invocation's.
    """

    def __init__(
        self,
        calls_per_second: int,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        self._sleep, self._monotonic, self._chance = sleep, monotonic, chance
        self._began: deque[float] = deque(maxlen=calls_per_second)
        self._time_left: Callable[[], timedelta] = lambda: timedelta.max

    def begin(self, time_left: Callable[[], timedelta]) -> None:
        """Starts an invocation. Calls of the invocation before still count: they may be a moment old."""
        self._time_left = time_left

    def spend(self, call: Callable[[], Any], *, urgent: bool) -> Any:
        """Makes a call in its turn, repeats it while throttled, and returns its answer.

        An ``urgent`` call never waits for its turn. Raises the call's own errors, and Throttled if the invocation ends
        before the call's turn.
        """
        begun, longest = self._monotonic(), _SECOND
        while True:
            if not urgent:
                self._wait()
            self._began.append(self._monotonic())
            try:
                return call()
            except ClientError as error:
                pause = longest * self._chance()
                if not is_throttled(error) or not self._has_time(begun, pause):
                    raise
            self._sleep(pause)
            longest = min(2 * longest, _MAX_PAUSE)

    def _wait(self) -> None:
        if len(self._began) < (self._began.maxlen or 0):
            return
        wait = self._began[0] + _SECOND - self._monotonic()
        if wait > self._time_left().total_seconds():
            raise Throttled("the invocation ends before the next call to Lambda fits into the budget; a tick goes on")
        if wait > 0:
            self._sleep(wait)

    def _has_time(self, begun: float, pause: float) -> bool:
        waited = timedelta(seconds=self._monotonic() + pause - begun)
        return waited <= _PATIENCE and self._time_left() - timedelta(seconds=pause) >= _ONE_TRY


class RateLimited:
    """A ``lambda`` client whose control-plane calls keep to a budget; other members are the client's own."""

    def __init__(self, client: Any, budget: Budget, *, urgent: bool = False) -> None:
        self._client = client
        self._budget = budget
        self._urgent = urgent

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return partial(self._spend, found) if name in COUNTED else found

    def _spend(self, method: Callable[..., Any], **parameters: object) -> Any:
        return self._budget.spend(partial(method, **parameters), urgent=self._urgent)
