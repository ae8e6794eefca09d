"""Which hook is waited for now, what its answer means for the deployment, and when it is to be called.

    TESTING        before_traffic, once the tests have passed; then, where all traffic moves at once, before_promotion
    SHIFTING       each_step, once the alias was seen to carry the step; in the last step then before_promotion
    BAKING         after_bake, when the bake is over and rollback still armed
    ROLLING_BACK   after_rollback, once traffic was seen back

Rules of the file:
- it only looks at the record; ``transitions/hook_edits.py`` changes it, ``plan.call`` says which call is to be made;
- a hook that says FAILED speaks against the version; one that does not answer speaks against nobody, so the two are
  different causes.

Note: a hook is asked once for each step, but called as often as it says IN_PROGRESS. A pause holds the asking of the
next hook, not the calls of the one that was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from controller.core.manifest.settings import HookPoint, OnTimeout
from controller.core.model import Cause, Deployment, Milestone, Phase, Reason, span
from controller.core.model.deployment.hook_run import HookRun, HookStatus
from controller.core.model.observation import Observation

CALL_TIMEOUT = timedelta(seconds=90)
"""Longer than one call takes: what was begun before that and is not noted was lost, and is called again."""
_TO_BE_TAKEN = timedelta(minutes=5)
"""How much longer a hook is waited for that was never called, because Lambda did not take the call."""


def points(deployment: Deployment) -> tuple[HookPoint, ...]:
    """Returns the hooks that are asked in this phase and step, in order; none while a person decides, and none of what
    the manifest leaves out.
    """
    wanted = _POINTS.get(deployment.phase)
    hooks = deployment.manifest.hooks
    return tuple(point for point in wanted(deployment) if point in hooks) if wanted and hooks else ()


def run_of(deployment: Deployment, point: HookPoint) -> HookRun | None:
    """Returns what was asked of this hook in this phase and step, None where it was not asked yet."""
    return run_at(deployment, point, deployment.traffic.step)


def run_at(deployment: Deployment, point: HookPoint, step: int) -> HookRun | None:
    """Returns what was asked of this hook in that step, None where it was not asked."""
    return next((run for run in deployment.evidence.hooks if (run.point, run.step) == (point, step)), None)


def waited_for(deployment: Deployment) -> HookPoint | None:
    """Returns the hook that has to let the deployment go on next, None where none has."""
    return next((point for point in points(deployment) if not _lets_pass(deployment, point)), None)


def holding(deployment: Deployment) -> str | None:
    """Returns in words which hook the deployment waits for, None where it waits for none."""
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
    """Is there a hook that has not let the deployment go on yet? Some are asked when all other gates are open."""
    return holding(deployment)


def danger(deployment: Deployment, _seen: Observation, _now: datetime) -> Reason | None:
    """Returns what a hook says against the version, None where none does."""
    run = _running(deployment)
    if run is None or run.status is not HookStatus.FAILED:
        return None
    return Reason(Cause.HOOK, f"{name(deployment, run.point)} failed{_because(run)}")


def unanswered(deployment: Deployment) -> Reason | None:
    """Returns why a hook that did not come to an end in its time ends the deployment, None where it does not."""
    run = _running(deployment)
    if run is None or run.status.is_final or not ends(deployment, run):
        return None
    return Reason(Cause.HOOK_SILENT, silence(deployment, run))


def ends(deployment: Deployment, run: HookRun) -> bool:
    """Does the hook speak against going on, by FAILED, or by silence where that means to go back?"""
    silent = run.overdue and deployment.manifest.hooks[run.point].answer.then is OnTimeout.ROLLBACK
    return run.status is HookStatus.FAILED or (silent and not run.status.is_final)


def is_over(deployment: Deployment, run: HookRun, now: datetime) -> bool:
    """Is the wait for a hook over that has not come to an end?"""
    return not (run.overdue or run.status.is_final) and now >= _ends_at(deployment, run)


def to_call(deployment: Deployment, now: datetime) -> HookRun | None:
    """Returns the hook that is to be called now; None where there is none, or somebody is just calling it."""
    run = _running(deployment)
    at = _call_at(run) if run else None
    return run if at is not None and now >= at and not deployment.traffic.drift else None


def calling(deployment: Deployment, now: datetime) -> Deployment:
    """Returns the record with the call that is due begun."""
    due = to_call(deployment, now)
    begun = (replace(run, calling=True, call_at=now) if run is due else run for run in deployment.evidence.hooks)
    return deployment.with_evidence(replace(deployment.evidence, hooks=tuple(begun)))


def being_called(deployment: Deployment) -> HookRun | None:
    """Returns the hook that is waited for while a call of it is begun, None otherwise. A call that was lost before the
    deployment went on without its hook is not made any more.
    """
    run = _running(deployment)
    return run if run and run.calling else None


def next_look(deployment: Deployment) -> datetime | None:
    """Returns when the hook that is waited for is to be called, or its wait ends; None where none is waited for."""
    run = _running(deployment)
    at = _call_at(run) if run else None
    if run is None or at is None:
        return None
    return at if run.overdue else min(at, _ends_at(deployment, run))


def is_at_the_end(deployment: Deployment) -> bool:
    """Is a hook waited for that is asked only when every other gate is open?"""
    run = _running(deployment)
    return run is not None and run.point is not HookPoint.EACH_STEP


def can_go_back(deployment: Deployment) -> bool:
    """Is there a way to end, or to go back? A first deployment that has its alias has none."""
    return deployment.phase is not Phase.BAKING or deployment.stable is not None


def name(deployment: Deployment, point: HookPoint) -> str:
    """Writes a hook for people: "hook before_promotion (slipway-hook-smoke:live)"."""
    step = f" of step {deployment.traffic.step + 1}" if point is HookPoint.EACH_STEP else ""
    return f"hook {point.value}{step} ({deployment.manifest.hooks[point].function})"


def silence(deployment: Deployment, run: HookRun) -> str:
    """Says that a hook did not come to an end in its time."""
    what = "finished" if run.status is HookStatus.IN_PROGRESS else "answered"
    timeout = span(deployment.manifest.hooks[run.point].answer.timeout)
    return f"{name(deployment, run.point)} has not {what} in {timeout}{_because(run)}"


def report(deployment: Deployment, run: HookRun) -> dict[str, object]:
    """Returns how far a hook has come."""
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
    if point is HookPoint.AFTER_ROLLBACK:  # traffic is back: whatever it says, or does not say, changes nothing
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
