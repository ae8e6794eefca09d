"""Plays one deployment from its first percent to its end, by the controller's own transitions.

What AWS would say is thrown by ``service``: the counts of both versions, the state of the deployment's own alarm.
Everything that is made of them is the controller's: which counts are asked for, what they prove, how long a step lasts.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.judging.own_alarm import OwnAlarm
from bench.judging.service import MINUTE, START, Alias, Service
from controller.core.gates import errors, order, own_alarm
from controller.core.gates.own_alarm import least_errors, minutes_watched
from controller.core.lifecycle.plan import plan
from controller.core.lifecycle.state_machine import transition
from controller.core.manifest.settings import Manifest
from controller.core.model import Alias as CarriedAlias
from controller.core.model import Artifact, Cause, Deployment, Milestone, Phase, Routing, Target
from controller.core.model.deployment import Alarms, Bookkeeping, Versions
from controller.core.model.effects import BackUp, MakeAlarm, Route
from controller.core.model.events import Tick
from controller.core.model.observation import AlarmState, Observation
from controller.core.model.outcomes import AlarmMade, Finished
from controller.core.model.outcomes import Outcome as Performed
from controller.core.statistics.alias_past import ServedMinute, of_stable
from controller.core.statistics.before_after import MAX_COMPARED, ServedBefore, before_promotion
from controller.core.statistics.history import History
from controller.core.statistics.sequential_evidence import CountedMinute
from controller.core.statistics.shift import Past

_STABLE, _CANARY, _ALL = "1", "2", 10_000
_HOUR = MAX_COMPARED // MINUTE
_TESTED = frozenset({Milestone.IDENTIFIED, Milestone.TESTED})
_WRITTEN_AFTER = timedelta(seconds=1)
"""How long after a look the alias is seen to carry what the look wanted."""
_JUDGED = (Cause.ERRORS, Cause.ALARM)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a deployment ended. ``cause`` is None where the canary was promoted and its bake is over.

    ``before_promotion`` tells whether traffic came back before all of it had moved. ``judged_minutes`` and
    ``judged_errors`` are what the last look had seen, ``met`` is how many errors of the canary callers met.
    ``doubted`` is how much longer the steps were held, because they were in doubt.
    """

    cause: Cause | None
    before_promotion: bool
    judged_minutes: int
    judged_errors: int
    met: int
    doubted: timedelta


def played(dice: random.Random, service: Service, manifest: Manifest) -> Outcome:
    """Returns how the deployment of one release ends."""
    alias = Alias(dice, service, int(dice.random() * 60))
    release = _Release(alias, manifest)
    number = 0
    while release.deployment.phase in (Phase.TESTING, Phase.SHIFTING, Phase.BAKING):
        release.look(number)
        number += 1
    return release.outcome()


