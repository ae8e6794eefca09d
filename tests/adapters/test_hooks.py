"""Calling the functions that a manifest names as hooks, and finding out whether they can be called."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from controller.aws.lambda_.invoke.hooks import Hooks
from controller.core.model import Transient
from controller.core.model.deployment.hook_run import HookAnswer, HookStatus
from tests.adapters.fake_lambda import FakeLambda
from tests.cloud.faults import Refusal

NAME = "slipway-hook-smoke"
SECRET = "hunter2"


@pytest.fixture
def aws() -> FakeLambda:
    fake = FakeLambda()
    fake.function(NAME)
    fake.publish(NAME)
    fake.functions[NAME].aliases["live"] = {"Name": "live", "FunctionVersion": "1"}
    return fake


@pytest.fixture
def hooks(aws: FakeLambda) -> Hooks:
    return Hooks(aws.client(), aws.client())


def answering(payload: bytes, **more: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda _: {"Payload": payload, **more}


class TestCall:
    @pytest.mark.parametrize(
        ("function", "named"),
        [
            (NAME, {"FunctionName": NAME}),
            (f"{NAME}:live", {"FunctionName": NAME, "Qualifier": "live"}),
            (f"{NAME}:1", {"FunctionName": NAME, "Qualifier": "1"}),
            (f"{NAME}:$LATEST", {"FunctionName": NAME, "Qualifier": "$LATEST"}),
        ],
    )
    def test_the_function_that_the_manifest_names_is_invoked(
        self, aws: FakeLambda, hooks: Hooks, function: str, named: dict[str, str]
    ) -> None:
        hooks.call(function, {"hook": "each_step", "weight": 12.5})
        (asked,) = aws.asked("invoke")
        assert json.loads(asked.pop("Payload")) == {"hook": "each_step", "weight": 12.5}
        assert asked == named

    def test_what_it_says_is_read(self, aws: FakeLambda, hooks: Hooks) -> None:
        aws.invoked = answering(b'{"status": "IN_PROGRESS", "reason": "12 of 40", "state": {"run": 1}}')
        found = hooks.call(NAME, {})
        assert found == HookAnswer(HookStatus.IN_PROGRESS, "12 of 40", state='{"run": 1}')

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (answering(b""), "its answer is no hook's answer: the top: allowed: object"),
            (answering(b"null"), "its answer is no hook's answer: the top: allowed: object"),
            (answering(b"<html>hunter2"), "the function failed with not JSON"),
            (answering(b'{"status": NaN}'), "the function failed with not JSON"),
            (answering(b'{"hunter2": 1}'), "its answer is no hook's answer: the top: allowed: "),
            (
                answering(b'{"errorType": "KeyError", "errorMessage": "hunter2"}', FunctionError="Unhandled"),
                "the function failed with KeyError",
            ),
            (
                answering(b'{"errorType": "hunter2 is my secret", "errorMessage": "no"}', FunctionError="Unhandled"),
                "the function failed with an unnamed error",
            ),
        ],
    )
    def test_what_the_hook_does_wrong_is_no_answer(
        self, aws: FakeLambda, hooks: Hooks, answer: Callable[..., Any], reason: str
    ) -> None:
        aws.invoked = answer
        found = hooks.call(NAME, {})
        assert found.status is HookStatus.NO_ANSWER
        assert found.reason.startswith(reason)
        assert SECRET not in found.reason

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (ReadTimeoutError(endpoint_url="https://lambda"), "it did not answer in 60s"),
            (Refusal(404, "ResourceNotFoundException", "Function not found"), "the function does not exist"),
            (Refusal(403, "AccessDeniedException", "not authorized"), f"Invoke of {NAME} failed: not authorized"),
        ],
    )
    def test_one_that_cannot_be_asked_gives_no_answer(
        self, aws: FakeLambda, hooks: Hooks, error: Exception, reason: str
    ) -> None:
        aws.refusals["invoke"] = [error]
        found = hooks.call(NAME, {})
        assert found.status is HookStatus.NO_ANSWER
        assert found.reason.startswith(reason)

    @pytest.mark.parametrize(
        "error",
        [
            Refusal(429, "TooManyRequestsException", "slow down"),
            Refusal(500, "ServiceException", "down"),
            Refusal(409, "ResourceConflictException", "The function is currently in the following state: Pending"),
            ConnectTimeoutError(endpoint_url="https://lambda"),
            EndpointConnectionError(endpoint_url="https://lambda"),
        ],
    )
    def test_lambda_s_own_trouble_is_transient(self, aws: FakeLambda, hooks: Hooks, error: Exception) -> None:
        aws.refusals["invoke"] = [error]
        with pytest.raises(Transient):
            hooks.call(NAME, {})


class TestProblem:
    @pytest.mark.parametrize("function", [NAME, f"{NAME}:live", f"{NAME}:1"])
    def test_one_that_can_be_called_has_none_and_is_not_run(self, aws: FakeLambda, hooks: Hooks, function: str) -> None:
        aws.invoked = lambda _: pytest.fail("it was run")
        assert hooks.problem(function) is None
        assert [asked["InvocationType"] for asked in aws.asked("invoke")] == ["DryRun"]

    @pytest.mark.parametrize("function", ["slipway-hook-gone", f"{NAME}:gone", f"{NAME}:7"])
    def test_one_that_does_not_exist_says_so(self, hooks: Hooks, function: str) -> None:
        assert hooks.problem(function) == "it does not exist"

    def test_one_that_may_not_be_called_says_what_to_allow(self, aws: FakeLambda, hooks: Hooks) -> None:
        aws.refusals["invoke"] = [Refusal(403, "AccessDeniedException", "not authorized")]
        said = hooks.problem(NAME) or ""
        assert said.startswith(f"Invoke (dry run) of {NAME} failed: not authorized (AccessDeniedException); allow it")

    def test_lambda_s_own_trouble_is_transient(self, aws: FakeLambda, hooks: Hooks) -> None:
        aws.refusals["invoke"] = [Refusal(429, "TooManyRequestsException", "slow down")]
        with pytest.raises(Transient):
            hooks.problem(NAME)
