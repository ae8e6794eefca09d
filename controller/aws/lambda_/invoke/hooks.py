"""Invokes the functions named as hooks in a manifest, and checks whether they may be invoked.

Rules of the file:

- a call is made once, with a minute's wait: a slower hook answers IN_PROGRESS;
- a failure of the hook, or a policy against the call, counts as no answer; a failure of Lambda itself is transient.

Note: a hook that raised is a successful call to Lambda, and no FAILED. FAILED is a hook's answer about the deployment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from botocore.exceptions import ReadTimeoutError

from controller.aws.errors import Absent, translating
from controller.aws.lambda_.client import LambdaClient
from controller.aws.lambda_.invoke import INVOKE_RULES, answered
from controller.core.gates.hooks.answers import no_answer, read_answer
from controller.core.model import Cause, Refused
from controller.core.model.deployment.hook_run import HookAnswer

WAIT_SECONDS = 60
"""The wait for one call; ``clients`` makes the client with it."""


class Hooks:
    """Hook functions. ``once`` is a ``lambda`` client that tries once and waits ``WAIT_SECONDS`` for an answer."""

    def __init__(self, client: LambdaClient, once: LambdaClient) -> None:
        self._client = client
        self._once = once

    def call(self, function: str, payload: Mapping[str, object]) -> HookAnswer:
        """Returns the answer of ``function``, a name or NAME:QUALIFIER, to ``payload``.

        Raises Transient if Lambda throttles or fails itself.
        """
        try:
            with translating(f"Invoke of {function}", Cause.HOOK_SILENT, INVOKE_RULES):
                response, error = self._invoked(function, payload)
        except Absent:
            return no_answer("the function does not exist")
        except Refused as refusal:
            return no_answer(str(refusal))
        return no_answer(error) if error else read_answer(response)

    def problem(self, function: str) -> str | None:
        """Returns why the function cannot be called, None if it can. The function does not run.

        Source: Lambda API reference Invoke, InvocationType DryRun: verifies the parameters and that the caller may
        invoke the function, 2026-11.
        """
        try:
            with translating(f"Invoke (dry run) of {function}", Cause.PREFLIGHT):
                self._client.invoke(**_named(function), InvocationType="DryRun")
        except Absent:
            return "it does not exist"
        except Refused as refusal:
            return str(refusal)
        return None

    def _invoked(self, function: str, payload: Mapping[str, object]) -> tuple[object, str]:
        try:
            answer = self._once.invoke(**_named(function), Payload=json.dumps(payload).encode())
            response, error = answered(answer)
        except ReadTimeoutError:
            return None, f"it did not answer in {WAIT_SECONDS}s"
        return response, f"the function failed with {error}" if error else ""


def _named(function: str) -> dict[str, object]:
    name, _, qualifier = function.partition(":")
    return {"FunctionName": name, "Qualifier": qualifier} if qualifier else {"FunctionName": name}
