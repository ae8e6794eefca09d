"""The meaning of Lambda's refusals of Invoke that concern the invoked version.

Rules of the file: the code decides, not the status, which is 502 for most refusals and 403 to 410 for others. Refusals
that may pass within minutes are Transient, and the call is repeated for a while; all others are Refused at once.

Source: the errors of Invoke in botocore's model of Lambda, 1.43.106, and in the Lambda API reference, 2026-11.
"""

from __future__ import annotations

from controller.aws.errors import Rule
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
