"""The requests that act on the open deployment: ``promote``, ``pause``, ``resume``, ``approve`` and the like.

Each is one event for the same loop that handles alarms and ticks. With ``deployment`` a request never affects another
deployment than the one meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from controller.core.gates.manual import approval
from controller.core.lifecycle.refusals import refusal
from controller.core.lifecycle.repeated_requests import mark
from controller.core.lifecycle.state_machine import Event
from controller.core.model import Alias, Deployment, Phase, Target
from controller.core.model.events import (
    ApprovalAnswered,
    ApproveRequested,
    DenyRequested,
    GoesForward,
    NextRequested,
    OverrideFreezeRequested,
    OverrideRequested,
    PromoteRequested,
    Request,
    RollbackRequested,
    Tick,
)
from controller.core.model.observation import Observation
from controller.reconcile.loop import Unfinished
from controller.requests import Answer, Unmet, members
from controller.requests.members import Payload
from controller.requests.parts import Parts
from controller.requests.repeated import RepeatedRequests


class Acting:
    """Carries out requests on open deployments."""

    def __init__(self, parts: Parts, repeats: RepeatedRequests) -> None:
        self._parts = parts
        self._aws = parts.context.aws
        self._repeats = repeats

    def answering(self, request_of: Callable[[Payload], Request]) -> Callable[[Payload], Answer]:
        """Returns the answer to a kind of request, as an entry of the table."""

        def answer(payload: Payload) -> Answer:
            return self._parts.in_full(*self.carried_out(payload, request_of(payload)))

        return answer

    def carried_out(self, payload: Payload, request: Request) -> tuple[Deployment, str]:
        """Returns the deployment after the request, and the failure left to the next tick, empty without one."""
        target = self._parts.target(payload)
        deployment = self.open_one(target, payload)
        if deployment is None:
            raise Unmet(f"no deployment of {target} is open; allowed now: status, history, plan, deploy, rollback")
        request = replace(request, mark=mark(payload), person=members.person(payload))
        if isinstance(request, PromoteRequested):
            request = replace(request, in_phase=Phase(payload.get("phase", deployment.phase)))
        if isinstance(request, NextRequested) and request.step is None:
            request = replace(request, step=deployment.traffic.step + 1)
        if isinstance(request, RollbackRequested):
            request = replace(request, over_drift=deployment.traffic.drift)
        if isinstance(request, ApprovalAnswered) and request.step is None:
            request = replace(request, step=approval.asked_about(deployment))
        alias = self._aws.aliases.read(target, urgent=isinstance(request, RollbackRequested))
        refused = refusal(deployment, request, self._seen(alias, target, request))
        if refused:
            self._repeats.check(target, payload)  # another controller may have carried it out since the record was read
            raise Unmet(refused)
        return self.followed(deployment, request)

    def _seen(self, alias: Alias | None, target: Target, request: Request) -> Observation:
        """Returns what decides whether a request can be met; only one that goes forward asks for the freezes."""
        goes_forward = isinstance(request, GoesForward)
        freezes = self._parts.reconciler.freezes_in_force.over(target) if goes_forward else None
        return Observation(alias, freezes=freezes)

    def followed(self, deployment: Deployment, event: Event) -> tuple[Deployment, str]:
        """Returns the deployment after the event, and what has to be tried again."""
        target, number = deployment.target, deployment.number
        try:
            urgent = deployment.phase is Phase.ROLLING_BACK
            return self._parts.reconciler.reconcile(target, event, number, urgent=urgent) or deployment, ""
        except Unfinished as problem:  # the record has the request: asking again might do more than the person meant
            return self._aws.store.load(target, number) or deployment, str(problem)

    def looked_at_again(self, deployment: Deployment) -> Answer:
        """Returns a deployment that has carried out the request before."""
        # The controller may have died in the middle of the first request.
        is_over = deployment.phase.is_terminal
        return self._parts.in_full(*((deployment,) if is_over else self.followed(deployment, Tick())))

    def open_one(self, target: Target, payload: Payload) -> Deployment | None:
        """Returns the open deployment, None without one. Raises Unmet for another one than meant, Repeated for a
        repetition.
        """
        # The record is read first, before another controller can carry out the same request.
        number = self._aws.store.head(target).open
        opened = self._aws.store.load(target, number) if number else None
        self._repeats.check(target, payload)
        meant = payload.get("deployment")
        if meant is not None and meant != number:
            now = f"{target}#{number} is" if number else f"no deployment of {target} is"
            raise Unmet(
                f"{target}#{meant} is not open, {now}; send the request again without deployment, or with that number"
            )
        self.check_revision(target, payload)
        return opened

    def check_revision(self, target: Target, payload: Payload) -> None:
        """Raises Unmet if the person saw another state of the alias than it has now."""
        saw = payload.get("alias_revision")
        if saw is None:
            return
        alias = self._aws.aliases.read(target, urgent=payload["request"] == "rollback")
        if alias is None or alias.revision_id != saw:
            carries = f"carries {alias.routing}" if alias else "does not exist"
            raise Unmet(
                f"{target} was changed since you looked, and {carries} now; look again, or send the request without"
                " alias_revision"
            )


def approve(payload: Payload) -> Request:
    return ApproveRequested(members.step(payload))


def deny(payload: Payload) -> Request:
    return DenyRequested(members.step(payload))


def override(payload: Payload) -> Request:
    if ("alarm" in payload) == ("freeze" in payload):
        raise Unmet("allowed: either alarm, one of gates.alarms, or freeze, which is true")
    if "freeze" in payload:
        return OverrideFreezeRequested()
    return OverrideRequested(str(payload["alarm"]))
