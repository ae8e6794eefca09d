"""The request ``rollback`` with ``to`` or ``to_version``: all traffic to a version that the person chose.

The version is there already, so one alias write reaches it. Nothing is changed before all of this is known:

- the version exists, is Active, and its bytes are not quarantined for the target;
- it has served all traffic of the alias before, or its tests pass now.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from controller.core.artifact.checksums import in_hex
from controller.core.model import Artifact, Deployment, Phase, Target, TestOutcome
from controller.core.model.effects import RunTests
from controller.core.model.events import ArtifactUploaded, RollbackRequested
from controller.core.model.outcomes import EffectRefused, Tested
from controller.requests import Unmet, members
from controller.requests.members import Payload
from controller.requests.parts import Parts
from controller.requests.rolling_back.to_previous import RollbackToPrevious

_LOOKED_AT = 200
"""The number of the target's newest deployments to search."""


class RollbackTo:
    """Makes deployments that move the alias to a chosen version."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._aws = parts.context.aws
        self._begins = RollbackToPrevious(parts.context)

    def version(self, target: Target, payload: Payload) -> str:
        """Returns the version that the request names, or whose deployment it names."""
        if "to" in payload and "to_version" in payload:
            raise Unmet("`to` names a deployment and `to_version` a version; give one of them")
        if "to_version" in payload:
            return str(payload["to_version"])
        number = members.number_of(payload["to"], target)
        named = self._aws.store.load(target, number)
        if named is None:
            raise Unmet(f"there is no deployment {target}#{number}; history lists those that there are")
        is_unchanged = named.phase is Phase.SUCCEEDED and named.canary is None
        version = named.stable if named.only_goes_back or named.drill or is_unchanged else named.canary
        if version is None:
            raise Unmet(f"{named} is {named.phase.value} and has no version; name another deployment, or to_version")
        return version

    def begin(self, target: Target, version: str, request: RollbackRequested) -> Deployment:
        """Returns the deployment, ready to be reconciled.

        Raises Unmet or Refused if the version cannot be reached, Conflict if a deployment was opened meanwhile.
        """
        history = list(self._aws.store.history(target, _LOOKED_AT))
        shipped = next((each for each in history if each.canary == version and each.ships), None)
        sha256 = self._aws.functions.sha256(target.function, version)
        if sha256 is None:
            raise Unmet(f"version {version} of {target.function} does not exist (any more); {_ship(shipped)}")
        quarantined = self._aws.quarantines.problem(target, sha256)
        if quarantined:
            lift = {"request": "quarantine", "function": target.function, "alias": target.alias, "lift": in_hex(sha256)}
            lifted = json.dumps({**lift, "who": "your name", "why": "where the fault was"})
            raise Unmet(f"version {version}: {quarantined.text}; to go back to it, send {lifted} first")
        found = self._aws.versions.wake(target.function, version)
        if not found.is_ready:
            raise Unmet(f"{found.in_words()}; {target} was left as it is, so send the same again in some minutes")
        tests = () if _has_served(history, version) else self._tested(target, version, shipped)
        return self._begins.begin(target, request, version, tests)

    def _tested(self, target: Target, version: str, shipped: Deployment | None) -> tuple[TestOutcome, ...]:
        """Returns the results of the version's tests. Raises Unmet if they are unknown, or one fails."""
        never = f"version {version} has never had all traffic of {target}"
        if shipped is None:
            raise Unmet(f"{never}, and no deployment made it, so nothing is known of it; {_ship(None)}")
        # The record of an ended deployment has no payloads, so the manifest is read again.
        draft = self._parts.uploads.draft(_again(shipped.artifact))
        if draft.problem:
            raise Unmet(f"{never}, and its tests cannot be read: {draft.problem.text}")
        if self._aws.functions.hash_of(target.function, draft.artifact) != shipped.versions.sha256:
            raise Unmet(f"{never}, and its tests are lost: {draft.artifact.key} has other bytes by now; {_ship(None)}")
        tested = self._parts.performer.perform(RunTests(version), replace(shipped, manifest=draft.manifest))
        if isinstance(tested, EffectRefused):
            raise Unmet(f"{never}, and cannot be tested: {tested.reason.text}")
        outcomes = tested.outcomes if isinstance(tested, Tested) else ()
        failed = next((each for each in outcomes if not each.passed), None)
        if failed:
            raise Unmet(f"{never}, and its test {failed.name!r} fails: {failed.why}")
        return outcomes


def _has_served(history: Sequence[Deployment], version: str) -> bool:
    """Has the version had all traffic of the alias before, and was it good?"""
    return any(version == each.stable or (version == each.canary and each.phase is Phase.SUCCEEDED) for each in history)


def _again(artifact: Artifact) -> ArtifactUploaded:
    bucket, key, version_id, at = artifact.bucket, artifact.key, artifact.version_id, artifact.uploaded_at
    return ArtifactUploaded(bucket, key, version_id, "", at, by_request=True)


def _ship(shipped: Deployment | None) -> str:
    """Says how the version's code is deployed again."""
    if shipped is None:
        return "drop its artifact"
    artifact = shipped.artifact
    version = {"version": artifact.version_id} if artifact.version_id else {}
    request = {"request": "deploy", "bucket": artifact.bucket, "key": artifact.key, **version}
    return f"to ship its code again, send {json.dumps(request)}"
