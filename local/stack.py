"""Deploys the real ``template.yaml`` to the embedded AWS, through its CloudFormation, and says why it fails.

Rules of the file:
- nothing is fixed up that the template does not say: no permission, no setting, no second call to another
  service;
- the server expands the SAM transform, with the same ``aws-sam-translator`` that AWS publishes.

Note: a stack that completes here can still miss something in AWS. MiniStack ignores a function's
``ReservedConcurrentExecutions`` and a table's ``SSESpecification`` without a word, and delivers events to a function
that has no permission for them. ``tests/contract`` checks the template for these.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.polling import eventually
from local.server import ACCOUNT, EmbeddedAws
from local.template import packaged

PACKAGES_BUCKET = "slipway-packages"
WITHIN_SECONDS = 60.0
FAST = {"LambdaCallsPerSecond": "15", "ControllerShippers": f"arn:aws:iam::{ACCOUNT}:root"}
"""For a stack of this machine: its minutes are seconds, and the budget's seconds stay as long as they are; whoever
talks to it is the account itself, and drops new controllers, too.
"""


class StackFailed(RuntimeError):
    """CloudFormation gave up; the message holds the reasons of the resources that failed."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack. ``outputs`` are all of the template's outputs by name."""

    name: str
    bucket: str
    controller: str
    viewer: str
    table: str
    outputs: Mapping[str, str]


def deploy(
    aws: EmbeddedAws, template: Path, package: Path, parameters: Mapping[str, str], name: str = "slipway"
) -> Stack:
    """Creates the stack, or updates it where it exists, with the controller's zip ``package``; waits for it.

    Repeating it with the same template, zip and parameters changes nothing. Raises StackFailed,
    NothingToPackage.
    """
    key = _upload(aws.client("s3"), package)
    cloudformation = aws.client("cloudformation")
    request = {
        "StackName": name,
        "TemplateBody": packaged(template.read_text(), PACKAGES_BUCKET, key),
        "Parameters": [{"ParameterKey": one, "ParameterValue": value} for one, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    if _status(cloudformation, name) is None:
        cloudformation.create_stack(**request)
        _wait(cloudformation, name, "CREATE_COMPLETE")
    elif _update(cloudformation, request):
        _wait(cloudformation, name, "UPDATE_COMPLETE")
    stack = _stack(cloudformation, name)
    # CloudFormation is done only when Lambda is; MiniStack does not wait for it.
    for function in (stack.controller, stack.viewer):
        eventually(partial(_is_active, aws.client("lambda"), function), WITHIN_SECONDS)
    return stack


def _upload(s3: Any, package: Path) -> str:
    content = package.read_bytes()
    key = f"{hashlib.sha256(content).hexdigest()}.zip"
    s3.create_bucket(Bucket=PACKAGES_BUCKET)
    s3.put_object(Bucket=PACKAGES_BUCKET, Key=key, Body=content)
    return key


def _status(cloudformation: Any, name: str) -> str | None:
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as refusal:
        if "does not exist" in str(refusal):
            return None
        raise
    return str(stack["StackStatus"])


def _update(cloudformation: Any, request: Mapping[str, Any]) -> bool:
    try:
        cloudformation.update_stack(**request)
    except ClientError as refusal:
        if "No updates are to be performed" in str(refusal):
            return False
        raise
    return True


def _wait(cloudformation: Any, name: str, wanted: str) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while (status := _status(cloudformation, name)) != wanted:
        if time.monotonic() > deadline or status is None or not status.endswith("_IN_PROGRESS"):
            raise StackFailed(f"stack {name} is {status}, not {wanted}: {_reasons(cloudformation, name)}")
        time.sleep(0.05)


def _reasons(cloudformation: Any, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failures = [
        f"{event['LogicalResourceId']} ({event['ResourceType']}): {event['ResourceStatusReason']}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason")
    ]
    return "; ".join(failures) or "no resource gave a reason"


def _stack(cloudformation: Any, name: str) -> Stack:
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
    functions = outputs["ControllerName"], outputs["ViewerName"]
    return Stack(name, outputs["BucketName"], *functions, outputs["TableName"], outputs)


def _is_active(functions: Any, name: str) -> bool:
    """Asks for each version by itself: the list of them has no states."""
    listed = functions.list_versions_by_function(FunctionName=name)["Versions"]
    numbers = [version["Version"] for version in listed]
    versions = [functions.get_function_configuration(FunctionName=name, Qualifier=number) for number in numbers]
    return {(one["State"], one.get("LastUpdateStatus", "Successful")) for one in versions} == {("Active", "Successful")}
