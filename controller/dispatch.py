"""Dispatches inbound events to the parts that handle them.

Rules of the file:

- traffic first: an alarm is answered from the alias alone before anything reads the table, and a tick looks first at
  targets that are rolling back or have a firing alarm;
- one target's trouble never keeps a tick from the next target; failures are raised at the end, so that the platform
  tries again.

A tick reads the state of every open deployment's alarms, but asks Lambda only about deployments that are due or in
danger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from itertools import takewhile
from typing import TYPE_CHECKING, TypeVar

from controller.aws.dynamodb.store import Due
from controller.context import Context
from controller.core.gates import hooks
from controller.core.model import Deployment, Refused, Throttled, Transient
from controller.core.model.events import AlarmFired, AliasChanged, ArtifactUploaded, Ignored, Tick
from controller.core.model.observation import AlarmState
from controller.inbound import parse
from controller.reconcile.loop import Reconciler, Unfinished
from controller.reconcile.perform import Performer

if TYPE_CHECKING:
    from controller.inbound.uploads import Uploads
    from controller.requests import Answer
    from controller.requests.answers import Requests

Found = TypeVar("Found")
_TIME_FOR_ONE = timedelta(seconds=90)
"""The time left in the invocation for starting with another target: waits for AWS take at most 45 s each."""
_TURN = timedelta(minutes=1)
"""How long a throttled alarm is left to the controller that took it first."""
_NEWS = timedelta(seconds=30)
"""The greatest age of the alarm states read by a tick: the targets before may have taken minutes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one event: ``line`` for the log, ``answer`` for the caller of the controller, HTML for a popup."""

    line: Mapping[str, object]
    answer: Answer | str | None = None


class Dispatcher:
    """Hands each event to its handler."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._aws = context.aws
        self._performer = Performer(context)
        self._reconciler = Reconciler(context, self._performer)
        self._breaks_on_ticks = False
        self._time_left: Callable[[], timedelta] = lambda: timedelta.max

    def dispatch(self, payload: object, time_left: Callable[[], timedelta]) -> list[Outcome]:
        """Handles a payload; returns an outcome for each of its events.

        Raises Transient after handling all events, if one has to be tried again.
        """
        self._time_left = time_left
        self._aws.budget.begin(time_left)
        self._reconciler.freezes_in_force.forget()
        outcomes, failed = _attempt(
            partial(self._handle, event, time_left) for event in parse.parse(payload, self._context.clock())
        )
        if len(outcomes) + len(failed) == 1 and failed:
            raise failed[0]
        _raise_first(failed, outcomes)
        return outcomes

    @cached_property
    def _uploads(self) -> Uploads:
        from controller.inbound.uploads import Uploads  # late, like the import below: an alarm needs neither

        return Uploads(self._context)

    @cached_property
    def _requests(self) -> Requests:
        from controller.requests.answers import Requests
        from controller.requests.redriving import Redelivery

        redelivery = Redelivery(self._again, self._remaining)
        return Requests(self._context, self._uploads, self._performer, self._reconciler, redelivery)

    def _remaining(self) -> timedelta:
        return self._time_left()

    def _again(self, payload: object) -> tuple[list[Mapping[str, object]], str]:
        """Handles the event of a dead letter as part of the present one; returns its log lines, and what failed."""
        events = parse.parse(payload, self._context.clock())
        outcomes, failed = _attempt(partial(self._handle, event, self._time_left) for event in events)
        return [outcome.line for outcome in outcomes], "; ".join(str(problem) for problem in failed)

    def _handle(self, event: parse.Event, time_left: Callable[[], timedelta]) -> Outcome:
        match event:
            case ArtifactUploaded():
                return self._uploaded(self._uploads.admit(event))
            case parse.UploadRefused():
                return self._refused(event)
            case AlarmFired():
                return self._alarm(event)
            case AliasChanged():
                from controller.inbound.alias_changes import AliasChanges  # late: an alarm does not need it

                return Outcome(AliasChanges(self._context).look(event))
            case Tick():
                return self._ticked(event, time_left)
            case parse.RequestReceived(payload, by_button):
                answer = self._requests.answer(payload)
                line = self._requests.line(payload, answer)
                return Outcome(line, _in_popup(answer) if by_button else answer)
            case Ignored(reason):
                return Outcome({"event": "ignored", "reason": reason})

    def _uploaded(self, taken: Deployment | Ignored) -> Outcome:
        if isinstance(taken, Ignored):
            return Outcome({"event": "upload", "ignored": taken.reason})
        return Outcome({"event": "upload", **_line(self._reconciler.begin(taken))})

    def _refused(self, refused: parse.UploadRefused) -> Outcome:
        if refused.function is not None:
            return self._uploaded(self._uploads.refuse(refused.uploaded, refused.function, refused.reason))
        from controller.inbound.refused_uploads import Refusals

        refusals = Refusals(self._context)
        kept = refusals.keep(refused.uploaded, refused.reason)
        return Outcome(
            {"event": "upload", "ignored": kept.reason} if isinstance(kept, Ignored) else refusals.line(kept)
        )

    def _alarm(self, alarm: AlarmFired) -> Outcome:
        # The target named by the alarm's own dimensions comes first: its rollback needs only Lambda.
        with self._aws.budget.until_the_end(partial(self._has_turn, alarm)):
            back = self._reconciler.roll_back_by_alarm(alarm)
        seconds = max(0.0, round((self._context.clock() - alarm.at).total_seconds(), 3))
        follow = partial(self._reconciler.follow, alias=back.alias) if back else self._reconciler.reconcile
        after, failed = _attempt([partial(follow, alarm.target, alarm)] if alarm.target else [])
        if back is None:
            others, unknown = _attempt([partial(self._aws.store.guarded_by, alarm.name)])
            looks = (
                partial(self._reconciler.reconcile, target, alarm)
                for targets in others
                for target in targets
                if target != alarm.target
            )
            more, also_failed = _attempt(looks)
            after, failed = after + more, failed + unknown + also_failed
        _raise_first(failed, after)
        by_us = back is not None and back.by_us
        timed = {"seconds_to_alias": seconds} if by_us else {}
        return Outcome(
            {"event": "alarm", "alarm": alarm.name, "alias_rolled_back": by_us, **timed, "deployments": _lines(after)}
        )

    def _has_turn(self, alarm: AlarmFired) -> bool:
        """Is this the controller to answer an alarm while Lambda throttles the account?

        Each alarm is told to two controllers. In a storm one read and one write for each alarm is all there is.
        """
        try:
            return self._aws.leases.take(f"alarm#{alarm.name}", self._context.clock(), _TURN)
        except (Transient, Refused):
            return True

    def _ticked(self, tick: Tick, time_left: Callable[[], timedelta]) -> Outcome:
        if tick.is_old(self._context.clock()) and not self._breaks_on_ticks:
            return Outcome(
                {"event": "ignored", "reason": f"a tick of {tick.at}, which is old; a newer one says the same"}
            )
        # Note: a controller broken by its own fault has to fail at all three of Lambda's attempts, although the last
        # tick is old by then. Only its own alarm rolls it back, and that needs three errors in a minute. An outage of
        # AWS does not count.
        self._breaks_on_ticks = True
        try:
            outcome = self._tick(time_left)
        except (Transient, Refused) as problem:
            first = problem.__cause__ if isinstance(problem, _LooksFailed) else problem
            self._breaks_on_ticks = not isinstance(first, Transient | Refused)
            raise
        self._breaks_on_ticks = False
        return outcome

    def _tick(self, time_left: Callable[[], timedelta]) -> Outcome:
        rows = list(self._aws.store.due())
        states = self._states(rows)
        now = self._context.clock()
        chosen = [row for row in rows if row.at <= now or _in_danger(row, states)]
        chosen.sort(key=lambda row: (not _is_urgent(row, states), row.at))
        in_time = takewhile(lambda _: time_left() >= _TIME_FOR_ONE, chosen)
        after, failed = _attempt(partial(self._look, row, states, now) for row in in_time)
        left = len(chosen) - len(after) - len(failed)
        # Hooks come last, so that no target's rollback waits for one. Deployments whose notice or cleanup failed above
        # (``Unfinished``) still get their hook called.
        looked_at = [*after, *(problem.deployment for problem in failed if isinstance(problem, Unfinished))]
        _, unasked = _attempt(partial(self._reconciler.call_hook, each) for each in self._hooked(looked_at, time_left))
        # Throttled looks are the next tick's: a repeated tick would only make more calls.
        failed += unasked
        throttled = [problem for problem in failed if _is_throttled(problem)]
        _raise_first([problem for problem in failed if problem not in throttled], after)
        return Outcome(
            {
                "event": "tick",
                "open": len(rows),
                "due": len(chosen),
                "left": left,
                "throttled": len(throttled),
                "deployments": _lines(after),
            }
        )

    def _hooked(
        self, deployments: Iterable[Deployment | None], time_left: Callable[[], timedelta]
    ) -> Iterator[Deployment]:
        """Yields the deployments with a hook to call, while there is time for another call."""
        due = (each for each in deployments if each and hooks.to_call(each, self._context.clock()))
        return takewhile(lambda _: time_left() >= _TIME_FOR_ONE, due)

    def _look(self, row: Due, states: Mapping[str, AlarmState] | None, read_at: datetime) -> Deployment | None:
        is_news = self._context.clock() - read_at < _NEWS
        urgent = _is_urgent(row, states)
        return self._reconciler.reconcile(row.target, Tick(), row.number, states if is_news else None, urgent=urgent)

    def _states(self, rows: Iterable[Due]) -> Mapping[str, AlarmState] | None:
        """Returns the state of all alarms, read at once; None if that fails, and then each look reads its own."""
        names = {name for row in rows for name in row.alarms}
        try:
            return self._aws.alarms.states(names)
        except (Transient, Refused):
            return None


