"""Starts the deployment of an upload, or leaves it to the ticks.

All of an upload is in its record before the first call to Lambda. So in a flood of uploads, when the calls that Slipway
may make are used up, the ticks make the versions, as many as the budget allows.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from controller.context import Context
from controller.core.lifecycle.state_machine import transition
from controller.core.model import Cause, Deployment, Phase, Reason, Refused, Transient
from controller.core.model.deployment.hold.delay import DelayKind
from controller.core.model.observation import Observation
from controller.core.model.outcomes import Delayed
from controller.reconcile.attempts import is_throttled
from controller.reconcile.loop import Reconciler
from controller.reconcile.ticks.claims import Claim

_STARTS_WITHIN = timedelta(seconds=2)
"""How long an upload waits for its first call to Lambda."""


class UploadStarter:
    """Starts deployments just admitted."""

    def __init__(self, context: Context, reconciler: Reconciler) -> None:
        self._context = context
        self._aws = context.aws
        self._clock = context.clock
        self._reconciler = reconciler

    def start(self, taken: Deployment) -> Deployment:
        """Returns the deployment as far as it came. If calls to Lambda are throttled its record says so, and a tick
        goes on.
        """
        self._aws.budget.share(self._clock, _STARTS_WITHIN)
        try:
            with Claim(self._context, taken.target):  # whoever else is at work there: somebody waits for this upload
                return self._reconciler.begin(taken)
        except Transient as problem:
            if not is_throttled(problem):
                raise
            return self._noted(taken, problem)

    def _noted(self, taken: Deployment, problem: Transient) -> Deployment:
        """Notes that the deployment waits for its first call to Lambda, if the record can be saved now."""
        with suppress(Transient, Refused):
            loaded = self._aws.store.load(taken.target, taken.number)
            if loaded is not None and loaded.phase is Phase.PREPARING and not loaded.hold.queued:
                now = self._clock()
                delayed = Delayed(DelayKind.THROTTLED, Reason(Cause.PREFLIGHT, problem.said), problem.advice)
                return self._aws.store.save(transition(loaded, delayed, Observation(None), now), now)
        return taken
