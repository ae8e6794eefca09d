"""Finds the package that a request names, or says in Lambda's words that it is not there.

Source of the texts: Lambda's answers as quoted by many users, e.g. "Error occurred while GetObject. S3 Error
Code: NoSuchKey. S3 Error Message: The specified key does not exist."

Note: MiniStack makes a function of an absent package, and answers its invocations with 200.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from local.emulator.rules.lambda_.answers import Refusal, invalid_parameter

NO_SOURCE = invalid_parameter("Please provide a source for function code.")


class CodeAbsent(ValueError):
    """The named object cannot be read. The text is Lambda's; CloudFormation shows it as a ValueError's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}")

    @property
    def refusal(self) -> Refusal:
        return invalid_parameter(str(self))


def absent(bucket_exists: bool, key_exists: bool) -> CodeAbsent:
    """Returns why an object, or a version of it, could not be read."""
    if not bucket_exists:
        return CodeAbsent("NoSuchBucket", "The specified bucket does not exist")
    if not key_exists:
        return CodeAbsent("NoSuchKey", "The specified key does not exist.")
    return CodeAbsent("NoSuchVersion", "The specified version does not exist.")


def has_source(code: Mapping[str, Any]) -> bool:
    """Says whether a request names a package: ``{"ZipFile": ...}``, S3Bucket with S3Key, or ImageUri."""
    return bool(code.get("ZipFile") or code.get("ImageUri") or (code.get("S3Bucket") and code.get("S3Key")))


def identity(package: bytes) -> dict[str, Any]:
    """Returns the CodeSha256 and CodeSize of a package."""
    digest = hashlib.sha256(package).digest()
    return {"CodeSha256": base64.b64encode(digest).decode(), "CodeSize": len(package)}
