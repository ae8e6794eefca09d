"""The controller's adapters on a Lambda client that only reads.

IAM knows no dry run: a call with ``DryRun`` needs the permission of the call itself. Source: Service Authorization
Reference, AWS Lambda, 2026-11. So the client answers the two dry runs of ``plan`` by reading:

- UpdateFunctionCode: the hash is computed from the artifact's bytes, in parts;
- Invoke: the hook is looked up. A policy against the call is seen when the deployment is checked, and not before.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, cast

from botocore.config import Config

from controller.aws.clients import Adapters
from controller.aws.s3.objects import S3Client, get

_PART = 8 * 1024 * 1024
"""Bytes of an artifact in memory at a time."""
_READS = ("get_", "list_")
_FOR_S3 = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=20)


class ReadingAdapters(Adapters):
    """The adapters of requests that look."""

    def _client(self, service: str, *config: Config) -> Any:  # like the clients themselves
        made = super()._client(service, *config)
        return ReadingLambda(made, cast("S3Client", super()._client("s3", _FOR_S3))) if service == "lambda" else made


class ReadingLambda:
    """A ``lambda`` client without the calls that change something: they do not exist."""

    def __init__(self, client: Any, s3: S3Client) -> None:
        self._client = client
        self._s3 = s3

    def __getattr__(self, name: str) -> Any:
        if not name.startswith(_READS):
            raise AttributeError(f"the viewer only reads, and has no call {name}")
        return getattr(self._client, name)

    def update_function_code(self, *, DryRun: bool, FunctionName: str, **where: str) -> Mapping[str, object]:  # noqa: N803 - Lambda's own names
        """Returns the CodeSha256 that the object would have as a function's code."""
        _require(DryRun, "UpdateFunctionCode")
        self._client.get_function(FunctionName=FunctionName)  # absent, or denied, as for the controller
        return {"CodeSha256": self._sha256(where["S3Bucket"], where["S3Key"], where.get("S3ObjectVersion"))}

    def invoke(self, *, InvocationType: str, **function: str) -> Mapping[str, object]:  # noqa: N803 - likewise
        """Looks the function up."""
        _require(InvocationType == "DryRun", "Invoke")
        self._client.get_function_configuration(**function)
        return {"StatusCode": 204}

    def _sha256(self, bucket: str, key: str, version: str | None) -> str:
        digest, offset, pinned = hashlib.sha256(), 0, {"VersionId": version} if version else {}
        while True:
            members = {"Range": f"bytes={offset}-{offset + _PART - 1}", **pinned}
            answer, content = get(self._s3, bucket, key, _PART, **members)
            digest.update(content)
            offset += len(content)
            if not content or offset >= int(answer["ContentRange"].rpartition("/")[2]):
                return base64.b64encode(digest.digest()).decode()


def _require(is_dry: bool, call: str) -> None:  # noqa: FBT001 - the one thing that is asked
    if not is_dry:
        raise AttributeError(f"the viewer only reads, and has {call} as a dry run only")
