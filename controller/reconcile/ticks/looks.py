"""The looks of a tick at what it has chosen: the urgent ones first, then the calm ones, hooks last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

from controller.aws.dynamodb.store import Due
from controller.context import Context
from controller.core.gates import hooks
from controller.core.model import Deployment
from controller.core.model.events import Tick
from controller.reconcile.attempts import attempt
from controller.reconcile.loop import Reconciler, Unfinished
from controller.reconcile.ticks import alarm_states
from controller.reconcile.ticks.alarm_states import States
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
class Done:
    """The outcome of the looks; the counts are those of ``Ticked``."""

    quiet: int
    left: int
    passed_over: int
    failed: Sequence[Exception]
    deployments: Sequence[Deployment | None]


class Looks:
    """Looks at targets, and one target's trouble never keeps it from the next."""

    def __init__(self, context: Context, reconciler: Reconciler) -> None:
        self._context = context
        self._aws = context.aws
        self._clock = context.clock
        self._reconciler = reconciler
        self._quiet_looks = QuietLooks(context, reconciler.freezes_in_force)

    def at(
        self, urgent: Sequence[Due], calm: Sequence[Due], states: States, time_left: Callable[[], timedelta]
    ) -> Done:
        """Looks at all of these while there is time; the states of their alarms have just been read."""
        now = self._clock()

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
        return Done(len(looked.done), in_turns.left, in_turns.passed_over, failed + unasked, after)

    def _quiet(
        self,
        rows: Sequence[Due],
        states: States,
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
            known = states if is_news else alarm_states.read(self._context, group)
            if known is None:
                break  # without the alarms each look reads its own, and notes that they cannot be read
            self._quiet_looks.look(group, known, is_in_turn, looked)
        return looked

    def _hooked(self, deployments: Iterable[Deployment | None], has_time: Callable[[], bool]) -> Iterator[Deployment]:
        """Yields the deployments with a hook to call, while there is time for another call."""
        due = (each for each in deployments if each and hooks.to_call(each, self._clock()))
        return takewhile(lambda _: has_time(), due)

    def _look(self, turn: Turn, states: States, read_at: datetime) -> Deployment | None:
        row, is_news = turn.row, self._clock() - read_at < _NEWS
        is_first = not turn.urgent and turn.gave_way is None
        if is_first and not is_news and self._aws.store.has_moved_on(row):
            return None  # another controller has looked while this tick was at work on other targets
        return self._reconciler.reconcile(
            row.target, Tick(), row.number, states if is_news else None, urgent=turn.urgent, gave_way=turn.gave_way
        )
