"""Asks CloudWatch the gates' questions about a deployment: the traffic of both versions, now and before.

Rules of the file: only facts needed by a gate that is on and due are asked for; an unreadable fact is None, never a
guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from controller.context import Context
from controller.core.gates import errors, latency, order, own_alarm, team_metrics
from controller.core.gates.own_alarm import least_errors
from controller.core.gates.traffic import callers, enough_requests
from controller.core.manifest.settings import MetricGate
from controller.core.model import Deployment, Phase, Refused, Target, Transient
from controller.core.model.observation import DurationMetrics, Observation
from controller.core.statistics import alias_past, before_after
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.before_after import ServedBefore, before_promotion
from controller.core.statistics.history import LOOK_BACK, History
from controller.core.statistics.sequential_evidence import CountedMinute
from controller.core.statistics.shift import COMPLETE_AFTER, MAX_TIMEOUT, MINUTE, Past, time_to_settle
from controller.core.statistics.slow_requests import Measure, Threshold, timeouts
from controller.reconcile.timeouts import HasTimeouts, longest_timeout

if TYPE_CHECKING:
    from controller.aws.cloudwatch.durations import Durations
    from controller.aws.cloudwatch.metrics import Metrics


class Counts(Protocol):
    """The adapters that answer the gates' questions."""

    @property
    def metrics(self) -> Metrics: ...
    @property
    def durations(self) -> Durations: ...
    @property
    def versions(self) -> HasTimeouts: ...


