"""What a look asks of CloudWatch: the states of alarms, and what both versions served.

Rules of the file:
- it only reads, and only what a gate that is on and due goes by;
- what cannot be read is None, never a guess: unreadable is not bad, and the gates hold.

What a newcomer would get wrong: an event that may bring traffic back asks nothing here. CloudWatch may not answer for
minutes, and the alias is enough for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.core import bake, callers, gates, pace
from controller.core.bake import ServedMinute
from controller.core.events import AlarmFired, RejectRequested, RollbackRequested
from controller.core.judge import CountedMinute
from controller.core.machine import Event
from controller.core.model import Alias, Deployment, Refused, Target, Transient
from controller.core.observation import AlarmState, Observation, Pace
from controller.core.slowness import Measure, Yardstick, timeouts
from controller.outside import Outside

_URGENT = (AlarmFired, RejectRequested, RollbackRequested)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen; ``asked`` is None where CloudWatch was asked for no counts."""

    asked: tuple[object, ...] | None
    seen: Observation


class Observer:
    """Looks at what guards a deployment."""

    def __init__(self, outside: Outside) -> None:
        self._aws = outside.aws
        self._clock = outside.clock

    def alarm_states(
        self, deployment: Deployment, event: Event, known: Mapping[str, AlarmState] | None
    ) -> Mapping[str, AlarmState] | None:
        """Returns the states of its alarms, ``known`` ones where they are of them all; None where none were read."""
        if not gates.is_guarded(deployment) or isinstance(event, _URGENT):
            return known
        if known is not None and known.keys() >= set(deployment.alarm_names):
            return known
        try:
            return self._aws.alarms.states(deployment.alarm_names)
        except (Transient, Refused):
            return None

    def observe(
        self,
        deployment: Deployment,
        event: Event,
        alias: Alias | None,
        alarms: Mapping[str, AlarmState] | None,
        last: Look | None = None,
    ) -> Look:
        """Looks at a deployment now, beside its alias and alarms that were read before.

        ``last`` is the look before in the same wake-up. What CloudWatch has counted does not change within one, so
        where the same is to be found out it is not asked again.
        """
        if isinstance(event, _URGENT):
            return Look(None, Observation(alias, alarms))
        asked = self._asked(deployment)
        unreadable = gates.is_guarded(deployment) and alarms is None
        if last and last.asked == asked:
            return Look(asked, replace(last.seen, alias=alias, alarms=alarms, unreadable=unreadable))
        return Look(asked, self._counted(deployment, Observation(alias, alarms, unreadable)))

    def _asked(self, deployment: Deployment) -> tuple[object, ...]:
        """What decides on what CloudWatch is asked, beside the minutes that were judged already."""
        wants_invocations = gates.wants_invocations(deployment, self._clock())
        ends = callers.is_to_be_counted(deployment)
        return deployment.phase, deployment.step, deployment.live_at, wants_invocations, ends

    def _counted(self, deployment: Deployment, seen: Observation) -> Observation:
        return replace(
            seen,
            canary_invocations=self._canary_invocations(deployment),
            minutes=self._minutes(deployment),
            before=self._before(deployment),
            baked=self._baked(deployment),
            pace=self._pace(deployment),
            requests=self._requests(deployment),
        )

    def _minutes(self, deployment: Deployment) -> tuple[CountedMinute, ...] | None:
        since = deployment.judgement.until or deployment.serving_since
        if not gates.judges(deployment) or since is None or deployment.canary is None or deployment.stable is None:
            return ()
        try:
            versions = (deployment.canary, deployment.stable)
            return self._aws.metrics.minutes(deployment.target, versions, since, self._clock())
        except (Transient, Refused):
            return None

    def _pace(self, deployment: Deployment) -> Pace | None:
        now = self._clock()
        asked = pace.question(deployment, now)
        if asked is None:
            return Pace()
        try:
            found = self._aws.durations.pace(deployment.target, asked, now)
            return replace(found, yardsticks=(*found.yardsticks, *self._timeouts(deployment.target, asked)))
        except (Transient, Refused):
            return None

    def _timeouts(self, target: Target, asked: pace.Question) -> tuple[Yardstick, ...]:
        if Measure.TIMEOUTS not in asked.unset:
            return ()
        timeout = self._aws.versions.timeout
        return (timeouts(timeout(target.function, asked.canary), timeout(target.function, asked.stable)),)

    def _canary_invocations(self, deployment: Deployment) -> int | None:
        now = self._clock()
        if not gates.wants_invocations(deployment, now) or deployment.canary is None or deployment.live_at is None:
            return None
        try:
            return self._aws.metrics.invocations(deployment.target, deployment.canary, deployment.live_at, now)
        except (Transient, Refused):
            return None

    def _requests(self, deployment: Deployment) -> int | None:
        since, alone_since, canary = deployment.serving_since, deployment.live_at, deployment.canary
        if not callers.is_to_be_counted(deployment) or since is None or alone_since is None or canary is None:
            return None
        try:
            return self._aws.metrics.reached(deployment.target, canary, since, alone_since, self._clock())
        except (Transient, Refused):
            return None

    def _before(self, deployment: Deployment) -> tuple[ServedMinute, ...] | None:
        """The stable version's own minutes; where CloudWatch has none of it, those of the alias that carried it alone.

        Whether an alias without weights has series of its version is not documented. Source: Lambda developer guide,
        metrics for aliases, 2026-11.
        """
        if not gates.judges_bake(deployment) or deployment.bake.before is not None:
            return None
        promoted_at, stable = deployment.phase_since, deployment.stable
        try:
            served = self._aws.metrics.served
            found = served(deployment.target, stable, promoted_at - bake.LONGEST, promoted_at)
            return found or served(deployment.target, None, promoted_at - bake.LONGEST, promoted_at)
        except (Transient, Refused):
            return None

    def _baked(self, deployment: Deployment) -> tuple[ServedMinute, ...]:
        """In the bake all that comes through the alias is the canary's."""
        since = deployment.bake.judgement.until or deployment.live_at
        if not gates.judges_bake(deployment) or since is None:
            return ()
        try:
            return self._aws.metrics.served(deployment.target, None, since, self._clock())
        except (Transient, Refused):
            return ()
