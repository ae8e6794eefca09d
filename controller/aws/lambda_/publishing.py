"""Makes an artifact's version: settings, code, version, each step only if still missing.

    $LATEST absent? create it
    -> bring it to the settings -> bring it to the code -> is it as wanted, and different from stable?
    -> publish it under its hash and revision
    then: bring ``$LATEST`` back to the stable version (``restore_latest.py``), and wait until the version is active

Rules of the file:

- ``publish`` and ``onboard`` may stop anywhere and be called again: every step looks first;
- between reading ``$LATEST`` and changing it, ``confirm`` checks that the deployment's record is still current.
  Otherwise a late wake-up would put new code over a rollback's;
- a permanent refusal is an outcome (``EffectRefused``); transient problems are raised, NotYet while AWS is at work.

Note: AWS compares with the *last* version to decide whether there is a change to publish. After a rollback this is the
bad version, so "unchanged" is decided here, against the stable version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from controller.aws.lambda_.aliases import Aliases
from controller.aws.lambda_.client import LambdaClient
from controller.aws.lambda_.configuration import Configuration
from controller.aws.lambda_.drill_versions import DrillVersions
from controller.aws.lambda_.function_facts import read_facts
from controller.aws.lambda_.functions import Functions, checked, deleted, location, refused
from controller.aws.lambda_.restore_latest import Restorer
from controller.aws.signatures import Signatures
from controller.core.artifact.checksums import in_hex, other_bytes
from controller.core.lifecycle.preflight import FunctionFacts
from controller.core.model import Artifact, Conflict, Deployment, Reason, Refused, Routing, Target
from controller.core.model.outcomes import BecameActive, EffectRefused, Onboarded, Published, Unchanged
from controller.core.model.readiness import INACTIVE


class Publishing:
    """Functions and versions, as far as deployments make them.

    ``fetch`` downloads a URL and raises Transient if it cannot.
    """

    def __init__(
        self, client: LambdaClient, functions: Functions, fetch: Callable[[str], bytes], signatures: Signatures
    ) -> None:
        self._client = client
        self._signatures = signatures
        self._aliases = Aliases(client)
        self._functions = functions
        self._restorer = Restorer(self._functions, fetch)
        self._drills = DrillVersions(self._functions)

    def facts(self, target: Target, alone: str | None = None) -> FunctionFacts | None:
        """Returns the function's facts for preflight, None if it does not exist; ``alone`` as in ``read_facts``."""
        return read_facts(self._client, target, alone)

    def onboard(self, deployment: Deployment) -> Onboarded | EffectRefused:
        """Publishes ``$LATEST`` as it is and creates the alias on the version; an alias that exists by then is left
        alone.
        """
        try:
            return Onboarded(self._onboard(deployment.target))
        except Refused as refusal:
            return EffectRefused(refusal.reason)

    def problem(self, artifact: Artifact, sha256: str) -> Reason | None:
        """Returns why bytes of this CodeSha256 must not be published for the artifact, None if they may be."""
        return other_bytes(artifact, sha256) or self._signatures.problem(artifact, sha256)

    def publish(self, deployment: Deployment, confirm: Callable[[], None]) -> Published | Unchanged | EffectRefused:
        """Makes the deployment's version. Raises Conflict if somebody else changes the function meanwhile, or from
        ``confirm``.
        """
        try:
            return self._drills.publish(deployment, confirm) if deployment.drill else self._publish(deployment, confirm)
        except Refused as refusal:
            return EffectRefused(refusal.reason)

    def activated(self, function: str, version: str) -> BecameActive | EffectRefused | None:
        """Waits until a published version can serve; None for an Inactive version, which has to be woken.

        A version just published may be Inactive: AWS publishes the same code and settings once, perhaps weeks ago.
        """
        try:
            if self._functions.ready(function, version) == INACTIVE:
                return None
        except Refused as refusal:
            return EffectRefused(refusal.reason)
        return BecameActive()

    def restore(self, deployment: Deployment, version: str, confirm: Callable[[], None]) -> str:
        """Brings ``$LATEST`` to the deployment's stable or canary version. Returns the remaining differences and their
        reasons, empty if there are none.
        """
        if deployment.drill:
            return self._drills.put_back(deployment, confirm)
        return self._restorer.restore(deployment, version, confirm)

    def _onboard(self, target: Target) -> str:
        existing = self._aliases.read(target)
        if existing is not None:
            return _one_version(target, existing.routing)
        latest = self._functions.healthy(target.function)
        version = self._functions.publish(latest, f"slipway {target} onboarded").version
        self._functions.ready(target.function, version)
        try:
            return self._aliases.route(target, Routing(version), None, "slipway: onboarded").routing.version
        except Conflict:
            existing = self._aliases.read(target)
            if existing is None:
                raise
            return _one_version(target, existing.routing)

    def _publish(self, deployment: Deployment, confirm: Callable[[], None]) -> Published | Unchanged:
        function = deployment.target.function
        stable = self._functions.read(function, deployment.stable) if deployment.stable else None
        if deployment.stable and stable is None:  # somebody deleted the function on purpose: it is not made again
            raise Refused(deleted(function, deployment.stable))
        sha256 = deployment.versions.sha256
        latest = self._functions.settled(function)
        if latest is None:
            sha256 = self._functions.create(deployment).sha256
            latest = self._functions.healthy(function)
        latest = self._configured(latest, deployment.manifest.function, confirm)
        latest, sha256 = self._coded(latest, deployment, sha256, stable, confirm)
        _require(latest, deployment.manifest.function, sha256)
        # If AWS gave no hash before, this is the first look at it; nothing is published yet.
        problem = self.problem(deployment.artifact, sha256) if sha256 != deployment.versions.sha256 else None
        if problem:
            raise Refused(problem)
        if stable is not None and latest.runs_the_same_as(stable):
            return Unchanged(stable.version)
        found = self._functions.publish(latest, f"slipway {deployment}")
        if self._failed_before(deployment, found) and self._functions.delete(found):
            found = self._published_anew(deployment, found, sha256)
        return Unchanged(found.version) if found.version == deployment.stable else Published(found.version, sha256)

    def _published_anew(self, deployment: Deployment, failed: Configuration, sha256: str) -> Configuration:
        latest = self._functions.healthy(failed.function)  # publishing has changed its revision
        _require(latest, settings=deployment.manifest.function, sha256=sha256)
        found = self._functions.publish(latest, f"slipway {deployment}")
        if found.version == failed.version:
            raise refused(
                f"version {failed.version} of {failed.function} failed and was deleted, and AWS does not publish the"
                " same code and settings anew; change a setting in the manifest, and drop the artifact again"
            )
        return found

    def _failed_before(self, deployment: Deployment, published: Configuration) -> bool:
        """Is this the version of an earlier deployment, which could not be made ready?"""
        # AWS publishes the same code and settings once. The cause of a failed snapshot may be mended by now, but the
        # version stays Failed, and PublishVersion would return it for ever. Source: Lambda developer guide, SnapStart;
        # Lambda API reference, PublishVersion, 2026-11.
        described = str(published.settings["Description"])
        is_earlier = described.startswith(f"slipway {deployment.target}#") and described != f"slipway {deployment}"
        found = self._functions.read(deployment.target.function, published.version) if is_earlier else None
        return found is not None and bool(found.problem) and found.version != deployment.stable

    def _configured(
        self, latest: Configuration, wanted: Mapping[str, object], confirm: Callable[[], None]
    ) -> Configuration:
        # To AWS architectures are no setting: they go with the code.
        changes = latest.lacking({name: value for name, value in wanted.items() if name != "Architectures"})
        if not changes:
            return latest
        confirm()
        lacking = self._functions.configure(latest, changes).lacking(changes)
        if lacking:
            raise refused(
                f"AWS took {', '.join(sorted(lacking))} of {latest.function} but shows something else; write it in the"
                " manifest as GetFunctionConfiguration shows it, and for Environment allow kms:Decrypt with its key"
            )
        return self._functions.healthy(latest.function)

    def _coded(
        self,
        latest: Configuration,
        deployment: Deployment,
        sha256: str | None,
        stable: Configuration | None,
        confirm: Callable[[], None],
    ) -> tuple[Configuration, str]:
        """Returns ``$LATEST`` with the artifact's code, and the code's hash."""
        architectures = deployment.manifest.function.get("Architectures", latest.architectures)
        looks_stable = stable is not None and sha256 == stable.sha256
        # Code that looks like the stable version's is sent all the same: "unchanged" is too quiet an error to rest on a
        # dry run's hash, and sending the same code changes nothing.
        if sha256 == latest.sha256 and architectures == latest.architectures and not looks_stable:
            return latest, latest.sha256
        confirm()
        sent = self._functions.send(latest, location(deployment.artifact), architectures).sha256
        if sha256 is not None and sent != sha256 and deployment.artifact.version_id is None:
            raise refused(
                f"{deployment.artifact.key} was overwritten while it was deployed (SHA-256 {in_hex(sha256)},"
                f" then {in_hex(sent)}); turn on versioning for the bucket and drop it again"
            )
        return self._functions.healthy(latest.function), sent


def _one_version(target: Target, routing: Routing) -> str:
    """Returns the alias's version; an alias made after preflight has not been checked yet."""
    if routing.canary is None and routing.version.isdecimal():
        return routing.version
    raise refused(
        f"somebody else has made {target} meanwhile and it carries {routing}, which is no way back; point it to one"
        " published version and drop the artifact again"
    )


def _require(latest: Configuration, settings: Mapping[str, object], sha256: str) -> None:
    """Checks that ``$LATEST``, as last read, is wholly the deployment's: PublishVersion publishes exactly this
    state.
    """
    lacking = checked(latest).lacking(settings)
    if latest.sha256 != sha256 or lacking:
        what = ", ".join(sorted(lacking)) or "the code"
        raise Conflict(
            f"somebody else changed {what} of {latest.function} while it was being published; it is read again"
        )
