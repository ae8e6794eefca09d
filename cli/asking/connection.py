"""Asks a stack of Slipway: invokes its functions, which are called after the stack, and finds its bucket.

a request that    is asked of
only looks        STACK-viewer; if there is none, or you may not ask it, the controller's alias live, then previous
brings back       live; previous if the version that live carries fails by its own fault
does other work   live
"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cli.asking.aws_errors import CouldNotAsk, code, in_words, is_denied
from cli.asking.parsing import Answer
from cli.output import tell

LOOKS = frozenset({"status", "show", "history", "plan", "backtest", "explain"})
"""The requests that the viewer answers."""
_READ_TIMEOUT = 320
"""Seconds: longer than the controller may take for an answer. Source: template.yaml, Timeout of the controller."""
_LONGEST_QUOTE = 300


@dataclass(frozen=True, slots=True)
class Place:
    """A stack's name, and the command line's account, Region and bucket; None leaves them to the environment."""

    stack: str = "slipway"
    region: str | None = None
    profile: str | None = None
    bucket: str | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A function that answers, by one of its aliases; None asks the function itself."""

    function: str
    alias: str | None = None

    def __str__(self) -> str:
        return f"{self.function}:{self.alias}" if self.alias else self.function


class _Unreachable(Exception):
    """The function asked may not be asked, or (_Absent) is not there."""


class _Absent(_Unreachable):
    pass


class _Broken(Exception):
    """The function asked failed by its own fault."""


class Slipway:
    """A stack of Slipway, as the caller may use it."""

    def __init__(self, place: Place, client: Callable[..., Any] | None = None) -> None:
        self._place = place
        with in_words():
            self._client = client or _session(place).client

    def client(self, service: str) -> Any:
        """Returns a client of a service in the stack's Region."""
        with in_words():
            return self._client(service, config=Config(read_timeout=_READ_TIMEOUT))

    def ask(self, request: str, members: Mapping[str, object]) -> Answer:
        """Returns the answer to a request. Raises CouldNotAsk."""
        payload = {"request": request, **members}
        problems: list[Exception] = []
        if request in LOOKS:
            try:
                return self._invoked(_Asked(f"{self._place.stack}-viewer"), payload)
            except (_Unreachable, _Broken) as problem:
                problems.append(problem)
        controller = f"{self._place.stack}-controller"
        try:
            return self._invoked(_Asked(controller, "live"), payload)
        except _Unreachable as problem:
            told = [each for each in (*problems, problem) if not isinstance(each, _Absent) or each is problem]
            raise CouldNotAsk("; ".join(map(str, told))) from problem
        except _Broken as problem:
            if request not in {*LOOKS, "rollback"}:
                raise CouldNotAsk(f"{problem}; status and rollback are answered by {controller}:previous") from problem
            tell(f"{problem}; asking {controller}:previous")
        try:
            return self._invoked(_Asked(controller, "previous"), payload)
        except (_Unreachable, _Broken) as problem:
            raise CouldNotAsk(str(problem)) from problem

    @cached_property
    def bucket(self) -> str:
        """The name of the bucket that zips are dropped into. Raises CouldNotAsk."""
        if self._place.bucket:
            return self._place.bucket
        try:
            with in_words():
                (stack,) = self.client("cloudformation").describe_stacks(StackName=self._place.stack)["Stacks"]
        except CouldNotAsk as problem:
            raise CouldNotAsk(
                f"the bucket of the stack {self._place.stack} is unknown: name it with --bucket or SLIPWAY_BUCKET, or"
                f" name the stack with --stack, or its Region with --region ({problem})"
            ) from problem
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        if "BucketName" not in outputs:
            raise CouldNotAsk(f"the stack {self._place.stack} is none of Slipway: it has no output BucketName")
        return str(outputs["BucketName"])

    @cached_property
    def caller(self) -> str:
        """The caller's name: of the session, the user or the role that AWS knows, else of this machine's user."""
        try:
            arn = str(self.client("sts").get_caller_identity()["Arn"])
        except (BotoCoreError, ClientError, CouldNotAsk):
            return getpass.getuser()
        return arn.rpartition(":")[2].rpartition("/")[2]

    def _invoked(self, asked: _Asked, payload: Answer) -> Answer:
        """Returns what a function answers. Raises _Unreachable, _Broken, CouldNotAsk."""
        function = {"FunctionName": asked.function, **({"Qualifier": asked.alias} if asked.alias else {})}
        with in_words():
            try:
                called = self._functions.invoke(**function, Payload=json.dumps(payload).encode())
            except ClientError as problem:
                raise self._reason(asked, problem) from problem
            body = called["Payload"].read().decode()
        if "FunctionError" in called:
            raise _Broken(f"{asked} failed: {_told(body)}")
        return cast("Answer", json.loads(body))

    def _reason(self, asked: _Asked, problem: ClientError) -> _Unreachable | ClientError:
        if code(problem) == "ResourceNotFoundException":
            region = self._functions.meta.region_name
            return _Absent(f"there is no {asked} in {region}: name the stack with --stack, or its Region with --region")
        if is_denied(problem):
            return _Unreachable(f"you may not invoke {asked} ({problem.response['Error']['Message']})")
        return problem

    @cached_property
    def _functions(self) -> Any:
        return self.client("lambda")


def _session(place: Place) -> boto3.Session:
    # boto3 itself reads AWS_DEFAULT_REGION alone.
    return boto3.Session(profile_name=place.profile, region_name=place.region or os.environ.get("AWS_REGION") or None)


def _told(body: str) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        said = body
    return str(said.get("errorMessage") if isinstance(said, dict) else said)[:_LONGEST_QUOTE]
