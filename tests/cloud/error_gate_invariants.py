"""Two invariants of the error gate, about versions that fail, beside those of ``invariants.py``.

They read what really came of the requests, which only the AWS in memory knows: also of those that cannot be read yet.
What a person or another release has decided is left to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from controller.core.model import Cause, Deployment, Phase
from tests.cloud.snapshot import Seen

Failed = tuple[int, int]
"""Requests, and how many of them failed."""

_BACK = (Phase.ROLLING_BACK, Phase.ROLLED_BACK)
_ENOUGH = 200
"""Requests of each version."""
_BAD, _WELL = 0.3, 0.05
"""Shares of failed requests."""
_UNTIL_SEEN = timedelta(minutes=8)
"""Within which what has failed is read and acted on: points come two minutes late, those of one version up to three
more, and a service may be away."""


def only_what_fails_more_is_rolled_back_for_it(seen: Seen) -> Iterator[str]:
    """(n) What the error gate or the deployment's own alarm rolls back has failed more than the stable version in some
    minute, or while it served alone.
    """
    for each in _judged(seen):
        is_by_hand = each.alarms.own in seen.cloud.cloudwatch.moved
        if each.phase in _BACK and _is_for_errors(each) and not is_by_hand and not _has_failed_more(seen, each):
            yield f"{each} is {each.phase.value} for errors, and version {each.canary} failed no more than the other"


def what_fails_much_does_not_succeed(seen: Seen) -> Iterator[str]:
    """(o) A version of which nearly a third of many requests failed, and was seen to, while hardly any of the stable
    one's did, does not succeed where errors are judged.
    """
    for each in _judged(seen):
        if each.phase is not Phase.SUCCEEDED or each.manifest.gates.errors is None:
            continue
        seen_by = each.phase_since - _UNTIL_SEEN
        canary, stable = (_sum(_minutes(seen, each, version, seen_by)) for version in (each.canary, each.stable))
        if min(canary[0], stable[0]) >= _ENOUGH and _share(canary) >= _BAD and _share(stable) <= _WELL:
            yield f"{each} has succeeded, and {canary[1]} of {canary[0]} requests of version {each.canary} failed"


def _judged(seen: Seen) -> Iterator[Deployment]:
    for deployments in seen.deployments.values():
        for each in deployments:
            if each.traffic.since and each.canary and str(each) not in seen.decided:
                yield each


def _is_for_errors(deployment: Deployment) -> bool:
    reason = deployment.objection
    by_own_alarm = reason is not None and reason.cause is Cause.ALARM and deployment.alarms.own in reason.text
    return by_own_alarm or (reason is not None and reason.cause is Cause.ERRORS)


def _has_failed_more(seen: Seen, deployment: Deployment) -> bool:
    if not seen.cloud.metrics.always_by_version:
        return True  # a version that serves alone has no series of its own then
    now = seen.cloud.clock.now + timedelta(hours=1)
    canary, stable = (_minutes(seen, deployment, each, now) for each in (deployment.canary, deployment.stable))
    return any(
        failed and (minute not in stable or failed / served > _share(stable[minute]))
        for minute, (served, failed) in canary.items()
    )


def _minutes(seen: Seen, deployment: Deployment, version: str | None, ended_by: datetime) -> Mapping[float, Failed]:
    """Returns what came of the version's requests in each minute since the first percent moved."""
    target, since = deployment.target, deployment.traffic.since
    assert since is not None
    found = seen.cloud.metrics.failed(target.function, target.alias, str(version), ended_by)
    return {minute: failed for minute, failed in found.items() if minute >= since.timestamp() - 60}


def _sum(minutes: Mapping[float, Failed]) -> Failed:
    return sum(served for served, _ in minutes.values()), sum(failed for _, failed in minutes.values())


def _share(counted: Failed) -> float:
    served, failed = counted
    return failed / served if served else 0.0
