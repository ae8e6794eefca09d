"""The requests that act on the open deployment: ``promote``, ``pause``, ``resume``, ``approve`` and the like.

Each is one event for the same loop that handles alarms and ticks. With ``deployment`` a request never affects another
deployment than the one meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from controller.core.gates.manual import approval, interventions
from controller.core.lifecycle.met import is_met, remembers
from controller.core.lifecycle.refusals import refusal
from controller.core.lifecycle.repeated_requests import mark
from controller.core.model import Alias, Deployment, Phase, Target, Transient
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
from controller.reconcile.rounds import BroughtBack
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
            deployment, request = self.checked(payload, request_of(payload))
            return self.told(request, deployment, *self.followed(deployment, request))

        return answer

    def checked(self, payload: Payload, request: Request) -> tuple[Deployment, Request]:
        """Returns the open deployment, and the request with everything that it leaves open. Raises Unmet if the request
        cannot be met now.
        """
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
        refused = self._refusal(deployment, request)
        if refused:
            self._repeats.check(target, payload)  # another controller may have carried it out since the record was read
            raise Unmet(refused)
        return deployment, request

    def told(self, request: Request, before: Deployment, after: Deployment, unfinished: str) -> Answer:
        """Returns the answer to a request that was followed. Raises Unmet if a look found a reason against it."""
        if is_met(request, before, after):
            return self._parts.done(after, unfinished)
        now = self._refusal(after, request) or f"{after} is {after.phase.value}"
        objection = after.objection.text if after.objection else None
        because = "; ".join(filter(None, (now, interventions.drift_in_words(after), objection)))
        raise Unmet(f"this was not done, because something else came first: {because}")

    def _refusal(self, deployment: Deployment, request: Request) -> str | None:
        target = deployment.target
        alias = self._aws.aliases.read(target, urgent=isinstance(request, RollbackRequested))
        return refusal(deployment, request, self._seen(alias, target, request))

    def _seen(self, alias: Alias | None, target: Target, request: Request) -> Observation:
        """Returns what decides whether a request can be met; only one that goes forward asks for the freezes."""
        goes_forward = isinstance(request, GoesForward)
        freezes = self._parts.reconciler.freezes_in_force.over(target) if goes_forward else None
        return Observation(alias, freezes=freezes)

    def followed(self, deployment: Deployment, event: Request | Tick) -> tuple[Deployment, str]:
        """Returns the deployment after the event, and what has to be tried again. Raises Transient if the record does
        not have the event's request.
        """
        target, number = deployment.target, deployment.number
        try:
            urgent = deployment.phase is Phase.ROLLING_BACK
            return self._parts.reconciler.reconcile(target, event, number, urgent=urgent) or deployment, ""
        except BroughtBack:
            raise
        except Transient as problem:
            # The record has the request: asking again might do more than the person meant.
            saved = self._aws.store.load(target, number) or deployment
            if isinstance(event, Tick) or remembers(saved, event) or is_met(event, deployment, saved):
                return saved, str(problem)
            raise

    def looked_at_again(self, deployment: Deployment) -> Answer:
        """Returns a deployment that has carried out the request before."""
        # The controller may have died in the middle of the first request.
        is_over = deployment.phase.is_terminal
        return self._parts.done(*((deployment,) if is_over else self.followed(deployment, Tick())))

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
