"""Translates AWS's refusals and network failures into Slipway's own exceptions; the only place that knows error codes.

Rules of the file:

- ``Transient``: may pass by itself. All unknown errors are transient, and every status of 500 and over unknown to the
  call's own rules; ``Throttled`` is every throttle, ``NotYet`` means AWS is at work on the function;
- ``Conflict``: somebody else wrote first; the loop looks again;
- ``Absent``: the requested thing does not exist. An adapter that expects this catches it. Elsewhere it is transient:
  something vanished between two calls, and the next look decides;
- ``Refused``: trying again cannot help.

Note: one code can mean several things. ResourceConflictException is "already exists" and "an update is in progress", so
the rules also match AWS's message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, ParamValidationError
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError

from controller.core.model import (
    Cause,
    Conflict,
    NotYet,
    Reason,
    Refused,
    SlipwayError,
    Throttled,
    Transient,
)

_MAX_QUOTE = 500
_THROTTLED, _SERVERS_FAULT = 429, 500
_THROTTLES = ("TooManyRequestsException", "ThrottlingException", "Throttling", "SlowDown")
# A value quoted by AWS or botocore may be an environment variable. Sources: botocore/validate.py, 1.43.106; Lambda's
# messages about a name with a dash and about more than 4 KB, in public reports, 2026-11.
_QUOTED_VALUE = re.compile(
    r"(?<=, value: ).+?(?=, (?:type|valid))|(?<=[Vv]alue ').+?(?=' at '[\w.]+' failed)|(?<=String measured: ).+",
    re.DOTALL,
)


class Absent(Transient):
    """The requested thing does not exist (any more)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The meaning of an error by its code, and by ``says`` in its message or Reason. The first matching rule decides.

    ``advice`` is for a person; empty for a transient error if only time helps.
    """

    code: str
    means: type[SlipwayError]
    advice: str = ""
    says: str = ""


@contextmanager
def translating(what: str, cause: Cause = Cause.PUBLISH_FAILED, rules: tuple[Rule, ...] = ()) -> Iterator[None]:
    """Raises the block's AWS errors as Transient, Conflict, Absent, or Refused for ``cause``.

    ``what`` names the request and its object: "UpdateAlias of checkout:live to version 7". ``rules`` are this call's
    own, matched before the common ones.
    """
    try:
        yield
    except ClientError as error:
        raise _translated(what, cause, error.response, rules) from _without_values(error)
    except ParamValidationError as error:
        advice = "correct this parameter where it comes from, most likely `function` of the manifest"
        raise Refused(Reason(cause, _sentence(what, str(error), advice))) from _without_values(error)
    except (BotoCoreError, ResponseParserError) as error:
        raise Transient(_sentence(what, str(error), _TRY_AGAIN), _sentence(what, str(error))) from error


def is_throttled(error: ClientError | BotoCoreError) -> bool:
    """Did AWS turn the call away as one too many? Then no part of the call was carried out."""
    if isinstance(error, BotoCoreError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status == _THROTTLED or error.response.get("Error", {}).get("Code", "") in _THROTTLES


def is_no_answer(error: ClientError | BotoCoreError) -> bool:
    """Did AWS or the network fail, rather than refuse? The call may have been carried out all the same."""
    if isinstance(error, ClientError):
        return bool(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVERS_FAULT)
    return isinstance(error, BotoConnectionError | HTTPClientError)


_LOOK_AGAIN = "it is read again and decided anew"
_TRY_AGAIN = "it is tried again"
_CORRECT = "correct the artifact or its manifest and drop it again"
# IAM names the refused action, and tells an explicit "Deny" from a missing "Allow". Source: IAM user guide,
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
_LET_LAMBDA_ASSUME_IT = "let lambda.amazonaws.com assume the role, in the role's trust policy"
_ALLOW_THE_ROLE = "allow it in the policies of the function's role"
_NAME_A_LAYER = (
    "name a layer version that exists and that this account, and the controller, may read"
    " (lambda:GetLayerVersion), and drop the artifact again; Lambda reports a deleted one in the same way"
)
_NAME_THE_ROLE = "if a function may have this role, name it in the stack's parameter AllowedRoles, and try again"
_NAME_THE_KEY = (
    "if a function may have this key, name it in the stack's parameter FunctionKeys, let the key's policy allow it to"
    " the role of the stack's output ControllerRoleArn, and try again"
)
_RULES = (
    # IAM is eventually consistent: a role made seconds ago cannot be assumed, and its policies do not count, for some
    # seconds, at times for minutes. Source: CreateFunction in public reports; IAM user guide, troubleshooting,
    # "changes that I make are not always immediately visible", 2026-11.
    Rule("InvalidParameterValueException", Transient, _LET_LAMBDA_ASSUME_IT, "cannot be assumed by Lambda"),
    Rule("InvalidParameterValueException", Transient, _ALLOW_THE_ROLE, "role does not have permissions to call"),
    Rule("InvalidParameterValueException", Transient, says="CreateGrant.*not refer to a valid principal"),
    Rule(
        "InvalidParameterValueException",
        Transient,
        says="S3 Error Code: (InternalError|SlowDown|ServiceUnavailable|RequestTimeout)",
    ),
    # A missing layer is reported with any of three codes. Source: public reports of 400, 403 and 404, 2026-11.
    Rule("InvalidParameterValueException|ResourceNotFoundException", Refused, _NAME_A_LAYER, "Layer ?[Vv]ersion"),
    # Source: Lambda developer guide, function states; Lambda's messages about a function that is Pending or being
    # updated, in public reports, 2026-11.
    Rule("ResourceConflictException", NotYet, says="in progress|following state: Pending"),
    # Source: PublishVersion with another CodeSha256, recorded against AWS in LocalStack's snapshots, 2026-11.
    Rule("InvalidParameterValueException", Conflict, _LOOK_AGAIN, "CodeSHA256 .* is different from current"),
    # CreateFunction says "already exist", CreateAlias "already exists"; DeleteFunction of a version that an
    # alias uses says "the following aliases reference it". Source: LocalStack's snapshots and
    # go-lambda-cleanup #45, 2026-11.
    Rule("ResourceConflictException", Conflict, _LOOK_AGAIN, "already exist|aliases reference it"),
    # Source: Lambda API reference UpdateAlias; DynamoDB API reference TransactWriteItems; S3 conditional
    # writes, 2026-11.
    Rule("PreconditionFailed(Exception)?|ConditionalCheckFailedException", Conflict, _LOOK_AGAIN),
    # botocore does not repeat a single write that crosses a transaction. Source: DynamoDB developer guide,
    # transaction conflict handling, 2026-11.
    Rule("TransactionConflictException", Conflict, _LOOK_AGAIN),
    Rule("TransactionCanceledException", Conflict, _LOOK_AGAIN, "ConditionalCheckFailed"),
    Rule(
        "ResourceNotFound(Exception)?|ProvisionedConcurrencyConfigNotFoundException|NoSuch(Key|Version|Bucket)|NotFound|404",
        Absent,
        "create it, or name another",
    ),
    Rule("AccessDenied.*", Refused, _CREATE_IT, "perform: lambda:CreateFunction.* explicit deny"),
    Rule("AccessDenied.*", Refused, _FORBIDDEN, "explicit deny"),
    Rule("AccessDenied.*", Refused, _NAME_A_LAYER, "perform: lambda:GetLayerVersion"),
    Rule("AccessDenied.*", Refused, _COVER_THE_FUNCTION, "perform: lambda:(?!GetAccountSettings)"),
    Rule("AccessDenied.*", Refused, _NAME_THE_ROLE, "perform: iam:PassRole"),
    Rule("AccessDenied.*", Refused, _NAME_THE_KEY, "perform: kms:(CreateGrant|Encrypt)"),
    Rule(
        "AccessDenied.*|AuthorizationError(Exception)?|403",
        Refused,
        "allow it in the controller's policy, and try again",
    ),
    Rule("CodeStorageExceededException", Refused, "delete old versions, or raise the quota, and drop it again"),
    Rule("AliasLimitExceededException", Refused, "delete aliases that nobody calls, and drop the artifact again"),
    # KMS's refusals of the key for checking signatures. Source: AWS KMS API reference, Verify, 2026-11.
    Rule(
        "(Disabled|InvalidKeyUsage|KMSInvalidState|NotFound)Exception",
        Refused,
        "make it a key for signing that is enabled, or name another in the stack's parameter SigningKeyArn",
    ),
    # A weight over 1 gives ValidationException, which is missing in Lambda's model. Source: LocalStack's snapshots,
    # 2026-11.
    Rule("Validation(Exception|Error)", Refused, _CORRECT),
    Rule("InvalidParameter(Value|Combination)?(Exception)?|MissingParameter", Refused, _CORRECT),
    Rule("InvalidRequestContentException", Refused, _CORRECT),
    Rule("(Serialized)?RequestEntityTooLargeException|RequestTooLargeException", Refused, _CORRECT),
    Rule("UnsupportedMediaTypeException", Refused, _CORRECT),
    Rule(
        "(CodeVerificationFailed|InvalidCodeSignature|CodeSigningConfigNotFound)Exception",
        Refused,
        "sign the artifact as the function's code signing configuration wants it, and drop it again",
    ),
)
_UNKNOWN = Rule("", Transient)
_A_THROTTLE = Rule("", Throttled)


def _translated(
    what: str, cause: Cause, answer: Mapping[str, Mapping[str, object]], rules: tuple[Rule, ...]
) -> SlipwayError:
    error = answer.get("Error", {})
    code, message, why = str(error.get("Code", "")), str(error.get("Message", "")), answer.get("Reason")
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    rule = _first(rules, code, f"{message} {why or ''}") or _common(code, message, status)
    quote = f"{message} ({code}: {why})" if why else f"{message} ({code})"
    if rule.means is Refused:
        return Refused(Reason(cause, _sentence(what, quote, rule.advice)))
    if issubclass(rule.means, Transient) and not issubclass(rule.means, Conflict):
        return rule.means(_sentence(what, quote, _TRY_AGAIN), _sentence(what, quote), rule.advice)
    return rule.means(_sentence(what, quote, rule.advice))


def _common(code: str, message: str, status: object) -> Rule:
    if status == _THROTTLED or code in _THROTTLES:
        return _A_THROTTLE
    if isinstance(status, int) and status >= _SERVERS_FAULT:
        return _UNKNOWN
    return _first(_RULES, code, message) or _UNKNOWN


def _first(rules: tuple[Rule, ...], code: str, said: str) -> Rule | None:
    return next((rule for rule in rules if re.fullmatch(rule.code, code) and re.search(rule.says, said)), None)


def _without_values(error: Exception) -> Exception | None:
    """Returns the error as a cause for the log; None if it quotes a value."""
    return None if _QUOTED_VALUE.search(str(error)) else error


def _sentence(what: str, said: str, advice: str = "") -> str:
    quote = " ".join(_QUOTED_VALUE.sub("...", said).split())
    return f"{what} failed: {quote[:_MAX_QUOTE]}" + (f"; {advice}" if advice else "")
