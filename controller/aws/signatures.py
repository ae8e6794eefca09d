"""Checks with KMS whether an artifact's signature is by the stack owner's trusted key.

The signature is over the zip's SHA-256 itself (``MessageType`` DIGEST), known from Lambda's CodeSha256. So a zip of any
size is signed and checked by 32 bytes.

Note: KMS answers a wrong signature with an error instead of "invalid". Source: AWS KMS API reference, Verify,
KMSInvalidSignatureException, 2026-11.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Protocol

from botocore.exceptions import ClientError

from controller.aws.errors import translating
from controller.core.artifact.checksums import unsigned, wrongly_signed
from controller.core.model import Artifact, Cause, Reason

ALGORITHM = "ECDSA_SHA_256"
_DOES_NOT_FIT = "KMSInvalidSignatureException"


class KMSClient(Protocol):
    """The botocore ``kms`` client's call used here."""

    def verify(self, **parameters: object) -> Mapping[str, object]: ...


class Signatures:
    """Signatures by one key; with a ``key`` of None no signature is needed."""

    def __init__(self, client: KMSClient, key: str | None) -> None:
        self._client = client
        self._key = key

    def problem(self, artifact: Artifact, sha256: str) -> Reason | None:
        """Returns why bytes of this CodeSha256 must not be published, None if they may be.

        Raises Transient while KMS does not answer, Refused for an unusable key.
        """
        if self._key is None:
            return None
        if artifact.signature is None:
            return unsigned(artifact)
        with translating(f"checking the signature of {artifact.key} with {self._key}", Cause.BAD_ARTIFACT):
            try:
                self._client.verify(
                    KeyId=self._key,
                    Message=base64.b64decode(sha256),
                    MessageType="DIGEST",
                    Signature=base64.b64decode(artifact.signature),
                    SigningAlgorithm=ALGORITHM,
                )
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") != _DOES_NOT_FIT:
                    raise
                return wrongly_signed(artifact, sha256)
        return None
