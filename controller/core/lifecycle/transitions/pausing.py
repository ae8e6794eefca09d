"""Transitions common to several phases: pausing, and noting work done beside the traffic."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.lifecycle.owed import prunes
from controller.core.lifecycle.transitions.edits import go_on, leads_to
from controller.core.lifecycle.transitions.hook_edits import begin_wait_again
from controller.core.lifecycle.transitions.restore_timeout import RESTORE_TIMEOUT
from controller.core.model import Deployment, Milestone, Phase
from controller.core.model.deployment.timeline import log
from controller.core.model.observation import Observation
from controller.core.model.outcomes import AlarmMade, Finished, Restored, Sent


@leads_to()
def pause(deployment: Deployment, _event: object, _seen: Observation, now: datetime) -> Deployment:
    """Holds every further step until a person resumes."""
    if deployment.hold.paused:
        return deployment
    return log(replace(deployment, hold=replace(deployment.hold, paused=True)), now, "paused by request")


@leads_to()
def resume(deployment: Deployment, _event: object, _seen: Observation, now: datetime) -> Deployment:
    """Lets a paused or frozen deployment go on."""
    if not deployment.hold.paused:
        return deployment
    resumed = go_on(deployment, now)
    return log(begin_wait_again(resumed, now) if deployment.hold.frozen else resumed, now, "resumed by request")


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
