"""Says in words why AWS could not be asked, and what to do: no traceback, and nothing of botocore's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)

_LOG_IN = "run `aws sso login` or `aws configure`, or name a profile with --profile"
_KINDS: tuple[tuple[tuple[type[BotoCoreError], ...], str], ...] = (
    ((NoCredentialsError, PartialCredentialsError), f"there are no AWS credentials: {_LOG_IN}"),
    ((NoRegionError,), "there is no AWS Region: give --region, or set AWS_REGION"),
    ((SSOError, TokenRetrievalError, CredentialRetrievalError), f"the AWS credentials could not be had: {_LOG_IN}"),
    ((ProfileNotFound,), "--profile and AWS_PROFILE name profiles of ~/.aws/config"),
    ((HTTPClientError, NoConnection), "AWS cannot be reached: look at the network, --region and AWS_ENDPOINT_URL"),
)
_CODES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("ExpiredToken", "ExpiredTokenException", "RequestExpired"), f"the AWS credentials have expired: {_LOG_IN}"),
    (
        ("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException"),
        f"AWS does not know these credentials: {_LOG_IN}",
    ),
    (("NoSuchBucket",), "there is no such bucket: look at --bucket and SLIPWAY_BUCKET"),
)
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


class CouldNotAsk(Exception):
    """Nobody answered; the text says why, and what to do."""


def code(problem: ClientError) -> str:
    """Returns AWS's word for a refusal."""
    return str(problem.response.get("Error", {}).get("Code", ""))


def is_denied(problem: ClientError) -> bool:
    return code(problem) in _DENIED


@contextmanager
def in_words() -> Iterator[None]:
    """Turns what botocore raises within into CouldNotAsk."""
    try:
        yield
    except BotoCoreError as problem:
        hint = next((text for kinds, text in _KINDS if isinstance(problem, kinds)), "AWS could not be asked")
        raise CouldNotAsk(f"{hint} ({problem})") from problem
    except ClientError as problem:
        hint = next((text for codes, text in _CODES if code(problem) in codes), "")
        said = str(problem.response.get("Error", {}).get("Message") or problem)
        raise CouldNotAsk(f"{hint} ({said})" if hint else f"{problem.operation_name}: {said}") from problem
