"""Invokes versions by number to test or wake them, reads their timeouts, deletes unused ones.

Rules of the file:

- a test invocation is made once: a retry would hide the first failure;
- a version is deleted only if Slipway published it for this target and nothing points to it; AWS refuses the remaining
  mistakes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from botocore.exceptions import ClientError, ReadTimeoutError

from controller.aws.errors import Absent, is_throttled, translating
from controller.aws.lambda_.client import Answer as Json
from controller.aws.lambda_.client import LambdaClient, number, section, sections, text
from controller.aws.lambda_.configuration import configuration
from controller.aws.lambda_.functions import deleted
from controller.aws.lambda_.invoke import INVOKE_RULES, answered
from controller.core.lifecycle.test_results import TIMEOUT, Answer
from controller.core.model import Cause, Conflict, Refused, Target, Throttled, Transient
from controller.core.model.readiness import INACTIVE, Readiness

_MAX_QUOTE = 500
_NOT_FOUND, _CONFLICT, _SERVERS_FAULT = 404, 409, 500


@dataclass(frozen=True, slots=True)
class Pruned:
    """The deleted versions, oldest first, and Lambda's reasons for the versions it refused to delete."""

    deleted: tuple[str, ...]
    refused: Mapping[str, str] = field(default_factory=dict)


class Undeletable(Exception):
    """Lambda refuses to delete a version; the text is Lambda's message."""


