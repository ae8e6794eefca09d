"""Dispatches inbound events to the parts that handle them.

Rules of the file:

- traffic first: an alarm is answered from the alias alone before anything reads the table;
- one event's trouble never keeps back the next event; failures are raised at the end, so that the platform tries again.

Note: the imports inside the methods matter. A cold start that answers an alarm loads what brings the alias back, and
the rest afterwards; ``make bench`` measures the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from controller.context import Context
from controller.core.model import Refused, Transient
from controller.core.model.events import AlarmFired, AliasChanged, ArtifactUploaded, Ignored, Tick
from controller.inbound import parse
from controller.reconcile.attempts import attempt, raise_first
from controller.reconcile.emergency_rollback import EmergencyRollback
from controller.reconcile.freezes_in_force import FreezesInForce

if TYPE_CHECKING:
    from controller.core.model import Deployment
    from controller.inbound.uploads import Uploads
    from controller.reconcile.loop import Reconciler
    from controller.reconcile.performing.perform import Performer
    from controller.reconcile.ticks.left_to_ticks import UploadStarter
    from controller.reconcile.ticks.tick import Ticks
    from controller.requests import Answer
    from controller.requests.answers import Requests

_TURN = timedelta(minutes=1)
"""How long a throttled alarm is left to the controller that took it first."""


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
        self._emergency_rollback = EmergencyRollback(context)
        self._freezes_in_force = FreezesInForce(context)
        self._ends: list[Deployment] = []
        self._time_left: Callable[[], timedelta] = lambda: timedelta.max

    def dispatch(self, payload: object, time_left: Callable[[], timedelta]) -> list[Outcome]:
        """Handles a payload; returns an outcome for each of its events.

        Raises Transient after handling all events, if one has to be tried again.
        """
        self._time_left = time_left
        self._aws.budget.begin(time_left)
        self._freezes_in_force.forget()
        outcomes, failed = attempt(
            partial(self._handle, event, time_left) for event in parse.parse(payload, self._context.clock())
        )
        if len(outcomes) + len(failed) == 1 and failed:
            raise failed[0]
        raise_first(failed, outcomes)
        return self._with_ends(outcomes)

    def _with_ends(self, outcomes: list[Outcome]) -> list[Outcome]:
        """Adds the deployments that have ended to the last log line; those of a failed event wait for the next one."""
        ends = [_end(each) for each in self._ends]
        self._ends.clear()
        if not ends:
            return outcomes
        *before, last = outcomes
        return [*before, replace(last, line={**last.line, "ended": ends})]

    @property
    def calls(self) -> int:
        """Returns how many calls to Lambda the last payload took, of those that the account shares."""
        return self._aws.budget.made

    @cached_property
    def _performer(self) -> Performer:
        from controller.reconcile.performing.perform import Performer

        return Performer(self._context, self._ends)

    @cached_property
    def _reconciler(self) -> Reconciler:
        from controller.reconcile.loop import Reconciler

        return Reconciler(self._context, self._performer, self._freezes_in_force)

    @cached_property
    def _ticks(self) -> Ticks:
        from controller.reconcile.ticks.tick import Ticks

        return Ticks(self._context, lambda: self._reconciler)

    @cached_property
    def _uploads(self) -> Uploads:
        from controller.inbound.uploads import Uploads

        return Uploads(self._context)

    @cached_property
    def _starter(self) -> UploadStarter:
        from controller.reconcile.ticks.left_to_ticks import UploadStarter

        return UploadStarter(self._context, self._reconciler)

    @cached_property
    def _requests(self) -> Requests:
        from controller.requests.answers import Requests
        from controller.requests.redriving import Redelivery

        redelivery = Redelivery(self._again, self._remaining)
        return Requests(self._context, self._performer, self._reconciler, redelivery)

    def _remaining(self) -> timedelta:
        return self._time_left()

    def _again(self, payload: object) -> tuple[list[Mapping[str, object]], str]:
        """Handles the event of a dead letter as part of the present one; returns its log lines, and what failed."""
        events = parse.parse(payload, self._context.clock())
        outcomes, failed = attempt(partial(self._handle, event, self._time_left) for event in events)
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
                from controller.inbound.alias_changes import AliasChanges

                return Outcome(AliasChanges(self._context).look(event))
            case Tick():
                return self._ticked(event, time_left)
            case parse.RequestReceived(payload, by_button):
                answer = self._requests.answer(payload)
                return Outcome(self._requests.line(payload, answer), _in_popup(answer) if by_button else answer)
            case Ignored(reason):
                return Outcome({"event": "ignored", "reason": reason})

    def _uploaded(self, taken: Deployment | Ignored) -> Outcome:
        if isinstance(taken, Ignored):
            return Outcome({"event": "upload", "ignored": taken.reason})
        return Outcome({"event": "upload", **_line(self._starter.start(taken))})

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
            back = self._emergency_rollback.from_alarm(alarm)
        seconds = max(0.0, round((self._context.clock() - alarm.at).total_seconds(), 3))
        follow = partial(self._reconciler.follow, alias=back.alias) if back else self._reconciler.reconcile
        after, failed = attempt([partial(follow, alarm.target, alarm)] if alarm.target else [])
        if back is None:
            others, unknown = attempt([partial(self._aws.store.guarded_by, alarm.name)])
            looks = (
                partial(self._reconciler.reconcile, target, alarm)
                for targets in others
                for target in targets
                if target != alarm.target
            )
            more, also_failed = attempt(looks)
            after, failed = after + more, failed + unknown + also_failed
        raise_first(failed, after)
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
        if self._ticks.ignores(tick):
            return Outcome(
                {"event": "ignored", "reason": f"a tick of {tick.at}, which is old; a newer one says the same"}
            )
        ticked = self._ticks.handle(time_left)
        return Outcome({"event": "tick", **ticked.counts, "deployments": _lines(ticked.deployments)})


def _in_popup(answer: Answer) -> str:
    from controller.requests import popup

    return popup.html(answer)


def _lines(deployments: Iterable[Deployment | None]) -> list[Mapping[str, object]]:
    return [_line(deployment) for deployment in deployments if deployment]


def _end(deployment: Deployment) -> dict[str, str]:
    cause = deployment.reason.cause.value if deployment.reason else "none"
    return {"deployment": str(deployment), "outcome": deployment.phase.value, "cause": cause}


def _line(deployment: Deployment) -> dict[str, object]:
    reason = deployment.objection.text if deployment.objection else None
    return {
        "deployment": str(deployment),
        "phase": deployment.phase.value,
        "step": deployment.traffic.step,
        "reason": reason,
    }
