"""The record's notes of its hooks: asking, the call, the answer, the end of the wait, a person who passes over a hook.

Note: noting an answer moves nothing. A call may have taken a minute, so the look that follows reads the alias and the
alarms anew, and decides then.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates import hooks
from controller.core.manifest.settings import HookPoint, OnTimeout
from controller.core.model import Deployment
from controller.core.model.deployment.hook_run import HookRun, HookStatus
from controller.core.model.deployment.timeline import log, say
from controller.core.model.outcomes import HookAnswered


def begin_run(deployment: Deployment, now: datetime) -> Deployment:
    """Starts to wait for the next hook; nothing if the wait has begun."""
    point = hooks.waited_for(deployment)
    if point is None or hooks.run_of(deployment, point):
        return deployment
    run = HookRun(point, deployment.traffic.step, begun_at=now, call_at=now)
    deployment = deployment.with_evidence(replace(deployment.evidence, hooks=(*deployment.evidence.hooks, run)))
    return log(deployment, now, f"{hooks.name(deployment, point)} is called")


def begin_call(deployment: Deployment, now: datetime) -> Deployment:
    """Returns the record with the due call begun."""
    due = hooks.to_call(deployment, now)
    begun = (replace(run, calling=True, call_at=now) if run is due else run for run in deployment.evidence.hooks)
    return deployment.with_evidence(replace(deployment.evidence, hooks=tuple(begun)))


def begin_run_in_step(deployment: Deployment, now: datetime) -> Deployment:
    """Starts to wait for the step's hook, during its hold, once the alias was seen to carry the step."""
    ready = deployment.traffic.confirmed_at and not deployment.traffic.drift and not deployment.hold.paused
    return begin_run(deployment, now) if ready and hooks.waited_for(deployment) is HookPoint.EACH_STEP else deployment


def note_answer(deployment: Deployment, event: HookAnswered, now: datetime) -> Deployment:
    """Remembers a hook's answer; one no longer awaited, or noted before, changes nothing."""
    before = hooks.run_at(deployment, event.point, event.step)
    if before is None or not before.calling or before.calls + 1 != event.call:
        return deployment
    run = before.answered(event.answer, now)
    deployment = _with(deployment, before, run)
    # A hook in progress for hours says so every minute, which would fill the timeline.
    news = run.status is not before.status or (run.status is HookStatus.NO_ANSWER and run.reason != before.reason)
    if not news:
        return deployment
    said = f": {run.reason}" if run.reason else ""
    deployment = log(deployment, now, f"{hooks.name(deployment, run.point)}: {run.status.value}{said}")
    return _no_way_back(deployment, run, now)


def note_waits(deployment: Deployment, now: datetime) -> Deployment:
    """Ends the wait for a hook whose time is over, as its ``then`` says."""
    point = hooks.waited_for(deployment)
    run = hooks.run_of(deployment, point) if point else None
    # During drift no hook is called, so the time does not count.
    if run is None or deployment.traffic.drift or not hooks.is_over(deployment, run, now):
        return deployment
    silence, then = hooks.silence(deployment, run), deployment.manifest.hooks[run.point].answer.then
    overdue = replace(run, overdue=True)
    deployment = _with(deployment, run, overdue)
    if run.point is HookPoint.AFTER_ROLLBACK:
        return log(deployment, now, silence)
    if then is OnTimeout.ROLLBACK:  # the end of the deployment tells of it
        return _no_way_back(deployment, overdue, now)
    follows = "a person decides" if then is OnTimeout.HOLD else "it goes on, because its then is promote"
    return say(deployment, now, f"{silence}; {follows}")


def pass_over(deployment: Deployment, now: datetime) -> Deployment:
    """Notes that a person passed over the awaited hook."""
    point = hooks.waited_for(deployment)
    if point is None or hooks.run_of(deployment, point) is None:
        return deployment
    return log(deployment, now, f"{hooks.name(deployment, point)} is passed over, by request")


def begin_wait_again(deployment: Deployment, now: datetime) -> Deployment:
    """Gives the awaited hook its full time again, after a freeze or drift."""
    point = hooks.waited_for(deployment)
    run = hooks.run_of(deployment, point) if point else None
    return _with(deployment, run, run.begun_again(now)) if run else deployment


def _no_way_back(deployment: Deployment, run: HookRun, now: datetime) -> Deployment:
    if not hooks.ends(deployment, run) or hooks.can_go_back(deployment):
        return deployment
    what = "failed" if run.status is HookStatus.FAILED else "has not answered"
    text = f"{hooks.name(deployment, run.point)} {what}, and there is no version to go back to"
    return say(deployment, now, text)


def _with(deployment: Deployment, before: HookRun, after: HookRun) -> Deployment:
    runs = tuple(after if run is before else run for run in deployment.evidence.hooks)
    return deployment.with_evidence(replace(deployment.evidence, hooks=runs))
