"""A tick: looks at each open deployment that is due or in danger.

Rules of the file:

- targets that are rolling back or have a firing alarm come first;
- one target's trouble never keeps a tick from the next target; failures are raised at the end, so that the platform
  tries again.

A tick reads the state of every open deployment's alarms, but asks Lambda only about deployments that are due or in
danger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

from controller.aws.dynamodb.store import Due
from controller.context import Context
from controller.core.gates import hooks
from controller.core.model import Deployment, Refused, Transient
from controller.core.model.events import Tick
from controller.core.model.observation import AlarmState
from controller.reconcile.attempts import LooksFailed, attempt, is_throttled, raise_first
from controller.reconcile.loop import Reconciler, Unfinished
from controller.reconcile.ticks.quiet_looks import Looked, QuietLooks, turns
from controller.reconcile.ticks.turns import InTurns, Turn

_TIME_FOR_ONE = timedelta(seconds=90)
"""The time left in the invocation for starting with another target: waits for AWS take at most 45 s each."""
_FEW = 5
"""So many deployments are looked at one by one."""
_AT_ONCE = 100
"""So many are looked at together: one BatchGetItem, and the usual four series of each in one GetMetricData."""
_NEWS = timedelta(seconds=30)
"""The greatest age of the rows and alarm states read by a tick: the targets before may have taken minutes."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """The outcome of a tick: of the ``open`` deployments, so many were ``due`` or in danger, and so many were found
    ``rolling_back``. ``quiet`` ones of those due needed nothing, there was no time for ``left``, another controller was
    at work on those ``passed_over``, and ``throttled`` ones are left to the next tick.
    """

    open: int
    due: int
    quiet: int
    left: int
    passed_over: int
    throttled: int
    rolling_back: int
    deployments: Sequence[Deployment | None]

    @property
    def counts(self) -> dict[str, int]:
        """Returns the numbers for the log."""
        return {
            "open": self.open,
            "due": self.due,
            "quiet": self.quiet,
            "left": self.left,
            "passed_over": self.passed_over,
            "throttled": self.throttled,
            "rolling_back": self.rolling_back,
        }


class Ticks:
    """Handles ticks, one after the other."""

    def __init__(self, context: Context, reconciler: Reconciler) -> None:
        self._context = context
        self._aws = context.aws
        self._clock = context.clock
        self._reconciler = reconciler
        self._quiet_looks = QuietLooks(context, reconciler.freezes_in_force)
        self._breaks = False

    def ignores(self, tick: Tick) -> bool:
        """Is this tick too old to be handled? A newer one says the same."""
        return tick.is_old(self._clock()) and not self._breaks

    def handle(self, time_left: Callable[[], timedelta]) -> Ticked:
        """Looks at what is due. Raises Transient after all looks, if one has failed."""
        # Note: a controller broken by its own fault has to fail at all three of Lambda's attempts, although the last
        # tick is old by then. Only its own alarm rolls it back, and that needs three errors in a minute. An outage of
        # AWS does not count.
        self._breaks = True
        try:
            ticked = self._walk(time_left)
        except (Transient, Refused) as problem:
            first = problem.__cause__ if isinstance(problem, LooksFailed) else problem
            self._breaks = not isinstance(first, Transient | Refused)
            raise
        self._breaks = False
        return ticked

    def _walk(self, time_left: Callable[[], timedelta]) -> Ticked:
        self._aws.budget.share(self._clock)
        rows = list(self._aws.store.due())
        states = self._states(rows)
        now = self._clock()
        chosen = [row for row in rows if row.at <= now or _in_danger(row, states)]
        chosen.sort(key=lambda row: (not _is_urgent(row, states), row.at))
        urgent = [row for row in chosen if _is_urgent(row, states)]
        calm = chosen[len(urgent) :]

        def has_time() -> bool:
            return time_left() >= _TIME_FOR_ONE

        in_turns = InTurns(self._context, lambda turn: self._look(turn, states, now), has_time)
        after, failed = attempt(in_turns.urgent(urgent))
        looked = self._quiet(calm, states, now, has_time)
        more, also_failed = attempt(in_turns.looks(row for row in calm if row.target not in looked.done))
        after, failed = after + more, failed + also_failed + looked.failed
        # Hooks come last, so that no target's rollback waits for one. Deployments whose notice or cleanup failed above
        # (``Unfinished``) still get their hook called.
        looked_at = [*after, *(problem.deployment for problem in failed if isinstance(problem, Unfinished))]
        _, unasked = attempt(partial(self._reconciler.call_hook, each) for each in self._hooked(looked_at, has_time))
        # Throttled looks are the next tick's: a repeated tick would only make more calls.
        failed += unasked
        throttled = [problem for problem in failed if is_throttled(problem)]
        rolling_back = sum(row.rolls_back for row in rows)
        ticked = Ticked(
            len(rows),
            len(chosen),
            len(looked.done),
            in_turns.left,
            in_turns.passed_over,
            len(throttled),
            rolling_back,
            after,
        )
        real = [problem for problem in failed if problem not in throttled]
        raise_first(real, after, {"event": "tick", **ticked.counts})
        return ticked

    def _quiet(
        self,
        rows: Sequence[Due],
        states: Mapping[str, AlarmState] | None,
        read_at: datetime,
        has_time: Callable[[], bool],
    ) -> Looked:
        """Looks at many deployments at once; few are looked at one by one, so that drift is seen within a minute."""
        looked = Looked()
        if len(rows) <= _FEW:
            return looked
        is_in_turn = turns(len(rows), self._clock())
        groups = (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))
        for group in takewhile(lambda _: has_time(), groups):
            is_news = states is not None and self._clock() - read_at < _NEWS
            known = states if is_news else self._states(group)
            if known is None:
                break  # without the alarms each look reads its own, and notes that they cannot be read
            self._quiet_looks.look(group, known, is_in_turn, looked)
        return looked

    def _hooked(self, deployments: Iterable[Deployment | None], has_time: Callable[[], bool]) -> Iterator[Deployment]:
        """Yields the deployments with a hook to call, while there is time for another call."""
        due = (each for each in deployments if each and hooks.to_call(each, self._clock()))
        return takewhile(lambda _: has_time(), due)

    def _look(self, turn: Turn, states: Mapping[str, AlarmState] | None, read_at: datetime) -> Deployment | None:
        row, is_news = turn.row, self._clock() - read_at < _NEWS
        is_first = not turn.urgent and turn.gave_way is None
        if is_first and not is_news and self._aws.store.has_moved_on(row):
            return None  # another controller has looked while this tick was at work on other targets
        return self._reconciler.reconcile(
            row.target, Tick(), row.number, states if is_news else None, urgent=turn.urgent, gave_way=turn.gave_way
        )

    def _states(self, rows: Iterable[Due]) -> Mapping[str, AlarmState] | None:
        """Returns the state of all alarms, read at once; None if that fails, and then each look reads its own."""
        names = {name for row in rows for name in row.alarms}
        try:
            return self._aws.alarms.states(names)
        except (Transient, Refused):
            return None


def _is_urgent(row: Due, states: Mapping[str, AlarmState] | None) -> bool:
    return row.rolls_back or _in_danger(row, states)


def _in_danger(row: Due, states: Mapping[str, AlarmState] | None) -> bool:
    return any((states or {}).get(name) is AlarmState.FIRING for name in row.alarms)
