"""Lambda's Invoke, and the traffic that comes through an alias: what each version answers is said by a test.

Note: only what comes through an alias has the metric dimension ExecutedVersion. An invocation of ``checkout:7`` is
counted under that resource and pollutes nobody's canary. Source: facts 2.1.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from botocore import xform_name

from local.emulator.rules.lambda_ import answers
from local.emulator.rules.lambda_.alias_weights import choose
from local.emulator.rules.lambda_.starts import cannot_start, not_ready
from tests.cloud.faults import Json, Refusal
from tests.cloud.lambda_aliases import AliasCalls
from tests.cloud.lambda_functions import FunctionCalls
from tests.cloud.lambda_state import LATEST, Behaviour, Version, require
from tests.cloud.lambda_words import require_known_words
from tests.cloud.metrics import Invoked
from tests.cloud.wire import unknown
from tests.cloud.zips import code_of, is_kept_from_others

_RESERVED = "ReservedFunctionConcurrentInvocationLimitExceeded"
"""Why a function is throttled that has used up its reserved concurrency. Source: Lambda API reference,
TooManyRequestsException, Reason, 2026-11.
"""


class Lambda(FunctionCalls, AliasCalls):
    """The whole of Lambda."""

    def answer(self, operation: str, parameters: Json, _body: bytes) -> Json:
        if operation not in _CALLS:
            raise unknown("lambda", operation, _CALLS)
        require_known_words(operation, parameters)
        found: Json = getattr(self, f"_{xform_name(operation)}")(parameters)
        return found

    def serve(self, name: str, alias: str, count: int) -> int:
        """Lets ``count`` requests come through the alias now; each draws its version for itself.

        Returns how many were answered well; none where there is no alias. What a version refuses is lost to its caller,
        and counted nowhere.
        """
        carried = self.carried(name, alias)
        if carried is None or name in self.switched_off:
            return 0
        versions = {number: self.version(name, number) for number in (carried[0], *carried[1])}
        behaviours = {number: self.behaviour(version) for number, version in versions.items()}
        drawn = Counter(self._drawn(name, carried, behaviours) for _ in range(count))
        refusing = {number for number in {number for number, _ in drawn} if self._refusal(versions[number])}
        well = 0
        for (number, fails), times in drawn.items():
            if number not in refusing:
                limit = versions[number].configuration["Timeout"]
                invoked = _invoked(behaviours[number], limit, fails=fails)
                self.metrics.count(name, alias, number, replace(invoked, times=times, weighted=bool(carried[1])))
                well += 0 if invoked.failed else times
        return well

    def count(self, name: str, alias: str, counts: Mapping[str, tuple[int, int]]) -> None:
        """Counts so many requests of each version that the alias carries now, and so many failures among them."""
        carried, weights = self.carried(name, alias) or ("", {})
        for number in {carried, *weights} & counts.keys():
            version, (requests, failed) = self.version(name, number), counts[number]
            for fails, times in ((True, failed), (False, requests - failed)):
                invoked = _invoked(self.behaviour(version), version.configuration["Timeout"], fails=fails)
                self.metrics.count(name, alias, number, replace(invoked, times=times, weighted=bool(weights)))

    def _drawn(
        self, name: str, carried: tuple[str, dict[str, float]], behaviours: Mapping[str, Behaviour]
    ) -> tuple[str, bool]:
        """Lets one request draw its version; returns it, and whether it fails."""
        chosen = choose(*carried, self.dice.random())
        return chosen, self._fails(name, behaviours[chosen])

    def _fails(self, name: str, found: Behaviour) -> bool:
        is_out = name in self.outages and self.dice.random() < self.outages[name]
        return is_out or (bool(found.error) and not found.only and self.dice.random() < found.share)

    def _refusal(self, version: Version) -> answers.Refusal | None:
        """Returns what an invocation of the version is refused with now; one that sleeps wakes by it."""
        found = not_ready(version.configuration)
        if version.configuration["State"] == "Inactive":
            self.wake(version)
        refuses = self.behaviour(version).refuses
        return found or (cannot_start(refuses) if refuses else None)

    def behave(self, code: str, **how: Any) -> None:
        """From now on every version with that code (``zips.zipped(code)``, whatever its manifest) answers like this."""
        self.behaviours[code] = Behaviour(**how)

    def behave_in_turn(self, code: str, *each: Json) -> None:
        """As ``behave``, one after the other for each invocation by the API; the last one stays."""
        then = None
        for how in reversed(each):
            then = Behaviour(**how, then=then)
        self.behaviours[code] = then or Behaviour()

    def behaviour(self, version: Version) -> Behaviour:
        """Returns how the version's code answers."""
        found = self.behaviours.get(code_of(version.running), Behaviour())
        if is_kept_from_others(version.running):
            # Source: aws-lambda-python-runtime-interface-client, bootstrap.py: its own class, 2026-11.
            return replace(found, error="PermissionError", share=1)
        return found

    def _invoke(self, asked: Json) -> Json:
        name, qualifier = asked["FunctionName"], asked.get("Qualifier", LATEST)
        version = self.version(name, self._chosen(name, qualifier))
        if asked.get("InvocationType") == "DryRun":
            # Parameters and permissions are looked at, and nothing is started. Source: botocore's model, Invoke,
            # InvocationType, 1.43.106. That it is refused by the state is not documented.
            require(not_ready(version.configuration))
            return {"StatusCode": 204}
        if name in self.switched_off:
            raise Refusal(429, "TooManyRequestsException", "Rate Exceeded.", {"Reason": _RESERVED})
        require(self._refusal(version))
        executed, self._payload = version.configuration["Version"], bytes(asked.get("Payload", b""))
        if asked.get("InvocationType") == "Event":
            self._begin(name, qualifier, version, self.behaviour(version))
            return {"StatusCode": 202}
        return {"StatusCode": 200, "ExecutedVersion": executed, **self._run(name, qualifier, version)}

    def _chosen(self, name: str, qualifier: str) -> str:
        carried = self.carried(name, qualifier)
        return choose(*carried, self.dice.random()) if carried else qualifier

    def _run(self, name: str, qualifier: str, version: Version) -> Json:
        found = self.behaviour(version)
        if found.only:
            found = replace(found, only="", error=found.error if found.only.encode() in self._payload else "")
        invoked = self._begin(name, qualifier, version, found)
        if found.then is not None:
            self.behaviours[code_of(version.running)] = found.then
        self.clock.sleep(invoked.seconds)
        return _answer(found, version.configuration["Timeout"], invoked)

    def _begin(self, name: str, qualifier: str, version: Version, found: Behaviour) -> Invoked:
        """Lets one invocation begin; returns what comes of it, which is counted when it ends."""
        weights = (self.carried(name, qualifier) or ("", {}))[1]
        invoked = _invoked(found, version.configuration["Timeout"], fails=self._fails(name, found))
        self.metrics.count(name, qualifier, version.configuration["Version"], replace(invoked, weighted=bool(weights)))
        return invoked


