"""Whether an upload becomes a deployment, late and repeated uploads, and the deployment that is opened next.

Rules of the file: it only decides; the store enforces the decision by conditions.

``on_newer`` of the open deployment decides about the deployments after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from controller.core.manifest.parsing import without_secrets
from controller.core.manifest.settings import Manifest, OnNewer
from controller.core.model import Artifact, Cause, Deployment, Phase, Reason
from controller.core.model.deployment.timeline import log, say


@dataclass(frozen=True, slots=True)
class Head:
    """A target's memory beside its deployments.

    - ``number``: the last one given.
    - ``open``: the open deployment's number, None without one.
    - ``newest``: the youngest accepted upload, None before the first.
    - ``revision``: counts the saves.
    - ``told_drift``: the drift at rest that people were told of last, None while the alias is as Slipway left it.
    """

    number: int = 0
    open: int | None = None
    newest: Artifact | None = None
    revision: int = 0
    told_drift: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    """Stored fields unknown to this release; they survive a save."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The writes for one accepted upload: the head, the new deployment, and changed older ones."""

    head: Head
    deployment: Deployment
    changed: tuple[Deployment, ...] = ()


def too_late(head: Head, artifact: Artifact) -> str | None:
    """Returns why an upload must not win over a later one that arrived first; None if it may."""
    if head.newest is None or not artifact.is_older_than(head.newest):
        return None
    return (
        f"{artifact.key} of {artifact.uploaded_at:%H:%M:%S} is older than {head.newest.key}, which was accepted already"
    )


def accept(
    head: Head, deployment: Deployment, open_one: Deployment | None, queued: Deployment | None, now: datetime
) -> Admission:
    """Returns the writes for a new deployment, which has its final number.

    Without an open deployment the new one is opened. Otherwise it is queued, and a deployment queued before fails; with
    ``on_newer: reject`` the new one fails.
    """
    if deployment.phase.is_terminal:
        return Admission(replace(head, number=deployment.number), deployment)
    taken = _taken(head, deployment)
    if open_one is None:
        return Admission(replace(taken, open=deployment.number), deployment)
    if open_one.manifest.on_newer is OnNewer.REJECT:
        reason = Reason(
            Cause.REJECTED, f"{open_one} is open and its on_newer is reject; drop the artifact again after its end"
        )
        return Admission(replace(taken, newest=head.newest), ended(deployment, reason, now))
    changed = [replace(open_one, hold=replace(open_one.hold, newer=deployment.number))]
    if queued is not None:
        reason = Reason(Cause.SUPERSEDED, f"the newer deployment #{deployment.number} takes its place in the queue")
        changed.append(ended(queued, reason, now))
    return Admission(taken, replace(deployment, hold=replace(deployment.hold, queued=True)), tuple(changed))


def is_deploying(open_one: Deployment, artifact: Artifact) -> bool:
    """Is the open deployment this very upload's? One that turns back deploys nothing any more."""
    turns_back = open_one.phase is Phase.ROLLING_BACK or open_one.failing is not None
    return not turns_back and open_one.artifact.is_same_as(artifact)


def deploys_the_same(open_one: Deployment, artifact: Artifact, manifest: Manifest) -> bool:
    """May the upload have the same bytes as the open deployment? Only their hash tells for sure."""
    goes_on = open_one.phase is not Phase.ROLLING_BACK and open_one.objection is None and open_one.hold.newer is None
    known = open_one.versions.sha256 is not None and open_one.artifact.size == artifact.size
    return goes_on and known and open_one.manifest.document == manifest.document


def repeated(head: Head, deployment: Deployment, open_one: Deployment, now: datetime) -> Admission:
    """Returns the writes for an upload of the bytes that ``open_one`` is deploying already: nothing begins again."""
    reason = Reason(Cause.UNCHANGED, f"no change: {open_one} is deploying these very bytes already, and goes on")
    noted = log(open_one, now, f"the same bytes were dropped again: #{deployment.number} ends, this one goes on")
    # ``open_one`` is written under its revision: if it has turned back meanwhile, the upload counts as a new one.
    return Admission(_taken(head, deployment), ended(deployment, reason, now), (noted,))


def ended(deployment: Deployment, reason: Reason, now: datetime) -> Deployment:
    """Returns the record of a deployment that fails before any work."""
    failed = replace(
        deployment,
        manifest=without_secrets(deployment.manifest),
        phase=Phase.FAILED,
        phase_since=now,
        reason=reason,
        hold=replace(deployment.hold, queued=False),
    )
    return say(failed, now, f"{Phase.FAILED.value}: {reason.text}")


def _taken(head: Head, deployment: Deployment) -> Head:
    # A person may deploy an older upload again; uploads from before the newest one stay late all the same.
    older = head.newest is not None and deployment.artifact.is_older_than(head.newest)
    return replace(head, number=deployment.number, newest=head.newest if older else deployment.artifact)


def handed_over(head: Head, deployment: Deployment) -> Head | None:
    """Returns the head after a deployment's end, with the queued one open; None if the deployment was not open."""
    return replace(head, open=deployment.hold.newer) if head.open == deployment.number else None


def opened(deployment: Deployment, now: datetime) -> Deployment:
    """Returns a queued deployment, opened."""
    hold = replace(deployment.hold, queued=False)
    return log(replace(deployment, hold=hold, opened_at=now, phase_since=now), now, "its turn has come")
