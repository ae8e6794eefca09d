"""Why a person's request cannot be met now, and the requests that can be.

Rules of the file: the state machine's table decides, and is only read here. A refusal names what to send next.
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.gates import freeze
from controller.core.gates.manual import approval
from controller.core.lifecycle.state_machine import TABLE
from controller.core.lifecycle.transitions import next_step, under_freeze
from controller.core.lifecycle.transitions.edits import refuse
from controller.core.manifest.settings import AlreadyAlarming
from controller.core.model import Deployment, Phase, Routing, events
from controller.core.model.observation import Observation
from controller.core.routing import alias_description
from controller.core.routing.desired import ours

REQUESTS: Mapping[str, type] = {
    "promote": events.PromoteRequested,
    "next": events.NextRequested,
    "rollback": events.RollbackRequested,
    "pause": events.PauseRequested,
    "resume": events.ResumeRequested,
    "accept_drift": events.AcceptDriftRequested,
    "approve": events.ApproveRequested,
    "deny": events.DenyRequested,
    "override": events.OverrideRequested,
}


def refusal(deployment: Deployment, request: events.Request, seen: Observation) -> str | None:
    """Returns why a request cannot be met now, and the requests allowed instead; None if it can be met."""
    if deployment.hold.queued:
        return f"{deployment} waits for the open deployment to end; allowed now: status, history"
    if TABLE[type(request)][deployment.phase] is refuse:
        return f"{deployment} is {deployment.phase.value}{_because(deployment, request)}; {_allowed(deployment)}"
    if isinstance(request, events.RollbackRequested) and deployment.phase.serves and deployment.stable is None:
        return f"{deployment} is the first deployment of {deployment.target}: there is no version to go back to"
    if isinstance(request, events.AcceptDriftRequested):
        return _no_drift_to_accept(deployment, seen)
    if isinstance(request, events.OverrideRequested):
        return _not_overridable(deployment, request)
    if isinstance(request, events.OverrideFreezeRequested):
        return under_freeze.refusal(deployment, seen)
    if isinstance(request, events.ApprovalAnswered | events.PromoteRequested | events.NextRequested):
        forbidden = None if isinstance(request, events.ApprovalAnswered) else freeze.forbids(deployment, seen)
        return _does_not_fit(deployment, request) or _drifted(deployment, seen) or forbidden
    return None


def _does_not_fit(
    deployment: Deployment, request: events.ApprovalAnswered | events.PromoteRequested | events.NextRequested
) -> str | None:
    if deployment.drill:
        return f"{deployment} is a drill, which ends by itself; {_allowed(deployment)}"
    if isinstance(request, events.PromoteRequested):
        return _in_another_phase(deployment, request)
    if isinstance(request, events.NextRequested):
        return next_step.refusal(deployment, request)
    return _unasked(deployment, request)


def _because(deployment: Deployment, request: events.Request) -> str:
    """Says why the phase refuses the request, empty if its name says enough."""
    if isinstance(request, events.OverrideRequested) and deployment.phase.serves:
        return "; an armed alarm that fires rolls back at once"
    if isinstance(request, events.NextRequested) and deployment.phase is Phase.BAKING:
        return " and has no step left; send promote to end the bake"
    return ""


def _in_another_phase(deployment: Deployment, request: events.PromoteRequested) -> str | None:
    if request.in_phase in (None, deployment.phase):
        return _unconfirmed(deployment)
    return f"{deployment} is {deployment.phase.value}, not {request.in_phase.value}; {_allowed(deployment)}"


def _unconfirmed(deployment: Deployment) -> str | None:
    """Says that a bake has not begun, None for one that has, and in the shift."""
    if deployment.phase is not Phase.BAKING or deployment.traffic.confirmed_at:
        return None
    return f"{deployment.target} has not been seen to carry version {deployment.canary} yet, so there is no bake to end"


def _no_drift_to_accept(deployment: Deployment, seen: Observation) -> str | None:
    if seen.routing is None:
        return f"{deployment.target} does not exist any more, so there is nothing to keep; make the alias again"
    if seen.routing in deployment.traffic.expected_routings or _brought_back(deployment, seen):
        return f"{deployment.target} carries what Slipway wrote, {seen.routing}; there is no drift to accept"
    if seen.routing.canary is not None:
        advice = "only one version can be kept: clear the weights, or send rollback"
        return f"{deployment.target} carries {seen.routing}; {advice}"
    return None


def _drifted(deployment: Deployment, seen: Observation) -> str | None:
    if not deployment.phase.serves or ours(deployment, seen) or _brought_back(deployment, seen):
        return None
    carried = seen.routing or "nothing"
    return f"somebody else made {deployment.target} carry {carried}; send accept_drift to keep that, or rollback"


def _brought_back(deployment: Deployment, seen: Observation) -> bool:
    """Did Slipway bring traffic back without being able to save it? Then the alias has not drifted."""
    back = deployment.stable is not None and seen.routing == Routing(deployment.stable)
    return back and seen.alias is not None and alias_description.tells_of(seen.alias, deployment)


def _not_overridable(deployment: Deployment, request: events.OverrideRequested) -> str | None:
    named = deployment.manifest.gates
    if deployment.failing:
        return f"{deployment} is ending, because {deployment.failing.reason.text}; {_allowed(deployment)}"
    if request.alarm not in named.alarms:
        those = ", ".join(named.alarms) or "none"
        return f"gates.alarms of {deployment} does not name {request.alarm}; allowed: {those}"
    if named.already_alarming is not AlreadyAlarming.BLOCK:
        word = named.already_alarming.value
        return f"already_alarming of {deployment} is {word}, so no alarm keeps it from starting; {_allowed(deployment)}"
    return None


def _unasked(deployment: Deployment, answer: events.ApprovalAnswered) -> str | None:
    step = approval.asked_about(deployment)
    if step is None:
        return f"{deployment} is {deployment.phase.value} and waits for no approval; {_allowed(deployment)}"
    if answer.step not in (None, step):
        asked = f"step {step}" if step else "the first percent, which is step 0"
        return f"{deployment} waits for approval of {asked}, not of step {answer.step}; {_allowed(deployment)}"
    return None


def allowed(deployment: Deployment) -> tuple[str, ...]:
    """Returns the requests that can be met now; answers only if there is a question."""
    if deployment.hold.queued:
        return ()
    blocks = deployment.manifest.gates.already_alarming is AlreadyAlarming.BLOCK and deployment.manifest.gates.alarms
    pointless = {
        *((events.ApproveRequested, events.DenyRequested) if approval.asked_about(deployment) is None else ()),
        *(() if blocks else (events.OverrideRequested,)),
        *((events.RollbackRequested,) if deployment.phase.serves and deployment.stable is None else ()),
        *((events.PromoteRequested,) if deployment.drill else ()),
        *((events.NextRequested,) if deployment.drill or next_step.refusal(deployment, events.NextRequested()) else ()),
    }
    cells = {word: TABLE[kind][deployment.phase] for word, kind in REQUESTS.items() if kind not in pointless}
    return tuple(word for word, cell in cells.items() if cell is not refuse)


def _allowed(deployment: Deployment) -> str:
    return f"allowed now: {', '.join(allowed(deployment)) or 'status, history, deploy'}"
