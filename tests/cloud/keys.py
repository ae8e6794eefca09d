"""KMS, as far as it checks signatures: one key, whose signature of a digest anybody can make with ``signed``.

Note: a signature that does not fit is an error. Source: AWS KMS API reference, Verify, 2026-11.
"""

from __future__ import annotations

import hashlib

from tests.cloud.faults import Json, Refusal
from tests.cloud.wire import ACCOUNT, REGION, unknown

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def signed(digest: bytes, key: str = KEY) -> bytes:
    """Returns the key's signature; no cryptography, but as hard to hit by chance."""
    return hashlib.sha512(key.encode() + digest).digest()


class Keys:
    """The keys of the account; there is one. ``disabled`` is whether somebody has disabled it."""

    def __init__(self) -> None:
        self.disabled = False

    def answer(self, operation: str, parameters: Json, _body: bytes) -> Json:
        if operation != "Verify":
            raise unknown("kms", operation, ["Verify"])
        if parameters["KeyId"] != KEY:
            raise Refusal(400, "NotFoundException", f"Key '{parameters['KeyId']}' does not exist")
        if self.disabled:
            raise Refusal(400, "DisabledException", f"{KEY} is disabled.")
        digest = parameters["Message"]
        if parameters["MessageType"] != "DIGEST" or len(digest) != hashlib.sha256().digest_size:
            raise Refusal(400, "ValidationException", "Digest is invalid length for algorithm ECDSA_SHA_256.")
        if parameters["Signature"] != signed(digest):
            raise Refusal(400, "KMSInvalidSignatureException", "")
        return {"KeyId": KEY, "SignatureValid": True, "SigningAlgorithm": parameters["SigningAlgorithm"]}
