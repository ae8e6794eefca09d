"""CloudWatch: how many requests and errors the versions have had through the alias.

What a newcomer would get wrong: the newest minutes are never counted; ``series`` says when a minute is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from controller.aws.errors import translating
from controller.aws.series import CloudWatchMetrics, Query, counted, read
from controller.core.bake import ServedMinute
from controller.core.judge import CountedMinute, Minute
from controller.core.model import Target

_Series = Mapping[datetime, int]


class Metrics:
    """Counts requests."""

    def __init__(self, client: CloudWatchMetrics) -> None:
        self._client = client

    def invocations(self, target: Target, version: str, since: datetime, now: datetime) -> int:
        """Returns the requests that reached ``version`` through the alias since then.

        It is never more than what has really come in the minutes from ``since`` on.
        """
        series = self._series(target, {"invocations": ("Invocations", version)}, since, now)
        return sum(series["invocations"].values())

    def minutes(
        self,
        target: Target,
        versions: tuple[str, str],
        since: datetime,
        now: datetime,
        until: datetime | None = None,
    ) -> tuple[CountedMinute, ...]:
        """Returns the counted minutes that began at ``since`` or later, before ``until`` if that is given, in order.

        ``versions`` are the canary and the stable one. A minute without any request of either is left out.
        """
        canary, stable = versions
        wanted = {
            "canary_invocations": ("Invocations", canary),
            "canary_errors": ("Errors", canary),
            "stable_invocations": ("Invocations", stable),
            "stable_errors": ("Errors", stable),
        }
        series = self._series(target, wanted, since, until or now)
        began_in_time = {began for points in series.values() for began in points if until is None or began < until}
        seen = sorted(began_in_time)
        return tuple(CountedMinute(began, _minute(series, began)) for began in counted(seen, now))

    def served(self, target: Target, version: str | None, since: datetime, until: datetime) -> tuple[ServedMinute, ...]:
        """Returns the counted minutes from ``since`` to ``until``, in order.

        ``version`` None is all that came through the alias, whichever version served it. A minute without a request is
        left out, and so are the last ones: they may not be counted yet, and another version may have served in them.
        """
        names = {"invocations": ("Invocations", version), "errors": ("Errors", version)}
        series = self._series(target, names, since, until)
        invocations, errors = series["invocations"], series["errors"]
        return tuple(
            ServedMinute(began, invocations[began], min(errors.get(began, 0), invocations[began]))
            for began in counted(sorted(invocations), until)
            if invocations[began]
        )

    def _series(
        self, target: Target, wanted: Mapping[str, tuple[str, str | None]], since: datetime, now: datetime
    ) -> Mapping[str, _Series]:
        queries = [Query(name, metric, version) for name, (metric, version) in wanted.items()]
        versions = " and ".join(dict.fromkeys(version or "any" for _, version in wanted.values()))
        with translating(f"counting the requests of {target} on version {versions}"):
            found = read(self._client, target, queries, since, now)
        return {name: {began: round(value) for began, value in found.get(name, {}).items()} for name in wanted}


def _minute(series: Mapping[str, _Series], began: datetime) -> Minute:
    """An error that is counted before its invocation is not taken for more errors than requests."""
    counts = {name: points.get(began, 0) for name, points in series.items()}
    canary, stable = counts.get("canary_invocations", 0), counts.get("stable_invocations", 0)
    return Minute(
        canary, min(counts.get("canary_errors", 0), canary), stable, min(counts.get("stable_errors", 0), stable)
    )
