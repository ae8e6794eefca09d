"""A destination gets a record around the event, a dead-letter queue the attributes of what went wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from local.gaps.lambda_envelopes import Ending, dead_letter_attributes, record
from local.gaps.lambda_references import Reference
from local.gaps.lambda_retries import Condition

NOW = datetime(2026, 11, 23, 10, 20, 48, 554_321, tzinfo=UTC)
FAILED = Ending(
    request_id="e4b46cbf",
    addressed=Reference("123456789012", "us-east-1", "checkout", "live"),
    version="7",
    condition=Condition.RETRIES_EXHAUSTED,
    attempts=3,
    event={"order": 1},
    answer={"errorMessage": "no such order", "errorType": "KeyError"},
    function_error="Unhandled",
)


def test_a_failure_is_recorded_as_aws_does() -> None:
    assert record(FAILED, NOW) == {
        "version": "1.0",
        "timestamp": "2026-11-23T10:20:48.554Z",
        "requestContext": {
            "requestId": "e4b46cbf",
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:checkout:live",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": {"order": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "7", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "no such order", "errorType": "KeyError"},
    }


def test_a_success_has_no_function_error() -> None:
    succeeded = replace(FAILED, condition=Condition.SUCCESS, function_error=None, answer="done")
    assert record(succeeded, NOW)["responseContext"] == {"statusCode": 200, "executedVersion": "7"}


def test_the_function_itself_is_named_with_latest() -> None:
    unqualified = replace(FAILED, addressed=replace(FAILED.addressed, qualifier=None))
    assert record(unqualified, NOW)["requestContext"]["functionArn"].endswith(":checkout:$LATEST")


def test_a_dead_letter_says_what_went_wrong() -> None:
    assert {name: value["StringValue"] for name, value in dead_letter_attributes(FAILED).items()} == {
        "RequestID": "e4b46cbf",
        "ErrorCode": "200",
        "ErrorMessage": "no such order",
    }


def test_a_dead_letter_holds_the_first_kilobyte_of_the_message() -> None:
    long = replace(FAILED, answer={"errorMessage": "x" * 5000})
    assert dead_letter_attributes(long)["ErrorMessage"]["StringValue"] == "x" * 1024
