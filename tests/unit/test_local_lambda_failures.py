"""A failed run has Lambda's name and text; absent code has S3's."""

from __future__ import annotations

import pytest

from local.gaps.lambda_failures import exited, raised, timed_out, without_code
from local.gaps.lambda_source import absent, has_source, identity


def test_an_exception_is_told_with_its_frames_and_the_request() -> None:
    failure = raised({"error_type": "KeyError", "message": "'x'", "stack_trace": ["  File ..."]})
    assert failure.document("e4b46cbf") == {
        "errorMessage": "'x'",
        "errorType": "KeyError",
        "requestId": "e4b46cbf",
        "stackTrace": ["  File ..."],
    }


def test_a_time_out_has_no_frames() -> None:
    assert timed_out("e4b46cbf", 3).document("e4b46cbf") == {
        "errorMessage": "RequestId: e4b46cbf Error: Task timed out after 3.00 seconds",
        "errorType": "Sandbox.Timedout",
    }


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (0, "Runtime exited without providing a reason"),
        (3, "Runtime exited with error: exit status 3"),
        (-9, "Runtime exited with error: signal: killed"),
    ],
)
def test_an_exit_says_how(status: int, why: str) -> None:
    failure = exited("e4b46cbf", status)
    assert (failure.error_type, failure.message) == ("Runtime.ExitError", f"RequestId: e4b46cbf Error: {why}")


def test_a_function_without_code_cannot_import_its_handler() -> None:
    assert without_code("app.handler").message == "Unable to import module 'app': No module named 'app'"


@pytest.mark.parametrize(
    ("bucket", "key", "code"),
    [(False, False, "NoSuchBucket"), (True, False, "NoSuchKey"), (True, True, "NoSuchVersion")],
)
def test_absent_code_is_named(*, bucket: bool, key: bool, code: str) -> None:
    assert f"S3 Error Code: {code}." in absent(bucket, key).refusal.message


@pytest.mark.parametrize(
    ("request_body", "named"),
    [
        ({"ZipFile": "UEs="}, True),
        ({"S3Bucket": "drop", "S3Key": "x.zip"}, True),
        ({"ImageUri": "x"}, True),
        ({"S3Bucket": "drop"}, False),
        ({"DryRun": True}, False),
    ],
)
def test_a_request_names_a_package_or_not(request_body: dict[str, object], *, named: bool) -> None:
    assert has_source(request_body) is named


def test_a_packages_identity_is_its_hash_and_size() -> None:
    assert identity(b"") == {"CodeSha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "CodeSize": 0}
