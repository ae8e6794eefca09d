"""Reads CloudWatch for a look: the states of alarms, and by ``gate_facts`` the traffic of both versions.

Rules of the file:

- it only reads, and only facts needed by a gate that is on and due;
- an unreadable fact is None, never a guess: unreadable is not bad, and the gates hold.

Note: an event that may bring traffic back reads nothing here. CloudWatch may not answer for minutes, and a rollback
needs only the alias.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.context import Context
from controller.core.gates import errors, freeze, order
from controller.core.gates.alarms import is_guarded
from controller.core.gates.traffic import callers
from controller.core.lifecycle.state_machine import Event
from controller.core.model import Alias, Deployment, Refused, Transient
from controller.core.model.events import AlarmFired, DenyRequested, GoesForward, RollbackRequested
from controller.core.model.freezes import Freeze
from controller.core.model.observation import AlarmState, Observation
from controller.reconcile.freezes_in_force import FreezesInForce
from controller.reconcile.gate_facts import Counts, GateFacts

_URGENT = (AlarmFired, DenyRequested, RollbackRequested)


@dataclass(frozen=True, slots=True)
class Look:
    """One look's facts; ``asked`` is None if CloudWatch was not asked for counts."""

    question: tuple[object, ...] | None
    seen: Observation


class Observer:
    """Reads the facts for a deployment; ``counts`` answers the gates' questions."""

    def __init__(self, context: Context, in_force: FreezesInForce, counts: Counts | None = None) -> None:
        self._facts = GateFacts(context, counts or context.aws)
        self._aws = context.aws
        self._clock = context.clock
        self._in_force = in_force

    def alarm_states(
        self, deployment: Deployment, event: Event, known: Mapping[str, AlarmState] | None
    ) -> Mapping[str, AlarmState] | None:
        """Returns the states of its alarms, or ``known`` if complete; None if not read."""
        if not is_guarded(deployment) or isinstance(event, _URGENT):
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
        """Looks at a deployment, given its alias and alarms.

        ``last`` is the previous look of the same wake-up. Counts hardly change within one, so the same question is not
        asked again.
        """
        if isinstance(event, _URGENT):
            return Look(None, Observation(alias, alarms, freezes=None))
        question = self._question(deployment)
        unreadable = is_guarded(deployment) and alarms is None
        if last and last.question == question:
            seen = replace(last.seen, alias=alias, alarms=alarms, unreadable=unreadable)
        else:
            seen = self._facts.added_to(Observation(alias, alarms, unreadable), deployment)
        return Look(question, replace(seen, freezes=self._freezes(deployment, event)))

    def _freezes(self, deployment: Deployment, event: Event) -> tuple[Freeze, ...] | None:
        """Returns the freezes over the target; None if they do not matter now, or cannot be read.

        Raises Transient if a person waits for the answer: a held request would be told as met, and be forgotten.
        """
        is_request = isinstance(event, GoesForward)
        if not is_request and not freeze.is_asked(deployment, self._clock()):
            return None
        found = self._in_force.over(deployment.target)
        if found is None and is_request:
            raise Transient(f"whether a freeze is over {deployment.target} cannot be read; send the request again")
        return found

    def _question(self, deployment: Deployment) -> tuple[object, ...]:
        """Returns what decides about the questions for CloudWatch, besides the minutes judged already."""
        now = self._clock()
        wanted = order.counts_minutes(deployment, now), errors.end_is_due(deployment, (), now)
        past, ends = deployment.evidence.shift.past is None, callers.is_to_be_counted(deployment, now)
        before = errors.wants_minutes_before(deployment, (), now)
        return deployment.phase, deployment.traffic.step, deployment.traffic.confirmed_at, past, ends, before, *wanted