class _LooksFailed(Transient):
    """Some parts of an event failed; ``__cause__`` is the first one's error, of AWS or of the controller itself."""


def _attempt(parts: Iterable[Callable[[], Found]]) -> tuple[list[Found], list[Exception]]:
    """Calls every part, even after a failed one; returns the results and the errors."""
    found: list[Found] = []
    failed: list[Exception] = []
    for part in parts:
        try:
            found.append(part())
        except Exception as problem:  # noqa: BLE001 - any error of one target must not keep back the next target
            failed.append(problem)
    return found, failed


def _raise_first(failed: list[Exception], done: Sized) -> None:
    """Raises Transient if a part failed, so that the platform tries again."""
    if failed:
        looks = len(failed) + len(done)
        raise _LooksFailed(f"{len(failed)} of {looks} looks failed, the first: {failed[0]}") from failed[0]


def _in_popup(answer: Answer) -> str:
    from controller.requests import popup  # late: an alarm does not need it

    return popup.html(answer)


def _is_throttled(problem: Exception) -> bool:
    return isinstance(problem, Throttled) or isinstance(problem.__cause__, Throttled)


def _is_urgent(row: Due, states: Mapping[str, AlarmState] | None) -> bool:
    return row.rolls_back or _in_danger(row, states)


def _in_danger(row: Due, states: Mapping[str, AlarmState] | None) -> bool:
    return any((states or {}).get(name) is AlarmState.FIRING for name in row.alarms)


def _lines(deployments: Iterable[Deployment | None]) -> list[Mapping[str, object]]:
    return [_line(deployment) for deployment in deployments if deployment]


def _line(deployment: Deployment) -> dict[str, object]:
    reason = deployment.objection.text if deployment.objection else None
    return {
        "deployment": str(deployment),
        "phase": deployment.phase.value,
        "step": deployment.traffic.step,
        "reason": reason,
    }
