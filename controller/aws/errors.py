"""Turns what AWS refuses, and what the network loses, into Slipway's own exceptions; the only place that knows error
codes.

Rules of the file:
- ``Transient``: may pass by itself. Everything unknown, every throttle and every status of 500 and over is that;
- ``Conflict``: somebody else wrote first; the loop looks again;
- ``Absent``: what was asked for does not exist. An adapter that expects it catches it; where nobody does, it is
  transient: something vanished between two calls, and the next look decides;
- ``Refused``: trying again cannot help.

What a newcomer would get wrong: one code can mean several things. ResourceConflictException is "already exists" and "an
update is in progress", so the table also reads what AWS said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.parsers import ResponseParserError

from controller.core.model import Cause, Conflict, Reason, Refused, SlipwayError, Transient

_LONGEST_QUOTE = 500
_THROTTLED, _SERVERS_FAULT = 429, 500
_THROTTLES = ("TooManyRequestsException", "ThrottlingException", "Throttling")
# What AWS and botocore quote may be an environment variable. Sources: botocore/validate.py, 1.43.106; what Lambda says
# of a name with a dash and of more than 4 KB, in public reports, 2026-11.
_QUOTED_VALUE = re.compile(
    r"(?<=, value: ).+?(?=, (?:type|valid))|(?<=[Vv]alue ').+?(?=' at '[\w.]+' failed)|(?<=String measured: ).+",
    re.DOTALL,
)


class Absent(Transient):
    """What was asked for does not exist (any more)."""


@contextmanager
def translating(what: str, cause: Cause = Cause.PUBLISH_FAILED) -> Iterator[None]:
    """Raises what went wrong with the AWS calls of the block as Transient, Conflict, Absent, or Refused for ``cause``.

    ``what`` says what was asked, and of what: "UpdateAlias of checkout:live to version 7".
    """
    try:
        yield
    except ClientError as error:
        raise _translated(what, cause, error.response) from _without_values(error)
    except ParamValidationError as error:
        advice = "correct this parameter where it comes from, most likely `function` of the manifest"
        raise Refused(Reason(cause, _sentence(what, str(error), advice))) from _without_values(error)
    except (BotoCoreError, ResponseParserError) as error:
        raise Transient(_sentence(what, str(error), "it is tried again")) from error


def is_throttled(error: ClientError) -> bool:
    """Did AWS turn the call away because there are too many? Then nothing of it was carried out."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status == _THROTTLED or error.response.get("Error", {}).get("Code", "") in _THROTTLES


@dataclass(frozen=True, slots=True)
class _Rule:
    """What an error means whose code and message match. The first rule that matches decides."""

    code: str
    means: type[SlipwayError]
    advice: str
    says: str = ""


