"""The meaning of Invoke's answers: the function's response or error, and Lambda's refusals that concern the version.

Rules of the file: a refusal's code decides, not its status, which is 502 for most refusals and 403 to 410 for others.
Refusals that may pass within minutes are Transient, and the call is repeated for a while; all others are Refused at
once.

Note: a function that raised is a successful call to Lambda. The answer says so in FunctionError.

Source: the errors of Invoke in botocore's model of Lambda, 1.43.106, and in the Lambda API reference, 2026-11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Protocol, cast

from controller.aws.errors import Rule
from controller.aws.lambda_.client import Answer, text
from controller.core.lifecycle.test_results import NOT_JSON, UNNAMED
from controller.core.model import Refused, Throttled, Transient

_KEY = "enable the KMS key of the function's environment, or name another in KMSKeyArn"
_MOUNT = "let the function reach its file system: check access point, mount targets, security groups and role"
_AGAIN = "and drop the artifact again"
_VPC = "name subnets and security groups that exist in function.VpcConfig"
_ROLE_IN_VPC = "allow the function's role what a VPC needs (AWSLambdaVPCAccessExecutionRole)"
_SNAPSHOT = "read the version's log for errors of its snapshot or of afterRestore"
_TEST = "correct the payload of the test"

INVOKE_RULES = (
    Rule("InvalidZipFileException", Refused, "build the zip anew and drop it"),
    Rule("InvalidRuntimeException", Refused, f"name a runtime that Lambda supports {_AGAIN}"),
    Rule("Invalid(SubnetID|SecurityGroupID)Exception", Refused, f"{_VPC}, {_AGAIN}"),
    Rule("KMS(Disabled|InvalidState|NotFound)Exception", Refused, f"{_KEY}, {_AGAIN}"),
    Rule("SnapStartException", Refused, f"{_SNAPSHOT}, {_AGAIN}"),
    Rule("CodeArtifactUser(Deleted|Failed)Exception", Refused, f"update the function's code {_AGAIN}"),
    Rule("(Serialized)?RequestEntityTooLargeException|RequestTooLargeException", Refused, f"{_TEST} {_AGAIN}"),
    Rule("(RecursiveInvocation|ModeNotSupported)Exception", Refused, f"correct the function {_AGAIN}"),
    Rule("KMSAccessDeniedException", Transient, "let the function's role decrypt with the key (kms:Decrypt)"),
    Rule("EC2AccessDeniedException", Transient, _ROLE_IN_VPC),
    Rule("EC2(Throttled|Unexpected)Exception|ENINotReadyException|ResourceNotReadyException", Transient),
    Rule("CodeArtifactUserPendingException", Transient),
    Rule("ENILimitReachedException", Transient, "raise the quota of network interfaces per VPC"),
    Rule("SubnetIPAddressLimitReachedException", Transient, "name subnets with free addresses in function.VpcConfig"),
    Rule("(EFS|S3Files)(Mount(Failure|Timeout|Connectivity)|IO)Exception", Transient, _MOUNT),
    Rule("SnapStart(NotReady|Timeout|RegenerationFailure)Exception", Transient, _SNAPSHOT),
    Rule("ServiceQuotaExceededException", Transient, "raise the quota that is named"),
    # Source: Lambda API reference, TooManyRequestsException, Reason, 2026-11.
    Rule("TooManyRequestsException", Throttled, "raise the reserved concurrency of the function", "ReservedFunction"),
    Rule("TooManyRequestsException", Throttled, "raise the account's concurrency", "ConcurrentInvocationLimit"),
)
_ERROR_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_.:$]{0,99}")
"""The part of a function's error that may be told: a class name. A function can put anything there."""


def answered(answer: Answer) -> tuple[object | None, str]:
    """Returns the function's response in Invoke's answer, and its error, empty without one."""
    return _read(text(answer, "FunctionError"), _bytes(answer))


class _Stream(Protocol):
    def read(self) -> bytes: ...


def _bytes(answer: Answer) -> bytes:
    return cast("_Stream", answer["Payload"]).read()


def _read(function_error: str, payload: bytes) -> tuple[object | None, str]:
    """Source: Lambda developer guide, function errors: FunctionError and {"errorType": ..., "errorMessage": ...},
    2026-11.
    """
    try:
        response: object = json.loads(payload, parse_constant=_not_json) if payload else None
    except (ValueError, RecursionError):
        return None, UNNAMED if function_error else NOT_JSON
    if not function_error:
        return response, ""
    named = text(response, "errorType") if isinstance(response, Mapping) else ""
    return response, named if _ERROR_TYPE.fullmatch(named) else UNNAMED


def _not_json(word: str) -> object:
    # Python's json writes and reads NaN; JSON has no such number.
    raise ValueError(f"{word} is not JSON")
