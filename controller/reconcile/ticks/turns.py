"""Looks at the targets of a tick in turn.

    fresh    a, b, c      looked at in this order
    waiting  a            gave way while Lambda is at work; comes back as soon as it may be done

Rules of the file:

- a target that another controller is at work on is passed over, unless traffic may have to come back. After all others
  comes a second try, because the other controller's time may be over by then;
- a wait gives way while another target can go on. After ``_NOTED_AFTER`` the wait is noted in the record, and left to
  the next tick;
- one target's trouble never keeps a tick from the next target.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from controller.aws.dynamodb.store import Due
from controller.context import Context
from controller.core.model import Deployment
from controller.reconcile.loop import Unfinished
from controller.reconcile.ticks.claims import Claim, gives_way

_COMES_BACK_AFTER = timedelta(seconds=3)
"""Most updates of functions are done by then. A look that comes too early costs a call."""
_NOTED_AFTER = timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class Turn:
    """A target to be looked at. After a look that ``gave_way``, the next one may be made at ``again_at``."""

    row: Due
    urgent: bool
    gave_way: Unfinished | None = None
    again_at: datetime | None = None
    waits_since: datetime | None = None
    was_passed_over: bool = False


Look = Callable[[Turn], Deployment | None]


class InTurns:
    """The looks of one tick, each to be made before the next one is asked for. One that gives way returns None.

    ``passed_over`` counts the targets that another controller was at work on twice.
    """

    def __init__(self, context: Context, look: Look, has_time: Callable[[], bool]) -> None:
        self._context = context
        self._waits = context.aws.waits
        self._clock = context.clock
        self._look = look
        self._has_time = has_time
        self._fresh: deque[Turn] = deque()
        self._waiting: deque[Turn] = deque()
        self._second_tries: deque[Turn] = deque()
        self._others_follow = False
        self.passed_over = 0

    @property
    def left(self) -> int:
        """Returns how many targets are still to be looked at."""
        return len(self._fresh) + len(self._waiting) + len(self._second_tries)

    def urgent(self, rows: Iterable[Due]) -> Iterator[Callable[[], Deployment | None]]:
        """Yields a look at each target in danger; ``looks`` goes on with those that give way."""
        self._fresh.extend(Turn(row, urgent=True) for row in rows)
        self._others_follow = True
        while self._fresh and self._has_time():
            yield partial(self._take, self._fresh.popleft())
        self._others_follow = False

    def looks(self, rows: Iterable[Due]) -> Iterator[Callable[[], Deployment | None]]:
        """Yields a look at each target, and more at those that gave way, until all are done or the time is over."""
        self._fresh.extend(Turn(row, urgent=False) for row in rows)
        while self.left and self._has_time():
            yield partial(self._take, self._next())
        for turn in self._waiting:
            Claim(self._context, turn.row.target).give_back()

    def _next(self) -> Turn:
        if self._waiting and (self._is_one_ready() or not self._fresh):
            return self._waiting.popleft()
        return self._fresh.popleft() if self._fresh else self._second_tries.popleft()

    def _take(self, turn: Turn) -> Deployment | None:
        noted = turn.waits_since is not None and self._clock() - turn.waits_since >= _NOTED_AFTER
        try:
            with self._waits.beside(self._can_others_go_on, noted=noted):
                return self._look(turn) if turn.urgent else self._look_if_free(turn)
        except Unfinished as problem:
            if not gives_way(problem):
                raise
            self._comes_back(turn, problem)
            return None

    def _look_if_free(self, turn: Turn) -> Deployment | None:
        with Claim(self._context, turn.row.target) as is_free:
            if is_free:
                return self._look(turn)
        if turn.was_passed_over:
            self.passed_over += 1
        else:
            self._second_tries.append(replace(turn, was_passed_over=True))
        return None

    def _can_others_go_on(self) -> bool:
        return self._others_follow or bool(self._fresh) or self._is_one_ready()

    def _is_one_ready(self) -> bool:
        again_at = self._waiting[0].again_at if self._waiting else None
        return again_at is not None and again_at <= self._clock()

    def _comes_back(self, turn: Turn, gave_way: Unfinished) -> None:
        now = self._clock()
        waiting = Turn(
            turn.row,
            urgent=False,
            gave_way=gave_way,
            again_at=now + _COMES_BACK_AFTER,
            waits_since=turn.waits_since or now,
        )
        self._waiting.append(waiting)
