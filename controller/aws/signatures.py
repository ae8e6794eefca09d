"""KMS: whether a signature over an artifact's hash is one by the key that the stack's owner trusts.

The signature is over the zip's SHA-256 itself (``MessageType`` DIGEST), which is the CodeSha256 that Lambda says. So a
zip of any size is signed and checked by 32 bytes.

Note: KMS answers a signature that does not fit with an error and not with "invalid". Source: AWS KMS API reference,
Verify, KMSInvalidSignatureException, 2026-11.
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
    """The call of boto3's ``kms`` client that is used."""

    def verify(self, **parameters: object) -> Mapping[str, object]: ...


class Signatures:
    """Signatures by one key; ``key`` None: nobody asks for any."""

    def __init__(self, client: KMSClient, key: str | None) -> None:
        self._client = client
        self._key = key

    def problem(self, artifact: Artifact, sha256: str) -> Reason | None:
        """Returns why bytes of that CodeSha256 must not be published, None where they may be.

        Raises Transient where KMS does not answer, Refused where the key cannot be used.
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