class GateFacts:
    """Reads the facts of all gates but alarms and freezes; ``counts`` answers their questions."""

    def __init__(self, context: Context, counts: Counts) -> None:
        self._counts = counts
        self._clock = context.clock
        self._minute = context.settings.minute

    def added_to(self, seen: Observation, deployment: Deployment) -> Observation:
        """Returns the observation with the counts that this deployment's gates need now."""
        past, histories, longest = self._past(deployment) or (None, (), None)
        counted, served = self._minutes(deployment, past), self._served(deployment)
        baked = _baked(deployment, served or ())
        minutes = None if counted is None else counted[0] if counted else ()
        return replace(
            seen,
            canary_invocations=_canary_invocations(deployment, minutes, self._clock()),
            minutes=minutes,
            past=past,
            metrics=counted[1:] if counted else self._metrics_in_bake(deployment),
            histories=histories,
            longest_timeout=longest,
            ended=self._ended(deployment, baked),
            before=self._before(deployment, baked),
            baked=baked,
            served=served,
            stable_before=self._stable_before(deployment),
            durations=self._durations(deployment),
            requests=self._requests(deployment),
        )

    def _past(self, deployment: Deployment) -> tuple[Past, tuple[History, ...], timedelta] | None:
        """Returns the day before the first percent, that of each team metric, and the longest run time of a request."""
        first, canary, stable = deployment.traffic.since, deployment.canary, deployment.stable
        if not order.wants_past(deployment, self._clock()) or first is None or canary is None or stable is None:
            return None
        try:
            own, alias = self._own_and_alias(deployment, first - LOOK_BACK, first)
            function = deployment.target.function
            longest = deployment.evidence.longest_timeout
            longest = longest or longest_timeout(self._counts.versions, function, canary, stable)
            days = self._of_both(deployment, deployment.manifest.gates.metrics, first - LOOK_BACK, first)
        except (Transient, Refused):
            return None
        histories = tuple(alias_past.of_day(day, first) for day in days)
        scale = self._minute / MINUTE
        past = Past(alias_past.history(own, alias, first), longest * scale, COMPLETE_AFTER * scale)
        return past, histories, longest

    def _minutes(self, deployment: Deployment, past: Past | None) -> tuple[tuple[CountedMinute, ...], ...] | None:
        """Returns all of the shift, by Lambda's counts and each metric; minutes counted before may have grown."""
        now, since = self._clock(), deployment.traffic.since
        if not order.counts_minutes(deployment, now) or since is None:
            return ()
        if past is None and order.wants_past(deployment, now):
            return None
        try:
            return self._of_both(deployment, (None, *deployment.manifest.gates.metrics), since, now)
        except (Transient, Refused):
            return None

    def _metrics_in_bake(self, deployment: Deployment) -> tuple[tuple[CountedMinute, ...], ...]:
        """Returns the team metrics' minutes from the shift on, or from an hour before the promotion."""
        since = team_metrics.reads_since(deployment)
        if deployment.phase is not Phase.BAKING or since is None:
            return ()
        try:
            return self._of_both(deployment, deployment.manifest.gates.metrics, since, self._clock())
        except (Transient, Refused):
            return ()

    def _of_both(
        self, deployment: Deployment, counts_of: Sequence[MetricGate | None], since: datetime, until: datetime
    ) -> tuple[tuple[CountedMinute, ...], ...]:
        """Returns the minutes of both versions, by each kind of counts."""
        versions, read = (str(deployment.canary), str(deployment.stable)), self._counts.metrics.all_minutes
        return read(deployment.target, versions, counts_of, since, until) if counts_of else ()

    def _ended(self, deployment: Deployment, baked: Sequence[ServedMinute]) -> tuple[CountedMinute, ...] | None:
        """Returns all minutes of a finished shift, None before it can be judged to its end."""
        since = deployment.traffic.since
        if since is None or not errors.end_is_due(deployment, baked, self._clock()):
            return None
        try:
            return self._of_both(deployment, (None,), since, deployment.phase_since)[0]
        except (Transient, Refused):
            return None

    def _durations(self, deployment: Deployment) -> DurationMetrics | None:
        now = self._clock()
        question = latency.question(deployment, now)
        if question is None:
            return DurationMetrics()
        settles = time_to_settle(deployment.evidence.longest_timeout or MAX_TIMEOUT, self._minute)
        try:
            durations = self._counts.durations
            found = durations.read(deployment.target, question, now)
            thresholds = (*found.thresholds, *self._timeouts(deployment.target, question))
            complete = min(deployment.traffic.since or now, now - settles)
            spreads = durations.spreads(deployment.target, question.stable, thresholds, complete) if thresholds else {}
            return replace(found, thresholds=thresholds, spreads=spreads, settles_in=settles)
        except (Transient, Refused):
            return None

    def _timeouts(self, target: Target, question: latency.Question) -> tuple[Threshold, ...]:
        if Measure.TIMEOUTS not in question.unset:
            return ()
        timeout = self._counts.versions.timeout
        return (timeouts(timeout(target.function, question.canary), timeout(target.function, question.stable)),)

    def _requests(self, deployment: Deployment) -> int | None:
        since, alone_since, canary = deployment.traffic.since, deployment.traffic.confirmed_at, deployment.canary
        now = self._clock()
        if not callers.is_to_be_counted(deployment, now) or since is None or alone_since is None or canary is None:
            return None
        try:
            return self._counts.metrics.reached(deployment.target, canary, since, alone_since, now)
        except (Transient, Refused):
            return None

    def _before(self, deployment: Deployment, baked: Sequence[ServedMinute]) -> tuple[ServedMinute, ...] | None:
        """Returns the stable version's minutes in the hour before the promotion."""
        if not errors.wants_minutes_before(deployment, baked, self._clock()):
            return None
        promoted_at = deployment.phase_since
        try:
            # Read for one more minute, because a reading leaves out its last minute.
            until = promoted_at + MINUTE
            own, alias = self._own_and_alias(deployment, promoted_at - before_after.MAX_COMPARED, until)
        except (Transient, Refused):
            return None
        served = alias_past.of_stable(own, alias, deployment.traffic.since or promoted_at)
        return tuple(each for each in served if each.began + self._minute <= promoted_at)

    def _own_and_alias(
        self, deployment: Deployment, since: datetime, until: datetime
    ) -> tuple[tuple[ServedMinute, ...], tuple[ServedMinute, ...]]:
        """Returns the stable version's minutes through the alias, and those of the whole alias."""
        served = self._counts.metrics.served
        return served(deployment.target, deployment.stable, since, until), served(deployment.target, None, since, until)

    def _stable_before(self, deployment: Deployment) -> ServedBefore | None:
        now, past, stable = self._clock(), deployment.evidence.shift.past, deployment.stable
        if not own_alarm.before_is_due(deployment, now) or past is None or stable is None:
            return None
        promoted_at = deployment.phase_since
        traffic_since = deployment.traffic.since or promoted_at
        try:
            minutes = self._counts.metrics.before(deployment.target, stable, traffic_since, promoted_at)
        except (Transient, Refused):
            return None
        return before_promotion(minutes, traffic_since, now - past.settles_in, least_errors(past.history))

    def _served(self, deployment: Deployment) -> tuple[ServedMinute, ...] | None:
        """Returns the alias's minutes in the bake, and before it."""
        if not callers.watches(deployment):
            return ()
        since = deployment.phase_since - callers.LOOK_BACK
        try:
            return self._counts.metrics.served(deployment.target, None, since, self._clock())
        except (Transient, Refused):
            return None


def _baked(deployment: Deployment, served: Sequence[ServedMinute]) -> tuple[ServedMinute, ...]:
    """Returns the bake's minutes not judged yet, in which all of the alias's requests are the canary's."""
    since = deployment.evidence.bake.judgement.until or deployment.traffic.confirmed_at
    if not errors.judges_bake(deployment) or since is None:
        return ()
    return tuple(minute for minute in served if minute.began >= since)


def _canary_invocations(deployment: Deployment, minutes: tuple[CountedMinute, ...] | None, now: datetime) -> int | None:
    """Returns the canary's requests in this step, including the minute in which it was seen live."""
    confirmed_at = deployment.traffic.confirmed_at
    if not enough_requests.wants_invocations(deployment, now) or minutes is None or confirmed_at is None:
        return None
    return sum(each.counts.canary_invocations for each in minutes if each.began > confirmed_at - MINUTE)