def _invoked(found: Behaviour, limit: float, *, fails: bool) -> Invoked:
    """Returns what comes of one invocation where the code fails, or does not, and ``limit`` is its Timeout."""
    lasts = found.fails_after if fails and found.fails_after is not None else found.duration
    seconds = lasts.total_seconds()
    return Invoked(fails or seconds > limit, min(seconds, limit), is_counted=found.is_counted or not fails)


def _answer(found: Behaviour, limit: float, invoked: Invoked) -> Json:
    if invoked.failed and invoked.seconds == limit:
        return _error("Sandbox.Timedout", f"RequestId: request Error: Task timed out after {limit}.00 seconds")
    if invoked.failed:
        return _error(found.error or "ConnectionError", "it went wrong")
    content = found.response if isinstance(found.response, bytes) else json.dumps(found.response).encode()
    return {"Payload": content}


def _error(kind: str, text: str) -> Json:
    """Source: Lambda developer guide, function errors, 2026-11."""
    return {"FunctionError": "Unhandled", "Payload": json.dumps({"errorType": kind, "errorMessage": text}).encode()}


_CALLS = (
    "CreateAlias", "CreateFunction", "DeleteAlias", "DeleteFunction", "DeleteFunctionConcurrency", "GetAccountSettings",
    "GetAlias", "GetFunction", "GetFunctionConfiguration", "GetProvisionedConcurrencyConfig", "Invoke", "ListAliases",
    "ListVersionsByFunction", "PublishVersion", "PutFunctionConcurrency", "UpdateAlias", "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
)  # fmt: skip