_LOOK_AGAIN = "it is read again and decided anew"
_TRY_AGAIN = "it is tried again"
_CORRECT = "correct the artifact or its manifest and drop it again"
# IAM says which action it refused, and whether that is a "Deny" or nothing that allows it. Source: IAM user guide,
# troubleshooting access denied error messages, 2026-11.
_FORBIDDEN = "a policy forbids this on purpose: leave it out of the artifact or its manifest, or change that policy"
_CREATE_IT = (
    "a policy forbids this on purpose: create the function yourself, with the tags and settings that the policy asks"
    " for, and drop the artifact again, or change that policy"
)
_COVER_THE_FUNCTION = (
    "if Slipway is to touch this function, its name must begin with the stack's parameter FunctionPrefix, or the"
    " controller's policy allow it otherwise; then try again"
)
_NAME_THE_ROLE = "if a function may have this role, name it in the stack's parameter AllowedRoles, and try again"
_NAME_THE_KEY = (
    "if a function may have this key, name it in the stack's parameter FunctionKeys, let the key's policy allow it to"
    " the role of the stack's output ControllerRoleArn, and try again"
)
_RULES = (
    # IAM is eventually consistent: a role made seconds ago. Source: CreateFunction in public reports, 2026-11.
    _Rule("InvalidParameterValueException", Transient, _TRY_AGAIN, "cannot be assumed by Lambda"),
    _Rule("InvalidParameterValueException", Transient, _TRY_AGAIN, "CreateGrant.*not refer to a valid principal"),
    _Rule(
        "InvalidParameterValueException",
        Transient,
        _TRY_AGAIN,
        "S3 Error Code: (InternalError|SlowDown|ServiceUnavailable|RequestTimeout)",
    ),
    # Source: PublishVersion with another CodeSha256, recorded against AWS in LocalStack's snapshots, 2026-11.
    _Rule("InvalidParameterValueException", Conflict, _LOOK_AGAIN, "CodeSHA256 .* is different from current"),
    # CreateFunction says "already exist", CreateAlias "already exists"; DeleteFunction of a version that an
    # alias uses says "the following aliases reference it". Source: LocalStack's snapshots and
    # go-lambda-cleanup #45, 2026-11.
    _Rule("ResourceConflictException", Conflict, _LOOK_AGAIN, "already exist|aliases reference it"),
    # Source: Lambda API reference UpdateAlias; DynamoDB API reference TransactWriteItems; S3 conditional
    # writes, 2026-11.
    _Rule("PreconditionFailed(Exception)?|ConditionalCheckFailedException", Conflict, _LOOK_AGAIN),
    # A single write that crosses a transaction is not tried again by botocore. Source: DynamoDB developer guide,
    # transaction conflict handling, 2026-11.
    _Rule("TransactionConflictException", Conflict, _LOOK_AGAIN),
    _Rule("TransactionCanceledException", Conflict, _LOOK_AGAIN, "ConditionalCheckFailed"),
    _Rule(
        "ResourceNotFound(Exception)?|ProvisionedConcurrencyConfigNotFoundException|NoSuch(Key|Version|Bucket)|NotFound|404",
        Absent,
        "it does not exist, or not any more",
    ),
    _Rule("AccessDenied.*", Refused, _CREATE_IT, "perform: lambda:CreateFunction.* explicit deny"),
    _Rule("AccessDenied.*", Refused, _FORBIDDEN, "explicit deny"),
    _Rule("AccessDenied.*", Refused, _COVER_THE_FUNCTION, "perform: lambda:(?!GetLayerVersion|GetAccountSettings)"),
    _Rule("AccessDenied.*", Refused, _NAME_THE_ROLE, "perform: iam:PassRole"),
    _Rule("AccessDenied.*", Refused, _NAME_THE_KEY, "perform: kms:(CreateGrant|Encrypt)"),
    _Rule(
        "AccessDenied.*|AuthorizationError(Exception)?|403",
        Refused,
        "allow it in the controller's policy, and try again",
    ),
    _Rule("CodeStorageExceededException", Refused, "delete old versions, or raise the quota, and drop it again"),
    _Rule("AliasLimitExceededException", Refused, "delete aliases that nobody calls, and drop the artifact again"),
    # What KMS says of a key that signatures are to be checked with. Source: AWS KMS API reference, Verify, 2026-11.
    _Rule(
        "(Disabled|InvalidKeyUsage|KMSInvalidState|NotFound)Exception",
        Refused,
        "make it a key for signing that is enabled, or name another in the stack's parameter SigningKeyArn",
    ),
    # ValidationException is not in Lambda's model but is what a weight over 1 gives. Source: LocalStack's
    # snapshots, 2026-11.
    _Rule("Validation(Exception|Error)", Refused, _CORRECT),
    _Rule("InvalidParameter(Value|Combination)?(Exception)?|MissingParameter", Refused, _CORRECT),
    _Rule("Invalid(ZipFile|Runtime|SubnetID|SecurityGroupID|RequestContent)Exception", Refused, _CORRECT),
    _Rule("(Serialized)?RequestEntityTooLargeException|RequestTooLargeException", Refused, _CORRECT),
    _Rule("UnsupportedMediaTypeException", Refused, _CORRECT),
    _Rule(
        "(CodeVerificationFailed|InvalidCodeSignature|CodeSigningConfigNotFound)Exception",
        Refused,
        "sign the artifact as the function's code signing configuration wants it, and drop it again",
    ),
)
_UNKNOWN = _Rule("", Transient, _TRY_AGAIN)


def _translated(what: str, cause: Cause, answer: Mapping[str, Mapping[str, object]]) -> SlipwayError:
    error = answer.get("Error", {})
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    rule = _rule(code, message, answer.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    text = _sentence(what, f"{message} ({code})", rule.advice)
    return Refused(Reason(cause, text)) if rule.means is Refused else rule.means(text)


def _rule(code: str, message: str, status: object) -> _Rule:
    if isinstance(status, int) and (status == _THROTTLED or status >= _SERVERS_FAULT):
        return _UNKNOWN
    matches = (rule for rule in _RULES if re.fullmatch(rule.code, code) and re.search(rule.says, message))
    return next(matches, _UNKNOWN)


def _without_values(error: Exception) -> Exception | None:
    """Returns the error, to be shown as the cause in the log; None where it quotes a value."""
    return None if _QUOTED_VALUE.search(str(error)) else error


def _sentence(what: str, said: str, advice: str) -> str:
    quote = " ".join(_QUOTED_VALUE.sub("...", said).split())
    return f"{what} failed: {quote[:_LONGEST_QUOTE]}; {advice}"
