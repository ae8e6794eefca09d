"""Plans the effects that AWS still lacks for a record to be true.

Rules of the file:

- ``plan`` compares the record with the observation and never changes a phase. So a crash between a save and an effect
  heals at the next look, and a dry run is ``plan`` without performing;
- traffic comes first: in ROLLING_BACK the alias is routed before people are told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from controller.core.gates import freeze, hooks
from controller.core.lifecycle.cleanup import alarm_deletion, owed_by_rollback, prunes, version_deleted_at
from controller.core.lifecycle.quarantine import quarantines, spoken_against
from controller.core.manifest.settings import OnFailure
from controller.core.model import Deployment, Milestone, Phase
from controller.core.model.effects import (
    AwaitActive,
    BackUp,
    CallHook,
    CatchUp,
    DeleteAlarm,
    DeleteVersion,
    Effect,
    Identify,
    MakeAlarm,
    Onboard,
    Preflight,
    Prune,
    Publish,
    Quarantine,
    Restore,
    RestoreBackup,
    Route,
    RunTests,
    Send,
    SetAlarm,
    Wake,
    milestone_of,
)
from controller.core.model.observation import Observation
from controller.core.routing import alias_description
from controller.core.routing.desired import carries, ours, wanted
from controller.core.statistics.before_after import NOTHING_KNOWN


def plan(deployment: Deployment, seen: Observation, now: datetime) -> tuple[Effect, ...]:
    """Returns the effects still needed, in the order of performing."""
    notices = (Send(notice) for notice in deployment.bookkeeping.outbox)
    begins_later = deployment.phase is Phase.PREPARING and freeze.holds(deployment, seen, now)
    if deployment.hold.queued or begins_later:
        return tuple(notices)
    needed = _ended(deployment, now) if deployment.phase.is_terminal else _PLANS[deployment.phase](deployment, seen)
    return (*needed, *notices)


def emergency(deployment: Deployment, seen: Observation) -> tuple[Effect, ...]:
    """Returns the rollback to perform although the record cannot be saved now; empty if it can wait."""
    rolling_back = deployment.phase is Phase.ROLLING_BACK and not deployment.traffic.drift
    return tuple(_routed(deployment, seen)) if rolling_back and spoken_against(deployment) else ()


def call(deployment: Deployment) -> CallHook | None:
    """Returns the begun call of a hook, None without one."""
    # Calls are no part of ``plan``: a call may take a minute, and no other effect should wait behind it.
    run = hooks.being_called(deployment)
    return CallHook(run.point, run.step, run.calls + 1) if run else None


def owes(deployment: Deployment, now: datetime) -> bool:
    """Does an ended deployment owe AWS some cleaning up now?"""
    return any(True for _ in _ended(deployment, now))


def _preparing(deployment: Deployment, _seen: Observation) -> Iterator[Effect]:
    if deployment.failing:
        yield from _restored(deployment)
    elif not deployment.versions.preflighted:
        yield Preflight()
    elif deployment.versions.onboards and deployment.stable is None:
        yield Onboard()
    elif Milestone.IDENTIFIED not in deployment.done:
        yield Identify()
    elif deployment.versions.behind is not None:
        yield CatchUp(deployment.versions.behind)
    elif deployment.canary is None:
        yield Publish(deployment.versions.sha256)
    else:
        # A snapshot takes minutes, and callers of the bare name get their version back before that.
        if deployment.stable and deployment.versions.latest is None:
            yield Restore(deployment.stable)
        yield AwaitActive(deployment.canary)


def _testing(deployment: Deployment, _seen: Observation) -> Iterator[Effect]:
    if deployment.failing:
        yield from _restored(deployment)
    elif Milestone.TESTED not in deployment.done and deployment.canary:
        yield RunTests(deployment.canary)


def _serving(deployment: Deployment, seen: Observation) -> Iterator[Effect]:
    if deployment.traffic.drift:
        return
    stable, canary, done = deployment.stable, deployment.canary, deployment.done
    if stable and Milestone.BACKED_UP not in done:
        yield BackUp(stable)
    elif stable and canary and _is_to_move(deployment, seen) and Milestone.ALARM_AT_PROMOTION not in done:
        # Note: the controller's own new version may not start. Once it has all traffic, nobody can put the alarm.
        yield MakeAlarm(stable, canary, NOTHING_KNOWN)
    elif stable and canary and Milestone.ALARM_MADE not in done:
        yield MakeAlarm(stable, canary)
    else:
        yield from _routed(deployment, seen)
        if deployment.drill and deployment.drill.alarm_at and Milestone.DRILL_ALARM_SET not in done:
            yield SetAlarm()
        if stable and canary and puts_alarm_again(deployment):
            yield MakeAlarm(stable, canary, deployment.evidence.stable_before)


def _is_to_move(deployment: Deployment, seen: Observation) -> bool:
    """Will the next write give the canary all traffic?"""
    # If a person gave the canary all traffic already, only the description is missing.
    promoted = (
        deployment.phase is Phase.BAKING and deployment.traffic.confirmed_at is None and not deployment.traffic.drift
    )
    return promoted and seen.routing != wanted(deployment)


def puts_alarm_again(deployment: Deployment) -> bool:
    """Must the own alarm be put again, with the stable version's rate from before the promotion?"""
    baking = (
        deployment.phase is Phase.BAKING
        and deployment.traffic.confirmed_at is not None
        and not deployment.traffic.closing
    )
    before = deployment.evidence.stable_before
    return baking and before is not None and milestone_of(before) not in deployment.done