class Versions:
    """Published versions of functions.

    ``test_client`` is a ``lambda`` client that tries once and waits longer than a test may take (60 s). ``clock``
    returns seconds and never goes back, like ``time.monotonic``.
    """

    def __init__(self, client: LambdaClient, test_client: LambdaClient, clock: Callable[[], float]) -> None:
        self._client = client
        self._test_client = test_client
        self._clock = clock

    def invoke(self, function: str, version: str, payload: object, within: timedelta) -> Answer:
        """Returns the version's answer to ``payload``; an answer later than ``within`` is a timeout.

        Raises Throttled if Lambda throttles, Transient if Lambda fails or cannot start the version now, Refused if the
        version can never be started.
        """
        begun = self._clock()
        try:
            with translating(f"Invoke of {function}:{version}", Cause.TEST_FAILED, INVOKE_RULES):
                response, error = self._invoked(function, version, payload)
        except Throttled as throttled:
            raise self._switched_off(function) or throttled from throttled
        except Absent as absent:
            raise self._deleted(function, version) or absent from absent
        seconds = self._clock() - begun
        if seconds > within.total_seconds():
            response, error = None, TIMEOUT
        return Answer(response, error, seconds)

    def wake(self, function: str, version: str) -> Readiness:
        """Returns whether the version can serve, and wakes an Inactive one by an invocation; a later look sees it
        Active.

        Only a real invocation wakes a version, not a dry run, which checks parameters and permissions. Lambda refuses
        the waking invocation and does not run the code. An Event invocation would be kept and run once the version is
        Active. If somebody else woke the version meanwhile, its code gets an empty object, which no event source sends.
        Source: Lambda API reference, Invoke (SnapStartNotReadyException, ResourceNotReadyException, InvocationType),
        and Lambda developer guide, function states, 2026-11.
        """
        with translating(f"GetFunction of {function}:{version}"):
            answer = self._client.get_function(FunctionName=function, Qualifier=version)
        state = configuration(section(answer, "Configuration")).state
        if state != INACTIVE:
            return Readiness(version, state)
        with translating(f"Invoke of {function}:{version}, to wake it"):
            try:
                self._test_client.invoke(FunctionName=function, Qualifier=version, Payload=b"{}")
            except ClientError as refusal:
                return Readiness(version, state, words(refusal))
            except ReadTimeoutError:
                pass
        return Readiness(version, state)

    def _invoked(self, function: str, version: str, payload: object) -> tuple[object | None, str]:
        try:
            return answered(
                self._test_client.invoke(FunctionName=function, Qualifier=version, Payload=json.dumps(payload).encode())
            )
        except ReadTimeoutError:
            return None, TIMEOUT

    def _deleted(self, function: str, version: str) -> Refused | None:
        """Returns the refusal for a version that is gone; None for an existing one, which AWS may not know everywhere
        yet.
        """
        try:
            with translating(f"GetFunction of {function}:{version}"):
                self._client.get_function(FunctionName=function, Qualifier=version)
        except Absent:
            return Refused(deleted(function, version))
        except (Transient, Refused):
            return None
        return None

    def _switched_off(self, function: str) -> Throttled | None:
        """Returns the error for a function with a reserved concurrency of 0, None for any other.

        Source: Lambda API reference GetFunction, Concurrency; Lambda developer guide, configuring reserved concurrency,
        2026-11.
        """
        try:
            with translating(f"GetFunction of {function}"):
                answer = self._client.get_function(FunctionName=function)
        except (Transient, Refused):
            return None
        if section(answer, "Concurrency").get("ReservedConcurrentExecutions") != 0:
            return None
        said = f"{function} is switched off: its reserved concurrency is 0, so Lambda throttles every test"
        return Throttled(said, advice=f"raise the reserved concurrency of {function}")

    def timeout(self, function: str, version: str) -> timedelta:
        """Returns how long a request of the version may run before Lambda stops it. Raises Refused if the version is
        gone.
        """
        try:
            # GetFunction has a limit of its own, and takes nothing of the account's 15 calls a second.
            with translating(f"GetFunction of {function}:{version}"):
                answer = self._client.get_function(FunctionName=function, Qualifier=version)
        except Absent as absent:
            raise Refused(deleted(function, version)) from absent
        return timedelta(seconds=number(configuration(section(answer, "Configuration")).settings, "Timeout"))

    def prune(self, target: Target, keep: int, in_use: frozenset[str]) -> Pruned:
        """Deletes old versions published by Slipway for the target.

        Keeps the newest ``keep`` versions, those ``in_use``, and those of any alias, weights included. A version that
        Lambda refuses to delete does not stop the others.
        """
        ours = self._published_for(target)
        candidates = ours[: max(len(ours) - keep, 0)]
        # Aliases are read last, to see one made in between.
        used = in_use | self._aliased(target.function) if candidates else in_use
        unused = [version for version in candidates if version not in used]
        refused: dict[str, str] = {}
        failed: list[Transient] = []
        deleted = []
        for version in unused:
            try:
                if self._delete(target.function, version):
                    deleted.append(version)
            except Undeletable as refusal:
                refused[version] = str(refusal)
            except Transient as problem:
                failed.append(problem)
        if failed:
            raise failed[0]
        return Pruned(tuple(deleted), refused)

    def delete(self, function: str, version: str) -> str:
        """Deletes a version. Returns why it is not deleted, empty if it is, or was gone, or an alias carries it."""
        try:
            self._delete(function, version)
        except Undeletable as refusal:
            return f"version {version} is not deleted: {refusal}"
        return ""

    def _published_for(self, target: Target) -> list[str]:
        """Returns the numbers of versions published for the target, oldest first, by the descriptions given in
        ``publishing``.
        """
        found = [
            text(version, "Version")
            for version in self._pages(self._client.list_versions_by_function, target.function, "Versions")
            if text(version, "Description").startswith((f"slipway {target}#", f"slipway {target} "))
        ]
        return sorted((version for version in found if version.isdecimal()), key=int)

    def _aliased(self, function: str) -> frozenset[str]:
        used: set[str] = set()
        for alias in self._pages(self._client.list_aliases, function, "Aliases"):
            used.add(text(alias, "FunctionVersion"))
            used.update(section(section(alias, "RoutingConfig"), "AdditionalVersionWeights"))
        return frozenset(used)

    def _pages(self, call: Callable[..., Json], function: str, member: str) -> Iterator[Json]:
        marker: Mapping[str, str] = {}
        while True:
            try:
                with translating(f"listing the {member.lower()} of {function}"):
                    page = call(FunctionName=function, **marker)
            except Absent:
                return
            yield from sections(page, member)
            if not text(page, "NextMarker"):
                return
            marker = {"Marker": text(page, "NextMarker")}

    def _delete(self, function: str, version: str) -> bool:
        """Deletes a version. Returns False if it is gone already, or an alias uses it by now.

        Source: DeleteFunction refuses a version used by an alias, go-lambda-cleanup #45; one with CloudFront replicas,
        serverless-prune-plugin #10, 2026-11.
        """
        try:
            with translating(f"DeleteFunction of version {version} of {function}"):
                try:
                    self._client.delete_function(FunctionName=function, Qualifier=version)
                except ClientError as error:
                    if refuses(error):
                        raise Undeletable(words(error)) from error
                    raise
        except (Absent, Conflict):
            return False
        return True


def words(error: ClientError) -> str:
    """Returns AWS's message and code on one line."""
    found = error.response.get("Error", {})
    return " ".join(f"{found.get('Message', '')} ({found.get('Code', '')})".split())[:_MAX_QUOTE]


def refuses(error: ClientError) -> bool:
    """Does AWS refuse this very deletion? A missing version, one used by an alias, a throttle and AWS's own faults do
    not count.
    """
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVERS_FAULT)
    return status < _SERVERS_FAULT and status not in (_NOT_FOUND, _CONFLICT) and not is_throttled(error)
