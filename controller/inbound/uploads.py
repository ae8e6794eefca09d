"""Admits an upload: reads the artifact, and makes a deployment, or a FAILED record with the reason.

Rules of the file:

- this file changes nothing in AWS but the table;
- every upload ends as a deployment, a FAILED record, or ``Ignored`` with its reason (late, or admitted before).

The manifest names the alias, so an upload's target is known only after reading the zip's manifest. An upload with an
unreadable manifest is recorded under the default alias.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from controller.aws.dynamodb.store import Duplicate
from controller.aws.s3.artifacts import BadArtifact
from controller.context import Context
from controller.core.artifact.checksums import unsigned
from controller.core.artifact.object_keys import deployed_as
from controller.core.artifact.verdict import ArtifactRefused, Sources, check
from controller.core.lifecycle.admission import (
    Admission,
    accept,
    deploys_the_same,
    ended,
    is_deploying,
    repeated,
    too_late,
)
from controller.core.manifest.settings import Manifest
from controller.core.model import (
    Artifact,
    CarriedOut,
    Conflict,
    Deployment,
    Entry,
    Person,
    Phase,
    Reason,
    Refused,
    Target,
    Transient,
)
from controller.core.model.deployment import Alarms, Bookkeeping
from controller.core.model.events import ArtifactUploaded, Ignored
from controller.core.routing.alias_description import own_alarm

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """An upload as read: artifact, target and manifest; ``problem`` says why it must not be deployed."""

    target: Target
    artifact: Artifact
    manifest: Manifest
    problem: Reason | None


class Uploads:
    """Makes deployments of uploads."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._aws = context.aws

    def admit(self, uploaded: ArtifactUploaded) -> Deployment | Ignored:
        """Returns the upload's deployment: open, waiting or FAILED. Repeating gives Ignored."""
        return self.accept(self.draft(uploaded), uploaded)

    def refuse(self, uploaded: ArtifactUploaded, function: str, reason: Reason) -> Deployment | Ignored:
        """Records an upload that is refused for its key alone."""
        return self.accept(self._refused(function, _unread(uploaded), reason), uploaded)

    def draft(self, uploaded: ArtifactUploaded) -> Draft:
        """Reads an upload and changes nothing. Raises Transient if S3 or Lambda did not answer."""
        function = deployed_as(uploaded.key).partition("/")[0]
        try:
            inspection = self._aws.artifacts.inspect(uploaded)
        except BadArtifact as bad:
            return self._refused(function, bad.artifact, bad.reason)
        artifact = replace(inspection.artifact, size=inspection.size)
        if self._context.settings.signing_key and artifact.signature is None:
            return self._refused(function, artifact, unsigned(artifact))
        sources = Sources(
            function, inspection.bucket_manifest, self._context.defaults, self._context.settings.manifest_rules
        )
        verdict = check(inspection.opened, sources, lambda: self._aws.functions.settings(function))
        manifest = verdict.manifest or self._context.default_manifest()
        problem = verdict.reason if isinstance(verdict, ArtifactRefused) else None
        return Draft(Target(function, manifest.alias), artifact, manifest, problem)

    def _refused(self, function: str, artifact: Artifact, reason: Reason) -> Draft:
        manifest = self._context.default_manifest()
        return Draft(Target(function, manifest.alias), artifact, manifest, reason)

    def accept(self, draft: Draft, uploaded: ArtifactUploaded) -> Deployment | Ignored:
        """Records an upload as read; see ``admit``."""
        for _ in range(_ATTEMPTS):
            try:
                return self._try_accept(draft, uploaded)
            except Duplicate as duplicate:
                return Ignored(f"{uploaded.key}: {duplicate}")
            except Conflict:
                continue
        raise Transient(f"somebody else keeps changing {draft.target}; {uploaded.key} is read again")

    def _try_accept(self, draft: Draft, uploaded: ArtifactUploaded) -> Deployment | Ignored:
        now = self._context.clock()
        head = self._aws.store.head(draft.target)
        open_one = self._aws.store.load(draft.target, head.open) if head.open else None
        if not uploaded.by_request:
            late = too_late(head, draft.artifact)
            if late:
                return Ignored(late)
        elif open_one and is_deploying(open_one, draft.artifact):
            return open_one
        waiting = self._aws.store.load(draft.target, open_one.hold.newer) if open_one and open_one.hold.newer else None
        deployment = self._deployment(draft, head.number + 1, uploaded, now)
        if draft.problem:
            deployment = ended(deployment, draft.problem, now)
        elif open_one and self.is_in_flight(draft, open_one):
            return self._saved(repeated(head, deployment, open_one, now), uploaded, now)
        return self._saved(accept(head, deployment, open_one, waiting, now), uploaded, now)

    def _saved(self, admission: Admission, uploaded: ArtifactUploaded, now: datetime) -> Deployment:
        self._aws.store.accept(admission, now, once=not uploaded.by_request)
        return admission.deployment

    def is_in_flight(self, draft: Draft, open_one: Deployment) -> bool:
        """Are these the same bytes as the open deployment's? False if Lambda gives no hash."""
        if not deploys_the_same(open_one, draft.artifact, draft.manifest):
            return False
        try:
            return self._aws.functions.hash_of(draft.target.function, draft.artifact) == open_one.versions.sha256
        except Refused:
            return False

    def _deployment(self, draft: Draft, number: int, uploaded: ArtifactUploaded, now: datetime) -> Deployment:
        person = _person(draft.artifact, uploaded)
        return Deployment(
            target=draft.target,
            number=number,
            artifact=draft.artifact,
            manifest=draft.manifest,
            phase=Phase.PREPARING,
            opened_at=now,
            phase_since=now,
            alarms=Alarms(own_alarm(self._context.settings.alarm_prefix, draft.target, number)),
            person=person,
            lifts_quarantine=uploaded.lift_quarantine,
            bookkeeping=Bookkeeping(
                carried_out=(CarriedOut(uploaded.mark, now, uploaded.person),) if uploaded.mark else (),
                timeline=(Entry(now, _accepted(draft.artifact, uploaded, person)),),
            ),
        )


def _person(artifact: Artifact, uploaded: ArtifactUploaded) -> Person:
    """Returns who asked for the deployment; of a drop, whom the object's metadata names, else whom S3 names."""
    if uploaded.by_request:
        return uploaded.person
    return Person(artifact.person.who or uploaded.person.who, artifact.person.why)


def _accepted(artifact: Artifact, uploaded: ArtifactUploaded, person: Person) -> str:
    accepted = f"accepted {artifact.key} of {artifact.uploaded_at.isoformat(timespec='seconds')}"
    if uploaded.by_request:
        return person.signed(accepted)
    return f"{accepted}, dropped by {person.who or 'somebody'}{person.because}"


def _unread(uploaded: ArtifactUploaded) -> Artifact:
    return Artifact(uploaded.bucket, uploaded.key, uploaded.version_id, uploaded.happened_at, uploaded.sequencer)