def _rolling_back(deployment: Deployment, seen: Observation) -> Iterator[Effect]:
    yield from _routed(deployment, seen)
    # Callers wait for a version that sleeps, so it is woken right after the write.
    if deployment.stable and seen.alias and ours(deployment, seen) and Milestone.AWAKE not in deployment.done:
        yield Wake(deployment.stable)
    if deployment.traffic.confirmed_at is None:
        return
    if deployment.versions.sha256 and deployment.reason and quarantines(deployment):
        yield Quarantine(deployment.versions.sha256, deployment.reason)
    if deployment.stable and Milestone.BACKUP_RESTORED in owed_by_rollback(deployment):
        yield RestoreBackup(deployment.stable)
    yield from _restored(deployment)


def _routed(deployment: Deployment, seen: Observation) -> Iterator[Effect]:
    routing = wanted(deployment)
    if routing is None or not ours(deployment, seen):
        return
    armed = seen.alias is not None and alias_description.is_armed(seen.alias)
    if not carries(deployment, seen) or (deployment.traffic.closing and armed):
        freezes = deployment.manifest.on_failure is OnFailure.FREEZE
        line = alias_description.write(deployment, freezes=freezes)
        yield Route(routing, seen.alias.revision_id if seen.alias else None, line)


def _restored(deployment: Deployment) -> Iterator[Effect]:
    if deployment.stable and Milestone.RESTORED not in deployment.done:
        yield Restore(deployment.stable)


def _ended(deployment: Deployment, now: datetime) -> Iterator[Effect]:
    deletion = alarm_deletion(deployment, now)
    if deletion:
        yield DeleteAlarm(deletion)
    if deployment.canary and deployment.leaves_latest_behind and Milestone.LATEST_LEFT not in deployment.done:
        yield Restore(deployment.canary)
    if prunes(deployment):
        yield Prune()
    deleted_at = version_deleted_at(deployment)
    if deployment.canary and deleted_at and now >= deleted_at:
        yield DeleteVersion(deployment.canary)


_PLANS = {
    Phase.PREPARING: _preparing,
    Phase.TESTING: _testing,
    Phase.SHIFTING: _serving,
    Phase.BAKING: _serving,
    Phase.ROLLING_BACK: _rolling_back,
}
