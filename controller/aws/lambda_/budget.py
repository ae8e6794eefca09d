"""Keeps the calls to Lambda's control plane within a budget, rollbacks first, and repeats throttled calls.

All functions of an account and Region share 15 requests a second; only GetFunction, GetPolicy and Invoke have limits of
their own. Source: Lambda developer guide, quotas, 2026-11.

Rules of the file:

- no second begins more calls than the budget allows. A rollback's calls count, and are never delayed;
- ticks and uploads of all controllers share the budget: each reserves a handful of calls at a time, in a queue
  (``dynamodb.reservations``). While the queue cannot be reached, each keeps to the budget by itself;
- a throttled call was not carried out. It is repeated with jitter while there is time; then it is raised, and the
  platform or the next tick repeats it;
- a rollback's pauses grow with the time it has waited, by a sixteenth: in a storm of alarms the account's calls stay in
  use to the last one, and nobody hammers;
- a rollback's call is repeated here alone, since botocore's pauses of up to 20 s leave calls unused.

Note: others in the account make calls, too; rollbacks never wait, and what a person asks for waits for no other
controller. The budget is therefore only a part of the account's limit, and throttling stays possible.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from controller.aws.errors import is_no_answer, is_throttled
from controller.aws.lambda_.client import LambdaClient
from controller.core.model import Refused, Throttled, Transient

Reserve = Callable[[int, datetime, timedelta], timedelta | None]
"""Reserves so many calls at that time; returns the wait for them, None if it is longer than the last argument."""

COUNTED = frozenset(name for name in vars(LambdaClient) if name[0] != "_") - {"get_function", "invoke"}
"""The calls of a ``lambda`` client that share the 15 a second."""
_SECOND, _MINUTE = 1.0, 60.0
_MAX_PAUSE = 20.0
_OF_THE_WAIT = 1 / 16
"""A rollback's longest pause, as a part of the time waited so far."""
_UNANSWERED = 6
"""How often a rollback's call without an answer is made, as by the other clients."""
_PATIENCE = timedelta(seconds=45)
"""The longest time to repeat a throttled call: another target's rollback may be waiting, and the next tick tries
again.
"""
_HANDFUL = 5
"""How many calls are reserved at a time: each reservation is a write to the table."""
_ONE_TRY = timedelta(seconds=35)
"""The client's six attempts pause for at most 31 s. Source: botocore.retries.standard.ExponentialBackoff, 1.43.106."""


class Budget:
    """The calls of one controller. ``sleep`` takes seconds, ``monotonic`` returns seconds; ``chance`` is from 0 to 1.

    Time is unlimited until ``begin`` gives the invocation's. ``made`` counts the invocation's calls.
    """

    def __init__(
        self,
        calls_per_second: int,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        chance: Callable[[], float],
        reserve: Reserve,
    ) -> None:
        self._sleep, self._monotonic, self._chance, self._reserve = sleep, monotonic, chance, reserve
        self._began: deque[float] = deque(maxlen=calls_per_second)
        self._time_left: Callable[[], timedelta] = lambda: timedelta.max
        self._clock: Callable[[], datetime] | None = None
        self._reserved = self.made = 0
        self._turn_within = _PATIENCE
        self._patience = _PATIENCE
        self._has_turn: Callable[[], bool] = lambda: True

    def begin(self, time_left: Callable[[], timedelta]) -> None:
        """Starts an invocation. Calls of the invocation before still count: they may be a moment old."""
        self._time_left, self._clock = time_left, None
        self.made = 0

    def share(self, clock: Callable[[], datetime], starts_within: timedelta = _PATIENCE) -> None:
        """Reserves the invocation's further calls among those of all controllers, rollbacks excepted.

        The first call raises Throttled if its turn comes later than ``starts_within``.
        """
        self._clock, self._turn_within = clock, starts_within
        self._reserved = 0

    @contextmanager
    def until_the_end(self, has_turn: Callable[[], bool]) -> Iterator[None]:
        """Repeats the block's throttled calls until the invocation ends: no other target waits behind them.

        ``has_turn`` is asked after the first throttled rollback call. False means that another controller brings the
        same traffic back: this one tries again after a minute or two, in case the other one dies.
        """
        self._patience, self._has_turn = timedelta.max, has_turn
        try:
            yield
        finally:
            self._patience, self._has_turn = _PATIENCE, lambda: True

    def spend(self, call: Callable[[], Any], *, urgent: bool) -> Any:
        """Makes a call in its turn, repeats it while throttled, and returns its answer.

        An ``urgent`` call never waits for its turn. Raises the call's own errors, and Throttled if the invocation ends
        before the call's turn.
        """
        pauses = self._pauses()
        in_storm = self._pauses_in_storm() if urgent else pauses
        begun, unanswered = self._monotonic(), 0
        while True:
            if not urgent:
                self._wait()
            self._began.append(self._monotonic())
            self.made += 1
            try:
                return call()
            except (ClientError, BotoCoreError) as error:
                throttled = is_throttled(error)
                unanswered += not throttled
                again = throttled or (urgent and is_no_answer(error) and unanswered < _UNANSWERED)
                if not again or not self._has_time(begun, pause := next(in_storm if throttled else pauses)):
                    raise
            self._sleep(pause)

    def _pauses(self) -> Iterator[float]:
        longest = _SECOND
        while True:
            yield longest * self._chance()
            longest = min(2 * longest, _MAX_PAUSE)

    def _pauses_in_storm(self) -> Iterator[float]:
        begun, has_turn = self._monotonic(), self._has_turn()
        self._has_turn = lambda: True  # a write follows its read at once, whoever made that
        while has_turn:
            waited = self._monotonic() - begun
            yield min(max(_SECOND, _OF_THE_WAIT * waited), _MAX_PAUSE) * self._chance()
        while True:
            yield _MINUTE * (1 + self._chance())

    def _wait(self) -> None:
        if self._clock is not None:
            self._wait_for_turn(self._clock)
        if len(self._began) < (self._began.maxlen or 0):
            return
        wait = self._began[0] + _SECOND - self._monotonic()
        if wait > self._time_left().total_seconds():
            raise Throttled("the invocation ends before the next call to Lambda fits into the budget; a tick goes on")
        if wait > 0:
            self._sleep(wait)

    def _wait_for_turn(self, clock: Callable[[], datetime]) -> None:
        """Waits until the call is this controller's, among those of all controllers."""
        if self._reserved == 0:
            handful = min(_HANDFUL, self._began.maxlen or _HANDFUL)
            try:
                wait = self._reserve(handful, clock(), self._turn_within)
            except (Transient, Refused):
                self._clock = None  # not asked again in this invocation
                return
            if wait is None or (wait and wait > self._time_left()):
                raise Throttled("the calls to Lambda that Slipway may make are used up for now; a tick goes on")
            if wait:
                self._sleep(wait.total_seconds())
            self._reserved, self._turn_within = handful, _PATIENCE
        self._reserved -= 1

    def _has_time(self, begun: float, pause: float) -> bool:
        waited = timedelta(seconds=self._monotonic() + pause - begun)
        return waited <= self._patience and self._time_left() - timedelta(seconds=pause) >= _ONE_TRY


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
