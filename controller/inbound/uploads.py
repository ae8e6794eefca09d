"""Takes an upload in: reads what was dropped, and makes a deployment of it, or a FAILED record that says why not.

Rules of the file:
- nothing in AWS but the table is changed here;
- every upload ends as a deployment, a FAILED record, or ``Ignored`` with its reason (late, or taken in before).

The alias is named by the manifest, so which target an upload is for is known only after the zip's manifest was read. A
manifest that cannot be read is recorded under the default alias.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from controller.aws.dynamodb.store import Duplicate
from controller.aws.s3.artifacts import BadArtifact
from controller.context import Context
from controller.core.artifact.checksums import unsigned
from controller.core.artifact.verdict import Rejected, Sources, check
from controller.core.lifecycle.admission import Admission, accept, deploys_the_same, ended, repeated, too_late
from controller.core.manifest.settings import Manifest
from controller.core.model import (
    Artifact,
    CarriedOut,
    Conflict,
    Deployment,
    Entry,
    Phase,
    Reason,
    Refused,
    Target,
    Transient,
)
from controller.core.model.events import ArtifactUploaded, Ignored
from controller.core.routing.alias_description import own_alarm

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """An upload as read: what it would deploy, where to, and ``problem`` where it must not."""

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
        """Returns the deployment that was made of an upload, open, waiting or FAILED. Repeating gives Ignored."""
        return self.accept(self.draft(uploaded), uploaded)

    def refuse(self, uploaded: ArtifactUploaded, function: str, reason: Reason) -> Deployment | Ignored:
        """Records an upload that is refused by its key alone."""
        return self.accept(self._refused(function, _unread(uploaded), reason), uploaded)

    def draft(self, uploaded: ArtifactUploaded) -> Draft:
        """Reads an upload; it changes nothing. Raises Transient where S3 or Lambda did not answer."""
        function = uploaded.key.partition("/")[0]
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
        verdict = check(inspection.opened, sources, lambda: self._aws.publishing.settings(function))
        manifest = verdict.manifest or self._context.default_manifest()
        problem = verdict.reason if isinstance(verdict, Rejected) else None
        return Draft(Target(function, manifest.alias), artifact, manifest, problem)

    def _refused(self, function: str, artifact: Artifact, reason: Reason) -> Draft:
        manifest = self._context.default_manifest()
        return Draft(Target(function, manifest.alias), artifact, manifest, reason)

    def accept(self, draft: Draft, uploaded: ArtifactUploaded) -> Deployment | Ignored:
        """Records what was read of an upload; see ``admit``."""
        for _ in range(_ATTEMPTS):
            try:
                return self._try_accept(draft, uploaded)
            except Duplicate as duplicate:
                return Ignored(f"{uploaded.key}: {duplicate}")
            except Conflict:
                continue
        raise Transient(
            f"{draft.target} is being changed by somebody else all the time; {uploaded.key} is taken in again"
        )

    def _try_accept(self, draft: Draft, uploaded: ArtifactUploaded) -> Deployment | Ignored:
        now = self._context.clock()
        head = self._aws.store.head(draft.target)
        open_one = self._aws.store.load(draft.target, head.open) if head.open else None
        if not uploaded.asked:
            late = too_late(head, draft.artifact)
            if late:
                return Ignored(late)
        elif open_one and open_one.artifact.is_same_as(draft.artifact):
            return open_one
        waiting = self._aws.store.load(draft.target, open_one.newer) if open_one and open_one.newer else None
        deployment = self._deployment(draft, head.number + 1, uploaded, now)
        if draft.problem:
            deployment = ended(deployment, draft.problem, now)
        elif open_one and self._is_in_flight(draft, open_one):
            return self._saved(repeated(head, deployment, open_one, now), uploaded, now)
        return self._saved(accept(head, deployment, open_one, waiting, now), uploaded, now)

    def _saved(self, admission: Admission, uploaded: ArtifactUploaded, now: datetime) -> Deployment:
        self._aws.store.accept(admission, now, once=not uploaded.asked)
        return admission.deployment

    def _is_in_flight(self, draft: Draft, open_one: Deployment) -> bool:
        """Are these the very bytes that are on their way already? Not where Lambda does not say."""
        if not deploys_the_same(open_one, draft.artifact, draft.manifest):
            return False
        try:
            return self._aws.publishing.identify(draft.artifact, draft.target.function) == open_one.sha256
        except Refused:
            return False

    def _deployment(self, draft: Draft, number: int, uploaded: ArtifactUploaded, now: datetime) -> Deployment:
        return Deployment(
            target=draft.target,
            number=number,
            artifact=draft.artifact,
            manifest=draft.manifest,
            phase=Phase.PREPARING,
            opened_at=now,
            phase_since=now,
            own_alarm=own_alarm(self._context.settings.alarm_prefix, draft.target, number),
            lifts_quarantine=uploaded.lift_quarantine,
            carried_out=(CarriedOut(uploaded.mark, now),) if uploaded.mark else (),
            timeline=(Entry(now, f"accepted {draft.artifact.key} of {draft.artifact.uploaded_at.isoformat()}"),),
        )


def _unread(uploaded: ArtifactUploaded) -> Artifact:
    return Artifact(uploaded.bucket, uploaded.key, uploaded.version_id, uploaded.happened_at, uploaded.sequencer)
