"""Reads S3 objects, and explains S3's refusals for an artifact.

Note: S3 has its own error code for nearly every problem of an object, and most of these never pass. The common rules
would take them for transient, and try again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypedDict

from botocore.exceptions import ClientError

from controller.aws.errors import translating
from controller.core.artifact.zip.opened import EMPTY
from controller.core.model import Cause, Reason, Refused

if TYPE_CHECKING:
    from datetime import datetime


class Body(Protocol):
    """An object's bytes, as they arrive."""

    def read(self, amt: int) -> bytes: ...
    def close(self) -> None: ...


class GetObjectAnswer(TypedDict, total=False):
    """The members of GetObject's answer used here. ``VersionId`` is absent in a bucket without versions."""

    Body: Body
    ContentLength: int
    ContentRange: str
    ETag: str
    LastModified: datetime
    Metadata: dict[str, str]
    VersionId: str


class S3Client(Protocol):
    """The botocore ``s3`` client's call used here."""

    def get_object(self, **parameters: str) -> GetObjectAnswer: ...


class Gone(Refused):
    """The object, or this version of it, does not exist."""


def get(client: S3Client, bucket: str, key: str, limit: int, **members: str) -> tuple[GetObjectAnswer, bytes]:
    """Returns S3's answer and the first ``limit`` bytes of its body; ``members`` are more members of GetObject.

    Raises Gone, Refused for an object that can never be read, and Transient for other problems.
    """
    where = f"s3://{bucket}/{key}"
    with translating(f"GetObject of {where}", Cause.BAD_ARTIFACT):
        try:
            answer = client.get_object(Bucket=bucket, Key=key, **members)
        except ClientError as error:
            refusal = _refusal(where, error)
            if refusal is None:
                raise
            raise refusal from error
        try:
            return answer, answer["Body"].read(limit)
        finally:
            answer["Body"].close()


_GONE = "is not there: nobody has uploaded it, or somebody has deleted it; upload it again"
_GRANT = (
    "may not be read: {said}. Allow the controller's role s3:GetObject and s3:GetObjectVersion on objects,"
    " s3:ListBucket on the bucket and, where a KMS key encrypts them, kms:Decrypt on it; then upload it again"
)
# The controller's role denies objects of other buckets, whatever their bucket policies say.
_NOT_OUT_OF_OTHERS = ". Slipway reads no bucket but the stack's own: in any other, nothing helps but to upload it there"
_KEY = "is encrypted with a KMS key that cannot be used: {said}. Enable that key, or encrypt with another"
# Restoring an object sends no upload event, so the person has to send deploy.
_ARCHIVED = (
    "is archived and cannot be read; upload it again in the storage class STANDARD, or restore it and then send the"
    " request deploy"
)
# Sources: Amazon S3 API reference, GetObject and Error responses, 2026-11. MethodNotAllowed: the version is a delete
# marker. InvalidRange: the object is empty. InvalidRequest: the object is encrypted with a customer's own key.
# InvalidArgument: the version id is invalid.
_REFUSALS = {
    "NoSuchKey": _GONE,
    "NoSuchVersion": _GONE,
    "MethodNotAllowed": _GONE,
    "InvalidRange": EMPTY,
    "NoSuchBucket": "is in a bucket that does not exist; correct the bucket's name",
    "InvalidArgument": "cannot be read as asked: {said}. Correct the version",
    "InvalidRequest": "cannot be read as it is stored: {said}. Upload it again without that",
    "InvalidObjectState": _ARCHIVED,
    "AccessDenied": _GRANT,
    "KMS.DisabledException": _KEY,
    "KMS.NotFoundException": _KEY,
    "KMS.KMSInvalidStateException": _KEY,
}


def _refusal(where: str, error: ClientError) -> Refused | None:
    """Returns the meaning of S3's refusal for an artifact; None leaves the error to the common rules."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    meaning = _REFUSALS.get(code)
    if meaning is None:
        return None
    said = str(error.response["Error"].get("Message", code)).rstrip(".")
    more = _NOT_OUT_OF_OTHERS if "explicit deny" in said else ""
    reason = Reason(Cause.BAD_ARTIFACT, f"{where} {meaning.format(said=said)}{more}")
    return Gone(reason) if meaning is _GONE else Refused(reason)
