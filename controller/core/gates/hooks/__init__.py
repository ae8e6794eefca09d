"""The hook to wait for, the effect of its answer, and the time of its next call.

    TESTING        before_traffic, after the tests; then, if all traffic moves at once, before_promotion
    SHIFTING       each_step, once the alias was seen to carry the step; in the last step then before_promotion
    BAKING         after_bake, when the bake is over and rollback is still armed
    ROLLING_BACK   after_rollback, once traffic was seen back

Rules of the file:

- functions only read the record; ``runs`` notes in it, and ``plan`` says which call to make;
- a FAILED hook speaks against the version, a silent one against nobody, so these are different causes.

Note: a hook is asked once per step, but called as long as it says IN_PROGRESS. A pause holds the asking of the next
hook, not further calls of the current one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from controller.core.manifest.settings import HookPoint, OnTimeout
from controller.core.model import Cause, Deployment, Milestone, Phase, Reason, span
from controller.core.model.deployment.hook_run import HookRun, HookStatus
from controller.core.model.observation import Observation

CALL_TIMEOUT = timedelta(seconds=90)
"""Longer than a call takes: a call begun earlier and without an outcome was lost, and is repeated."""
_TO_BE_TAKEN = timedelta(minutes=5)
"""Added to the wait for a hook that was never called, because Lambda did not take the call."""


def points(deployment: Deployment) -> tuple[HookPoint, ...]:
    """Returns this phase's and step's hooks, in order, without those missing in the manifest; none while a person
    decides.
    """
    wanted = _POINTS.get(deployment.phase)
    hooks = deployment.manifest.hooks
    return tuple(point for point in wanted(deployment) if point in hooks) if wanted and hooks else ()


def run_of(deployment: Deployment, point: HookPoint) -> HookRun | None:
    """Returns the run of this hook in this phase and step, None if not asked yet."""
    return run_at(deployment, point, deployment.traffic.step)


def run_at(deployment: Deployment, point: HookPoint, step: int) -> HookRun | None:
    """Returns the run of this hook in ``step``, None if not asked."""
    return next((run for run in deployment.evidence.hooks if (run.point, run.step) == (point, step)), None)


def waited_for(deployment: Deployment) -> HookPoint | None:
    """Returns the next hook that has to let the deployment go on, None without one."""
    return next((point for point in points(deployment) if not _lets_pass(deployment, point)), None)


def holding(deployment: Deployment) -> str | None:
    """Returns, in words, the hook that the deployment waits for, None without one."""
    point = waited_for(deployment)
    if point is None:
        return None
    run, named = run_of(deployment, point), name(deployment, point)
    if run is None:
        return f"{named} is to be called"
    if run.overdue:
        return f"{silence(deployment, run)}; Slipway goes on calling it, and a person decides"
    if run.status is HookStatus.NO_ANSWER:
        return f"{named} has not answered yet{_because(run)}"
    return f"{named} {_SAID[run.status]}{_because(run)}"


def holds(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Returns the hook that the deployment waits for; some are asked only when all other gates are open."""
    return holding(deployment)


def danger(deployment: Deployment, _seen: Observation, _now: datetime) -> Reason | None:
    """Returns a hook's FAILED as a reason, None without one."""
    run = _running(deployment)
    if run is None or run.status is not HookStatus.FAILED:
        return None
    return Reason(Cause.HOOK, f"{name(deployment, run.point)} failed{_because(run)}")


def unanswered(deployment: Deployment) -> Reason | None:
    """Returns why a hook without a final answer in time ends the deployment, None if it does not."""
    run = _running(deployment)
    if run is None or run.status.is_final or not ends(deployment, run):
        return None
    return Reason(Cause.HOOK_SILENT, silence(deployment, run))


def ends(deployment: Deployment, run: HookRun) -> bool:
    """Does the hook end the deployment, by FAILED, or by silence with ``then: rollback``?"""
    silent = run.overdue and deployment.manifest.hooks[run.point].answer.then is OnTimeout.ROLLBACK
    return run.status is HookStatus.FAILED or (silent and not run.status.is_final)


def is_over(deployment: Deployment, run: HookRun, now: datetime) -> bool:
    """Is the wait over for a hook without a final answer?"""
    return not (run.overdue or run.status.is_final) and now >= _ends_at(deployment, run)


def to_call(deployment: Deployment, now: datetime) -> HookRun | None:
    """Returns the hook to call now; None without one, and during a call."""
    run = _running(deployment)
    at = _call_at(run) if run else None
    return run if at is not None and now >= at and not deployment.traffic.drift else None


def being_called(deployment: Deployment) -> HookRun | None:
    """Returns the awaited hook with a call begun, None otherwise."""
    run = _running(deployment)
    # A lost call is not repeated once the deployment has gone on without its hook.
    return run if run and run.calling else None