class _Release:
    """A deployment that stands at its first percent, and the alias that it moves."""

    def __init__(self, alias: Alias, manifest: Manifest) -> None:
        self._served = alias
        self._carries = CarriedAlias(Routing(_STABLE), "revision")
        self._doubted = timedelta(0)
        self._was_shifting = True
        self._alarm = OwnAlarm(0)
        self.deployment = Deployment(
            target=Target("checkout", "live"),
            number=1,
            artifact=Artifact("drop", "checkout/2.zip", None, START),
            manifest=manifest,
            phase=Phase.TESTING,
            opened_at=START,
            phase_since=START,
            alarms=Alarms("slipway/checkout/live/1"),
            versions=Versions(preflighted=True, stable=_STABLE, canary=_CANARY, sha256="sha256"),
            bookkeeping=Bookkeeping(done=_TESTED),
        )

    def look(self, number: int) -> None:
        """Looks once in a minute, and lets that minute pass."""
        now = START + number * MINUTE + timedelta(seconds=self._served.second)
        before = self._share
        self._served.look(number)
        self._was_shifting = self.deployment.phase is not Phase.BAKING
        self._decide(now)
        while self._performed(now):
            self._decide(now + _WRITTEN_AFTER)
        gone = self._served.second / 60
        begins_step = self._share > before
        self._served.serve(number, gone * before + (1 - gone) * self._share, begins_step=begins_step)

    def outcome(self) -> Outcome:
        deployment = self.deployment
        cause = deployment.reason.cause if deployment.reason and deployment.phase is Phase.ROLLING_BACK else None
        if cause not in (None, *_JUDGED):
            raise AssertionError(f"{deployment.phase} because of {deployment.reason}")
        shown = [each.counts for each in self._served.shown]
        return Outcome(
            cause,
            cause is not None and self._was_shifting,
            len(shown),
            sum(each.canary_errors + each.stable_errors for each in shown),
            sum(minute.canary_errors for minute in self._served.happened),
            self._doubted,
        )

    @property
    def _share(self) -> float:
        routing = self._carries.routing
        return routing.weight / _ALL if routing.version == _STABLE else 1.0

    def _decide(self, now: datetime) -> None:
        before = self.deployment
        self.deployment = transition(before, Tick(), self._seen(now), now)
        if self.deployment.hold.doubts > before.hold.doubts:
            self._doubted += before.manifest.strategy.steps[before.traffic.step].hold

    def _performed(self, now: datetime) -> bool:
        """Does what the plan says of the alias and its alarm; returns whether there was something to do."""
        for effect in plan(self.deployment, Observation(self._carries), now):
            match effect:
                case Route(routing, _, line):
                    self._carries = CarriedAlias(routing, "revision", line)
                    return True
                case BackUp():
                    self._note(Finished(Milestone.BACKED_UP), now)
                    return True
                case MakeAlarm():
                    past = self.deployment.evidence.shift.past
                    least = least_errors(past.history if past else None)
                    self._alarm = OwnAlarm(minutes_watched(self._longest), least, effect.before)
                    self._note(AlarmMade(effect.milestone, self._longest), now)
                    return True
        return False

    def _note(self, outcome: Performed, now: datetime) -> None:
        self.deployment = transition(self.deployment, outcome, self._seen(now), now)

    def _seen(self, now: datetime) -> Observation:
        deployment, minutes = self.deployment, tuple(self._served.shown)
        baked = (
            tuple(_all(each) for each in minutes if self._is_of_step(each)) if errors.judges_bake(deployment) else ()
        )
        return Observation(
            self._carries,
            {deployment.alarms.own: AlarmState.FIRING if self._alarm.fires(minutes) else AlarmState.OK},
            canary_invocations=sum(each.counts.canary_invocations for each in minutes if self._is_of_step(each)),
            minutes=minutes if order.counts_minutes(deployment, now) else (),
            past=self._past() if order.wants_past(deployment, now) else None,
            ended=minutes if errors.end_is_due(deployment, baked, now) else None,
            before=self._stable(minutes) if errors.wants_minutes_before(deployment, baked, now) else None,
            baked=baked,
            stable_before=self._rate(now) if own_alarm.before_is_due(deployment, now) else None,
        )

    @property
    def _longest(self) -> timedelta:
        return self._served.service.longest

    def _is_of_step(self, minute: CountedMinute) -> bool:
        confirmed_at = self.deployment.traffic.confirmed_at
        return confirmed_at is not None and minute.began > confirmed_at - MINUTE

    def _past(self) -> Past:
        return Past(History.of(self._served.day), self._longest)

    def _rate(self, now: datetime) -> ServedBefore:
        """What the stable version served in the shift and in the hour before the promotion."""
        past, promoted_at = self._past(), self.deployment.phase_since
        minutes = [each for each in self._stable(self._served.shown) if each.began + MINUTE <= promoted_at]
        return before_promotion(minutes, START, now - past.settles_in, least_errors(past.history))

    def _stable(self, minutes: Sequence[CountedMinute]) -> tuple[ServedMinute, ...]:
        """What the stable version served in the hour before the promotion."""
        day = self._served.day[-_HOUR:]
        alone = (ServedMinute(START - (len(day) - number) * MINUTE, *each) for number, each in enumerate(day))
        counts = ((each.began, each.counts) for each in minutes)
        own = [ServedMinute(began, each.stable_invocations, each.stable_errors) for began, each in counts]
        hour = self.deployment.phase_since - MAX_COMPARED
        every = of_stable([], [each for each in alone if each.began >= hour], START)
        return (*every, *(each for each in own if each.began >= hour and each.invocations))


def _all(minute: CountedMinute) -> ServedMinute:
    """What came through the alias in a minute, whichever version served it."""
    counts = minute.counts
    errors = counts.canary_errors + counts.stable_errors
    return ServedMinute(minute.began, counts.canary_invocations + counts.stable_invocations, errors)
