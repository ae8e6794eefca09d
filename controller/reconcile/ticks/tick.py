"""A tick: looks at each open deployment that is due or in danger.

Rules of the file:

- targets that are rolling back or have a firing alarm come first;
- one target's trouble never keeps a tick from the next target; failures are raised at the end, so that the platform
  tries again.

A tick reads the state of every open deployment's alarms, but asks Lambda only about deployments that are due or in
danger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from controller.aws.dynamodb.store import Due
from controller.context import Context
from controller.core.model import Deployment, Refused, Transient
from controller.core.model.events import Tick
from controller.core.model.observation import AlarmState
from controller.reconcile.attempts import LooksFailed, is_throttled, raise_first
from controller.reconcile.ticks import alarm_states
from controller.reconcile.ticks.alarm_states import States

if TYPE_CHECKING:
    from controller.reconcile.loop import Reconciler
    from controller.reconcile.ticks.looks import Looks


@dataclass(frozen=True, slots=True)
class Ticked:
    """The outcome of a tick: of the ``open`` deployments, so many were ``due`` or in danger, and so many were found
    ``rolling_back``. ``quiet`` ones of those due needed nothing, there was no time for ``left``, another controller was
    at work on those ``passed_over``, and ``throttled`` ones are left to the next tick.
    """

    open: int
    rolling_back: int
    due: int = 0
    quiet: int = 0
    left: int = 0
    passed_over: int = 0
    throttled: int = 0
    deployments: Sequence[Deployment | None] = ()

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

    def __init__(self, context: Context, reconciler: Callable[[], Reconciler]) -> None:
        self._context = context
        self._clock = context.clock
        self._reconciler = reconciler
        self._breaks = False

    @cached_property
    def _looks(self) -> Looks:
        from controller.reconcile.ticks.looks import Looks  # late: in most minutes nothing is due

        return Looks(self._context, self._reconciler())

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
        self._context.aws.budget.share(self._clock)
        rows = list(self._context.aws.store.due())
        states = alarm_states.read(self._context, rows)
        now = self._clock()
        chosen = [row for row in rows if row.at <= now or _in_danger(row, states)]
        rolling_back = sum(row.rolls_back for row in rows)
        if not chosen:
            return Ticked(len(rows), rolling_back)
        chosen.sort(key=lambda row: (not _is_urgent(row, states), row.at))
        urgent = [row for row in chosen if _is_urgent(row, states)]
        calm = chosen[len(urgent) :]
        done = self._looks.at(urgent, calm, states, time_left)
        # Throttled looks are the next tick's: a repeated tick would only make more calls.
        throttled = [problem for problem in done.failed if is_throttled(problem)]
        ticked = Ticked(
            len(rows),
            rolling_back,
            due=len(chosen),
            quiet=done.quiet,
            left=done.left,
            passed_over=done.passed_over,
            throttled=len(throttled),
            deployments=done.deployments,
        )
        real = [problem for problem in done.failed if problem not in throttled]
        raise_first(real, done.deployments, {"event": "tick", **ticked.counts})
        return ticked


def _is_urgent(row: Due, states: States) -> bool:
    return row.rolls_back or _in_danger(row, states)


def _in_danger(row: Due, states: States) -> bool:
    return any((states or {}).get(name) is AlarmState.FIRING for name in row.alarms)
