"""An account with a stack of Slipway in memory, as the client sees it: its functions, its bucket, and who is asking.

The controller is the real one over the AWS in memory: an invocation of ``slipway-controller`` is a request that the
story hears. What Lambda, S3, CloudFormation and STS say of themselves is said here, by their rules.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from cli.asking.connection import Slipway
from cli.main import main
from tests.cloud.steps import BUCKET
from tests.cloud.story import Story

CALLER = "arn:aws:sts::123456789012:assumed-role/Developers/alice"


@dataclass
class Account:
    """``denied`` and ``broken`` are functions, as slipway-controller:live; ``viewer`` is whether there is one."""

    story: Story = field(default_factory=Story)
    stack: str = "slipway"
    viewer: bool = True
    denied: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    may_read_outputs: bool = True
    may_tell_caller: bool = True
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    uploads: list[dict[str, Any]] = field(default_factory=list)
    pauses: Iterator[Callable[[], object]] = field(default_factory=lambda: iter(()))
    """What happens while the client waits between two looks; after these a minute passes each time."""

    def run(self, *arguments: str, **environment: str) -> int:
        """Returns the exit status of ``slipway`` with these arguments and this environment."""
        connect, pause = partial(Slipway, client=self.client), lambda _: next(self.pauses, self.story.minute)()
        return main(arguments, connect, environment, pause)

    def client(self, service: str, **_: object) -> Any:
        return {
            "lambda": SimpleNamespace(invoke=self._invoke, meta=SimpleNamespace(region_name="us-east-1")),
            "s3": SimpleNamespace(put_object=self._put_object),
            "sts": SimpleNamespace(get_caller_identity=self._get_caller_identity),
            "cloudformation": SimpleNamespace(describe_stacks=self._describe_stacks),
        }[service]

    def _invoke(self, *, FunctionName: str, Payload: bytes, Qualifier: str = "") -> dict[str, Any]:  # noqa: N803
        name = f"{FunctionName}:{Qualifier}" if Qualifier else FunctionName
        known = {f"{self.stack}-controller:live", f"{self.stack}-controller:previous"}
        if self.viewer:
            known.add(f"{self.stack}-viewer")
        if name in self.denied:
            raise refusal("AccessDeniedException", f"not authorized to invoke {name}", "Invoke")
        if name not in known:
            raise refusal("ResourceNotFoundException", f"Function not found: {name}", "Invoke")
        payload = json.loads(Payload)
        self.asked.append((name, payload))
        if name in self.broken:
            return {"FunctionError": "Unhandled", "Payload": body({"errorMessage": "No module named 'controller'"})}
        before = len(self.story.answers)
        assert self.story.hears(payload), self.story.failures
        return {"Payload": body(self.story.answers[before])}

    def _put_object(self, **asked: Any) -> dict[str, Any]:
        content = asked["Body"].read()
        assert base64.b64decode(asked["ChecksumSHA256"]) == hashlib.sha256(content).digest()
        self.uploads.append(asked)
        event = self.story.cloud.storage.put(asked["Bucket"], asked["Key"], content, **asked["Metadata"])
        return {"VersionId": event["detail"]["object"]["version-id"]}

    def _get_caller_identity(self) -> dict[str, Any]:
        if not self.may_tell_caller:
            raise refusal("ExpiredToken", "The security token included in the request is expired", "GetCallerIdentity")
        return {"Arn": CALLER}

    def _describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        if not self.may_read_outputs:
            raise refusal("AccessDenied", "not authorized to perform: cloudformation:DescribeStacks", "DescribeStacks")
        if StackName != self.stack:
            raise refusal("ValidationError", f"Stack with id {StackName} does not exist", "DescribeStacks")
        return {"Stacks": [{"Outputs": [{"OutputKey": "BucketName", "OutputValue": BUCKET}]}]}


def refusal(code: str, message: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def body(answer: object) -> io.BytesIO:
    return io.BytesIO(json.dumps(answer).encode())
