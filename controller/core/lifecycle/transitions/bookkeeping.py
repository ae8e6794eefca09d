"""Transitions that note work done beside the traffic: milestones, ``$LATEST``, the own alarm, notices, hooks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates.hooks import runs
from controller.core.lifecycle.cleanup import RESTORE_TIMEOUT, prunes
from controller.core.lifecycle.transitions.edits import leads_to
from controller.core.model import Deployment, Milestone, Phase
from controller.core.model.deployment.timeline import log
from controller.core.model.observation import Observation
from controller.core.model.outcomes import AlarmMade, Finished, HookAnswered, Restored, Sent


@leads_to()
def note_milestone(deployment: Deployment, event: Finished, _seen: Observation, now: datetime) -> Deployment:
    """Remembers that a milestone is done."""
    deployment = deployment.with_done(event.milestone)
    return log(deployment, now, event.note) if event.note else deployment


@leads_to()
def note_latest(deployment: Deployment, event: Restored, _seen: Observation, now: datetime) -> Deployment:
    """Remembers the version that ``$LATEST`` was brought to."""
    if deployment.phase is Phase.SUCCEEDED:
        done = {Milestone.LATEST_LEFT} if event.note else set()
        latest = deployment.versions.latest if event.note else event.version
    else:
        # A value not restored after publishing is tried once more if the deployment fails.
        done = {Milestone.RESTORED} if deployment.objection or not event.note else set()
        latest = event.version
    versions = replace(deployment.versions, latest=latest)
    deployment = replace(deployment, versions=versions).with_done(*done).without_delay()
    return log(deployment, now, event.note) if event.note else deployment


@leads_to()
def stop_cleaning_up(deployment: Deployment, _event: object, _seen: Observation, now: datetime) -> Deployment:
    """Leaves cleaning up to the next deployment, if it has failed for too long after the success."""
    if now - deployment.phase_since < RESTORE_TIMEOUT:
        return deployment
    latest = f"$LATEST could not be brought to version {deployment.canary}; the next deployment begins with it"
    owed = {Milestone.LATEST_LEFT: latest} if deployment.leaves_latest_behind else {}
    if prunes(deployment):
        owed[Milestone.PRUNED] = "old versions could not be deleted; the next deployment tries again"
    for milestone, text in owed.items():
        if milestone not in deployment.done:
            deployment = log(deployment.with_done(milestone), now, f"given up: {text}")
    return deployment


@leads_to()
def note_alarm(deployment: Deployment, event: AlarmMade, _seen: Observation, now: datetime) -> Deployment:
    """Remembers that the deployment's own alarm is put."""
    alarms = replace(deployment.alarms, own_made_at=now)
    evidence = replace(deployment.evidence, longest_timeout=event.longest_timeout)
    return replace(deployment, alarms=alarms, evidence=evidence).with_done(Milestone.ALARM_MADE, event.milestone)


@leads_to()
def note_sent(deployment: Deployment, event: Sent, _seen: Observation, now: datetime) -> Deployment:
    """Takes a sent notice out of the outbox."""
    books = deployment.bookkeeping
    outbox = tuple(notice for notice in books.outbox if notice != event.notice)
    deployment = replace(deployment, bookkeeping=replace(books, outbox=outbox))
    return log(deployment, now, event.note) if event.note else deployment


@leads_to()
def note_hook(deployment: Deployment, event: HookAnswered, _seen: Observation, now: datetime) -> Deployment:
    """Remembers a hook's answer; one no longer awaited, or noted before, changes nothing."""
    return runs.note_answer(deployment, event, now)
