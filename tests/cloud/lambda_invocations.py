"""Lambda's Invoke, and the traffic that comes through an alias: what each version answers is said by a test.

What a newcomer would get wrong: only what comes through an alias has the metric dimension ExecutedVersion. An
invocation of ``checkout:7`` is counted under that resource and pollutes nobody's canary. Source: facts 2.1.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from botocore import xform_name

from local.gaps.lambda_alias_rules import choose
from local.gaps.lambda_version_rules import in_state
from tests.cloud.faults import Json, Refusal
from tests.cloud.lambda_aliases import AliasCalls
from tests.cloud.lambda_functions import FunctionCalls
from tests.cloud.lambda_state import LATEST, Behaviour, Version, require
from tests.cloud.lambda_words import require_known_words
from tests.cloud.metrics import Invoked
from tests.cloud.wire import unknown
from tests.cloud.zips import code_of

_INACTIVE = "SnapStart is not ready for function"


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

        Returns how many were answered well; none where there is no alias.
        """
        carried = self.carried(name, alias)
        if carried is None:
            return 0
        behaviours = {version: self.behaviour(self.version(name, version)) for version in (carried[0], *carried[1])}
        served = Counter(self._served(carried, behaviours) for _ in range(count))
        for (version, failed), times in served.items():
            seconds = behaviours[version].duration.total_seconds()
            self.metrics.count(name, alias, version, Invoked(failed, seconds, times))
        return sum(times for (_, failed), times in served.items() if not failed)

    def _served(self, carried: tuple[str, dict[str, float]], behaviours: Mapping[str, Behaviour]) -> tuple[str, bool]:
        """Lets one request draw its version; returns it, and whether it failed."""
        chosen = choose(*carried, self.dice.random())
        found = behaviours[chosen]
        return chosen, bool(found.error) and self.dice.random() < found.share

    def behave(self, code: str, **how: Any) -> None:
        """From now on every version with that code (``zips.zipped(code)``, whatever its manifest) answers like this."""
        self.behaviours[code] = Behaviour(**how)

    def behaviour(self, version: Version) -> Behaviour:
        """Returns how the version's code answers."""
        return self.behaviours.get(code_of(version.running), Behaviour())

    def _invoke(self, asked: Json) -> Json:
        name, qualifier = asked["FunctionName"], asked.get("Qualifier", LATEST)
        version = self.version(name, self._chosen(name, qualifier))
        state = version.configuration["State"]
        if state == "Inactive":
            raise Refusal(409, "SnapStartNotReadyException", _INACTIVE)
        # Source: facts 1.5: while creation is pending, Invoke fails; the text is Lambda's for every such call.
        require(None if state == "Active" else in_state(state))
        executed = version.configuration["Version"]
        if asked.get("InvocationType") == "DryRun":
            return {"StatusCode": 204}
        if asked.get("InvocationType") == "Event":
            self.metrics.count(name, qualifier, executed, Invoked())
            return {"StatusCode": 202}
        return {"StatusCode": 200, "ExecutedVersion": executed, **self._run(name, qualifier, version)}

    def _chosen(self, name: str, qualifier: str) -> str:
        carried = self.carried(name, qualifier)
        return choose(*carried, self.dice.random()) if carried else qualifier

    def _run(self, name: str, qualifier: str, version: Version) -> Json:
        found, limit = self.behaviour(version), version.configuration["Timeout"]
        seconds = min(found.duration.total_seconds(), limit)
        failed = bool(found.error) and self.dice.random() < found.share
        timed_out = found.duration.total_seconds() > limit
        executed = version.configuration["Version"]
        self.metrics.count(name, qualifier, executed, Invoked(failed or timed_out, seconds))
        self.clock.sleep(seconds)
        if timed_out:
            return _error("Sandbox.Timedout", f"RequestId: request Error: Task timed out after {limit}.00 seconds")
        if failed:
            return _error(found.error, "it went wrong")
        content = found.response if isinstance(found.response, bytes) else json.dumps(found.response).encode()
        return {"Payload": content}


def _error(kind: str, text: str) -> Json:
    """Source: Lambda developer guide, function errors, 2026-11."""
    return {"FunctionError": "Unhandled", "Payload": json.dumps({"errorType": kind, "errorMessage": text}).encode()}


_CALLS = (
    "CreateAlias", "CreateFunction", "DeleteAlias", "DeleteFunction", "GetAccountSettings", "GetAlias", "GetFunction",
    "GetFunctionConfiguration", "GetProvisionedConcurrencyConfig", "Invoke", "ListAliases", "ListVersionsByFunction",
    "PublishVersion", "UpdateAlias", "UpdateFunctionCode", "UpdateFunctionConfiguration",
)  # fmt: skip
