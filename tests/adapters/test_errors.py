"""What AWS answers, and what Slipway makes of it."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from controller.aws.errors import Absent, translating
from controller.core.model import Cause, Conflict, NotYet, Refused, Throttled, Transient


def refuse(code: str, message: str = "no", status: int = 400) -> ClientError:
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "UpdateAlias")


def translated(error: Exception) -> Exception:
    with pytest.raises(Exception) as caught, translating("UpdateAlias of checkout:live to version 7", Cause.PREFLIGHT):  # noqa: PT011
        raise error
    return caught.value


IN_PROGRESS = "The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda"
PENDING = "The operation cannot be performed at this time. The function is currently in the following state: Pending"
NOT_ASSUMED = "The role defined for the function cannot be assumed by Lambda."
NOT_PERMITTED = "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"
GET_OBJECT = "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: no"


@pytest.mark.parametrize(
    "error",
    [
        refuse("ServiceException", status=500),
        refuse("InvalidRuntimeException", status=502),
        refuse("ValidationException", status=503),
        refuse("SomethingNew"),
        refuse("InvalidParameterValueException", NOT_ASSUMED),
        refuse("InvalidParameterValueException", NOT_PERMITTED),
        refuse("InvalidParameterValueException", GET_OBJECT.format("SlowDown")),
        refuse("TransactionCanceledException", "[TransactionConflict, None]"),
        EndpointConnectionError(endpoint_url="https://lambda"),
        ConnectTimeoutError(endpoint_url="https://lambda"),
        ReadTimeoutError(endpoint_url="https://lambda"),
        ResponseParserError("half an answer"),
    ],
)
def test_what_may_pass_is_transient(error: Exception) -> None:
    assert type(translated(error)) is Transient


@pytest.mark.parametrize(
    "error",
    [
        refuse("TooManyRequestsException", status=429),
        refuse("SomethingNew", status=429),
        refuse("ThrottlingException"),
        refuse("Throttling"),
        refuse("SlowDown", status=503),
    ],
)
def test_a_throttle_is_one_whatever_it_is_called(error: Exception) -> None:
    assert type(translated(error)) is Throttled


@pytest.mark.parametrize("said", [IN_PROGRESS, PENDING])
def test_aws_at_work_is_no_failure(said: str) -> None:
    assert type(translated(refuse("ResourceConflictException", said, 409))) is NotYet


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        (NOT_ASSUMED, "let lambda.amazonaws.com assume the role"),
        (NOT_PERMITTED, "in the policies of the function's role"),
    ],
)
def test_what_may_pass_is_told_with_what_a_person_can_do_where_it_does_not(said: str, advice: str) -> None:
    found = translated(refuse("InvalidParameterValueException", said))
    assert isinstance(found, Transient)
    assert found.said == f"UpdateAlias of checkout:live to version 7 failed: {said} (InvalidParameterValueException)"
    assert advice in found.advice
    assert str(found) == f"{found.said}; it is tried again"


LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:tools:5"


@pytest.mark.parametrize(
    "error",
    [
        refuse("InvalidParameterValueException", f"Layer version {LAYER} does not exist."),
        refuse("ResourceNotFoundException", f"Layer version {LAYER} does not exist.", 404),
        refuse("ResourceNotFoundException", f"LayerVersion not found: {LAYER}", 404),
        refuse(
            "AccessDeniedException",
            f"User: x is not authorized to perform: lambda:GetLayerVersion on resource: {LAYER} because no"
            " resource-based policy allows the lambda:GetLayerVersion action",
            403,
        ),
    ],
)
def test_a_layer_that_is_gone_is_told_as_that_whichever_code_it_has(error: Exception) -> None:
    found = translated(error)
    assert isinstance(found, Refused)
    assert LAYER in str(found)
    assert "name a layer version that exists" in str(found)


@pytest.mark.parametrize(
    "error",
    [
        refuse("PreconditionFailedException", "The Revision Id provided does not match", 412),
        refuse("PreconditionFailed", status=412),
        refuse("ResourceConflictException", "Alias already exists: arn:aws:lambda", 409),
        refuse("ResourceConflictException", "Function already exist: checkout", 409),
        refuse("ResourceConflictException", "the following aliases reference it: [live]", 409),
        refuse("ConditionalCheckFailedException", "The conditional request failed"),
        refuse("TransactionCanceledException", "specific reasons [ConditionalCheckFailed, None]"),
        refuse("InvalidParameterValueException", "CodeSHA256 (a) is different from current CodeSHA256 in $LATEST (b)."),
    ],
)
def test_that_somebody_else_was_first_is_a_conflict(error: Exception) -> None:
    assert type(translated(error)) is Conflict


@pytest.mark.parametrize(
    "error",
    [
        refuse("ResourceNotFoundException", status=404),
        refuse("ProvisionedConcurrencyConfigNotFoundException", status=404),
        refuse("NoSuchKey", status=404),
        refuse("404", status=404),
    ],
)
def test_what_does_not_exist_is_absent(error: Exception) -> None:
    assert type(translated(error)) is Absent


@pytest.mark.parametrize(
    "error",
    [
        refuse("InvalidParameterValueException", "Specified versions must be associated with the same execution role"),
        refuse("InvalidParameterValueException", GET_OBJECT.format("NoSuchKey")),
        refuse("ValidationException"),
        refuse("AccessDeniedException", status=403),
        refuse("AccessDenied", status=403),
        refuse("CodeStorageExceededException"),
        refuse("RequestTooLargeException", status=413),
        refuse("CodeVerificationFailedException"),
        ParamValidationError(report="Invalid type for parameter EphemeralStorage.Size"),
    ],
)
def test_what_cannot_go_better_is_refused_for_the_given_cause(error: Exception) -> None:
    found = translated(error)
    assert isinstance(found, Refused)
    assert found.reason.cause is Cause.PREFLIGHT


def test_the_text_says_what_was_asked_what_aws_said_and_what_to_do() -> None:
    found = translated(refuse("AccessDeniedException", "User is not authorized to perform: kms:Decrypt", 403))
    assert str(found) == (
        "UpdateAlias of checkout:live to version 7 failed: User is not authorized to perform: kms:Decrypt"
        " (AccessDeniedException); allow it in the controller's policy, and try again"
    )


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("lambda:UpdateAlias because no identity-based policy allows it", "parameter FunctionPrefix"),
        ("iam:PassRole because no identity-based policy allows it", "parameter AllowedRoles"),
        ("lambda:GetLayerVersion because no resource-based policy allows it", "a layer version that exists"),
        ("lambda:UpdateFunctionConfiguration with an explicit deny in an identity-based policy", "leave it out"),
        (
            "lambda:CreateFunction on resource: r with an explicit deny in a service control policy",
            "create the function yourself, with the tags",
        ),
    ],
)
def test_what_is_denied_is_told_with_what_would_allow_it(said: str, advice: str) -> None:
    found = translated(refuse("AccessDeniedException", f"User: x is not authorized to perform: {said}", 403))
    assert isinstance(found, Refused)
    assert advice in str(found).partition("(AccessDeniedException); ")[2]


def test_a_long_message_is_cut() -> None:
    assert len(str(translated(refuse("ValidationException", "x" * 10_000)))) < 700


def test_our_own_exceptions_pass() -> None:
    error = Transient("ours")
    assert translated(error) is error
