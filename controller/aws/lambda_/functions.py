"""Single steps on a function's ``$LATEST`` and versions: read, wait, create, change, publish.

Rules of the file:

- one method is one call and its errors; ``publishing`` and ``restore_latest`` decide the order of the steps;
- every change is guarded by the revision that was read, so one of two controllers gets Conflict.

Note: the revision returned by UpdateFunctionCode is stale once the update completes, and publishing changes the
revision, too. So the revision is read before every change. Source: LocalStack's snapshots of AWS, 2026-11.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from controller.aws.errors import Absent, translating
from controller.aws.lambda_.client import Answer, LambdaClient, section, text
from controller.aws.lambda_.configuration import Configuration, configuration
from controller.core.model import Artifact, Cause, Conflict, Deployment, NotYet, Reason, Refused, Transient
from controller.core.model.readiness import INACTIVE

CREATED_TAG = "slipway:created"
"""The tag of functions made by Slipway. Its value names the deployment: "checkout:live/1"."""
# GetFunction may be called 100 times a second in an account, all other calls together 15 times.
# Source: Lambda developer guide, quotas, 2026-11.
_BETWEEN_LOOKS = timedelta(seconds=1)


class Functions:
    """Lambda functions and their versions. ``sleep`` takes seconds; ``patience`` limits one wait.

    ``code_client`` makes the calls that Lambda answers only after reading a zip; with None ``client`` makes these, too.
    """

    def __init__(
        self,
        client: LambdaClient,
        sleep: Callable[[float], None],
        patience: timedelta,
        code_client: LambdaClient | None = None,
    ) -> None:
        self._client = client
        self._code_client = code_client or client
        self._sleep = sleep
        self._looks = 1 + math.ceil(patience / _BETWEEN_LOOKS)

    def read(self, function: str, version: str = "$LATEST") -> Configuration | None:
        """Returns the function or version as it is now, None if it does not exist."""
        answer = self._get(function, version)
        return configuration(section(answer, "Configuration")) if answer else None

    def settings(self, function: str) -> Mapping[str, object]:
        """Returns the settings of ``$LATEST`` in the spelling of CreateFunction, empty without a function."""
        found = self.read(function)
        return found.settings if found else {}

    def sha256(self, function: str, version: str) -> str | None:
        """Returns a version's CodeSha256, None if the version does not exist."""
        found = self.read(function, version)
        return found.sha256 if found else None

    def location(self, function: str, version: str) -> str:
        """Returns the download address of the version's zip, valid for ten minutes; empty if AWS gives none."""
        return text(section(self._get(function, version) or {}, "Code"), "Location")

    def settled(self, function: str, version: str = "$LATEST") -> Configuration | None:
        """Waits until AWS has finished working on a function or version, successfully or not. Raises NotYet after the
        patience.
        """
        found = self.read(function, version)
        for _ in range(1, self._looks):
            if found is None or not found.is_settling:
                return found
            self._sleep(_BETWEEN_LOOKS.total_seconds())
            found = self.read(function, version)
        if found is None or not found.is_settling:
            return found
        raise NotYet(f"AWS is still working on {found} (state {found.state})")

    def healthy(self, function: str) -> Configuration:
        """Returns ``$LATEST`` once AWS has finished working on it. Raises Refused if it cannot be published."""
        found = self.settled(function)
        if found is None:
            raise _not_shown(function)
        return checked(found)

    def ready(self, function: str, version: str) -> str:
        """Waits until a version can serve, and returns its state. Raises Refused if it never can.

        Source: Lambda developer guide, function states, 2026-11.
        """
        found = self.settled(function, version)
        if found is None:
            raise _not_shown(f"version {version} of {function}")
        if found.problem or found.state not in ("Active", INACTIVE, ""):
            why = found.problem or f"its state is {found.state}"
            raise refused(
                f"version {version} of {function} is not usable: {why}; correct the cause and drop the artifact again"
            )
        return found.state

    def create(self, deployment: Deployment) -> Configuration:
        """Creates the function from manifest and artifact, without a version. Raises Conflict if it exists by now."""
        with translating(f"CreateFunction of {deployment.target.function}"):
            return configuration(
                self._code_client.create_function(
                    **deployment.manifest.function,
                    FunctionName=deployment.target.function,
                    PackageType="Zip",
                    Code=location(deployment.artifact),
                    Publish=False,
                    # A tag's value may not contain "#". Source: TagValue's pattern in botocore's model, 1.43.106.
                    Tags={CREATED_TAG: f"{deployment.target}/{deployment.number}"},
                )
            )

    def configure(self, latest: Configuration, settings: Mapping[str, object]) -> Configuration:
        """Changes these settings and returns AWS's answer."""
        with translating(f"UpdateFunctionConfiguration of {latest.function} ({', '.join(sorted(settings))})"):
            return configuration(
                self._client.update_function_configuration(
                    **settings, FunctionName=latest.function, RevisionId=latest.revision_id
                )
            )

    def send(self, latest: Configuration, code: Mapping[str, object], architectures: object) -> Configuration:
        """Changes the code and returns AWS's answer. ``code`` is ``location(artifact)``, or has a ``ZipFile``."""
        with translating(f"UpdateFunctionCode of {latest.function}"):
            return configuration(
                self._code_client.update_function_code(
                    **code,
                    FunctionName=latest.function,
                    Architectures=architectures,
                    Publish=False,
                    RevisionId=latest.revision_id,
                )
            )

    def hash_of(self, function: str, artifact: Artifact) -> str | None:
        """Returns the CodeSha256 that the artifact would have; None without a function, or if AWS gives no hash.

        Changes nothing. Raises Refused if Lambda cannot read the object. Source: Lambda API reference
        UpdateFunctionCode, DryRun: the hash is computed and returned, 2026-11.
        """
        try:
            with translating(f"UpdateFunctionCode (dry run) of {function} with {artifact.key}"):
                answer = self._code_client.update_function_code(
                    **location(artifact), FunctionName=function, DryRun=True
                )
        except Absent:
            return None
        return text(answer, "CodeSha256") or None

    def publish(self, latest: Configuration, description: str) -> Configuration:
        """Publishes exactly the configuration that was read, and returns the version.

        Repeating gives the same version, with its first description: AWS publishes the same code and settings once.
        Source: Lambda API reference PublishVersion and LocalStack's snapshots against AWS, 2026-11.
        """
        with translating(f"PublishVersion of {latest.function}"):
            answer = self._client.publish_version(
                FunctionName=latest.function,
                CodeSha256=latest.sha256,
                RevisionId=latest.revision_id,
                Description=description,
            )
        return configuration(answer)

    def delete(self, found: Configuration) -> bool:
        """Deletes a version. Returns False if an alias uses the version, so that it stays."""
        try:
            with suppress(Absent), translating(f"DeleteFunction of version {found.version} of {found.function}"):
                self._client.delete_function(FunctionName=found.function, Qualifier=found.version)
        except Conflict:
            return False
        return True

    def _get(self, function: str, version: str) -> Answer | None:
        qualifier = {} if version == "$LATEST" else {"Qualifier": version}
        try:
            with translating(f"GetFunction of {function}:{version}"):
                return self._client.get_function(FunctionName=function, **qualifier)
        except Absent:
            return None


def checked(found: Configuration) -> Configuration:
    """Returns the same. Raises Refused if AWS has a problem with it."""
    if found.problem:
        raise refused(f"{found} cannot be published: {found.problem}; correct the cause and drop the artifact again")
    return found


def refused(text: str) -> Refused:
    """Returns the error that ends a deployment whose version cannot be made."""
    return Refused(Reason(Cause.PUBLISH_FAILED, text))


def _not_shown(what: str) -> Transient:
    """Returns the error for something just made or seen: AWS does not show a new function everywhere at once."""
    return Transient(f"AWS does not show {what}: it does not do so yet, or somebody deleted it")


def deleted(function: str, version: str) -> Reason:
    """Returns the reason for a version that has disappeared."""
    text = f"version {version} of {function} does not exist any more: somebody deleted it, or the whole function"
    return Reason(Cause.DRIFT, f"{text}; drop the artifact again")


def location(artifact: Artifact) -> dict[str, object]:
    """Returns the artifact in the form of CreateFunction's Code and UpdateFunctionCode."""
    version = {"S3ObjectVersion": artifact.version_id} if artifact.version_id else {}
    return {"S3Bucket": artifact.bucket, "S3Key": artifact.key, **version}