def next_look(deployment: Deployment) -> datetime | None:
    """Returns when the awaited hook is due for a call, or its wait ends; None without one."""
    run = _running(deployment)
    at = _call_at(run) if run else None
    if run is None or at is None:
        return None
    return at if run.overdue else min(at, _ends_at(deployment, run))


def wait_ends(deployment: Deployment) -> datetime | None:
    """Returns when the wait for the awaited hook's final answer is over; None without one, or if it already is."""
    run = _running(deployment)
    return None if run is None or run.overdue or run.status.is_final else _ends_at(deployment, run)


def is_at_the_end(deployment: Deployment) -> bool:
    """Is the deployment waiting for a hook asked only after every other gate?"""
    run = _running(deployment)
    return run is not None and run.point is not HookPoint.EACH_STEP


def can_go_back(deployment: Deployment) -> bool:
    """Is there a way to end, or to roll back? A first deployment with its alias has none."""
    return deployment.phase is not Phase.BAKING or deployment.stable is not None


def name(deployment: Deployment, point: HookPoint) -> str:
    """Writes a hook for people: "hook before_promotion (slipway-hook-smoke:live)"."""
    step = f" of step {deployment.traffic.step + 1}" if point is HookPoint.EACH_STEP else ""
    return f"hook {point.value}{step} ({deployment.manifest.hooks[point].function})"


def silence(deployment: Deployment, run: HookRun) -> str:
    """Says that a hook gave no final answer in time."""
    what = "finished" if run.status is HookStatus.IN_PROGRESS else "answered"
    timeout = span(deployment.manifest.hooks[run.point].answer.timeout)
    return f"{name(deployment, run.point)} has not {what} in {timeout}{_because(run)}"


def report(deployment: Deployment, run: HookRun) -> dict[str, object]:
    """Returns a hook's state for ``status``."""
    hook = deployment.manifest.hooks.get(run.point)
    return {
        "hook": run.point.value,
        "step": run.step + 1 if run.point is HookPoint.EACH_STEP else None,
        "function": hook.function if hook else None,
        "status": run.status.value,
        "reason": run.reason,
        "calls": run.calls,
    }


def _running(deployment: Deployment) -> HookRun | None:
    point = None if deployment.hold.queued else waited_for(deployment)
    return run_of(deployment, point) if point else None


def _call_at(run: HookRun) -> datetime | None:
    return run.call_at + CALL_TIMEOUT if run.call_at and run.calling else run.call_at


def _ends_at(deployment: Deployment, run: HookRun) -> datetime:
    timeout = deployment.manifest.hooks[run.point].answer.timeout
    return run.begun_at + timeout + (timedelta(0) if run.calls else _TO_BE_TAKEN)


def _lets_pass(deployment: Deployment, point: HookPoint) -> bool:
    run = run_of(deployment, point)
    if run is None:
        return False
    if run.status is HookStatus.SUCCEEDED:
        return True
    if point is HookPoint.AFTER_ROLLBACK:  # traffic is back, so neither an answer nor silence changes anything
        return run.status.is_final or run.overdue
    if ends(deployment, run):
        return not can_go_back(deployment)
    return run.overdue and deployment.manifest.hooks[point].answer.then is OnTimeout.PROMOTE


def _because(run: HookRun) -> str:
    return f": {run.reason}" if run.reason else ""


def _before_traffic(deployment: Deployment) -> tuple[HookPoint, ...]:
    if deployment.failing or Milestone.TESTED not in deployment.done:
        return ()
    at_once = deployment.stable is None or not deployment.manifest.strategy.steps
    return (HookPoint.BEFORE_TRAFFIC, HookPoint.BEFORE_PROMOTION) if at_once else (HookPoint.BEFORE_TRAFFIC,)


def _in_a_step(deployment: Deployment) -> tuple[HookPoint, ...]:
    if deployment.hold.frozen:
        return ()
    last = deployment.traffic.step == len(deployment.manifest.strategy.steps) - 1
    return (HookPoint.EACH_STEP, HookPoint.BEFORE_PROMOTION) if last else (HookPoint.EACH_STEP,)


def _in_the_bake(deployment: Deployment) -> tuple[HookPoint, ...]:
    return () if deployment.hold.frozen or deployment.traffic.closing else (HookPoint.AFTER_BAKE,)


def _on_the_way_back(_deployment: Deployment) -> tuple[HookPoint, ...]:
    return (HookPoint.AFTER_ROLLBACK,)


_POINTS: Mapping[Phase, Callable[[Deployment], tuple[HookPoint, ...]]] = {
    Phase.TESTING: _before_traffic,
    Phase.SHIFTING: _in_a_step,
    Phase.BAKING: _in_the_bake,
    Phase.ROLLING_BACK: _on_the_way_back,
}
_SAID: Mapping[HookStatus, str] = {
    HookStatus.IN_PROGRESS: "is in progress",
    HookStatus.SUCCEEDED: "succeeded",
    HookStatus.FAILED: "failed",
}
