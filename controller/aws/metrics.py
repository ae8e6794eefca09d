"""CloudWatch: how many requests and errors the versions have had through the alias.

Note: a minute grows for as long as its requests run. ``statistics.shift`` says when its counts can be judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from controller.aws.errors import translating
from controller.aws.series import MINUTE, CloudWatchMetrics, Query, Series, counted, counts, read
from controller.core.judge import CountedMinute, Minute
from controller.core.model import Target
from controller.core.own_alarm import Before
from controller.core.statistics.alias_past import ServedMinute

_HOUR = timedelta(hours=1)


class Metrics:
    """Counts requests."""

    def __init__(self, client: CloudWatchMetrics) -> None:
        self._client = client

    def reached(self, target: Target, version: str, since: datetime, alone_since: datetime, now: datetime) -> int:
        """Returns the requests that ``version`` is known to have had through the alias since then.

        From ``alone_since`` on no other version served, so what came through the alias came to this one: whether an
        alias without weights has series of its version is not documented. Source: Lambda developer guide, metrics for
        aliases, 2026-11.
        """
        series = self._series(target, {"own": ("Invocations", version), "all": ("Invocations", None)}, since, now)
        alone = sum(value for began, value in series["all"].items() if began >= alone_since)
        return round(max(sum(series["own"].values()), alone))

    def minutes(
        self,
        target: Target,
        versions: tuple[str, str],
        since: datetime,
        until: datetime,
    ) -> tuple[CountedMinute, ...]:
        """Returns the minutes from the one that ``since`` is in to ``until``, in order, also those that still grow.

        ``versions`` are the canary and the stable one. A minute without any request of either is left out.
        """
        canary, stable = versions
        wanted = {
            "canary_invocations": ("Invocations", canary),
            "canary_errors": ("Errors", canary),
            "stable_invocations": ("Invocations", stable),
            "stable_errors": ("Errors", stable),
        }
        series = self._series(target, wanted, since, until)
        seen = sorted({began for points in series.values() for began in points if began < until})
        return tuple(
            CountedMinute(
                began,
                Minute(
                    *counts(series["canary_invocations"], series["canary_errors"], began),
                    *counts(series["stable_invocations"], series["stable_errors"], began),
                ),
            )
            for began in seen
        )

    def both_served(self, target: Target, versions: tuple[str, str], since: datetime, now: datetime) -> bool:
        """Has there been a minute since then in which each of the two versions had a request through the alias?"""
        canary, stable = versions
        wanted = {"canary": ("Invocations", canary), "stable": ("Invocations", stable)}
        series = self._series(target, wanted, since, now)
        return any(series["canary"][began] > 0 and series["stable"].get(began, 0) > 0 for began in series["canary"])

    def served(self, target: Target, version: str | None, since: datetime, until: datetime) -> tuple[ServedMinute, ...]:
        """Returns the counted minutes from ``since`` to ``until``, in order.

        ``version`` None is all that came through the alias, whichever version served it. A minute without a request is
        left out, and so are the last ones: they may not be counted yet, and another version may have served in them.
        """
        names = {"invocations": ("Invocations", version), "errors": ("Errors", version)}
        series = self._series(target, names, since, until)
        invocations, errors = series["invocations"], series["errors"]
        return tuple(
            ServedMinute(began, *counts(invocations, errors, began))
            for began in counted(sorted(invocations), until)
            if invocations[began]
        )

    def before(self, target: Target, stable: str, serving_since: datetime, promoted_at: datetime) -> Before:
        """Returns what the stable version served in the shift and in the hour before it.

        Until ``serving_since`` it had the alias alone, so the alias's own series are its: whether an alias without
        weights has series of its version is not documented. Source: Lambda developer guide, metrics for aliases,
        2026-11.
        """
        wanted = {
            "alias_invocations": ("Invocations", None),
            "alias_errors": ("Errors", None),
            "stable_invocations": ("Invocations", stable),
            "stable_errors": ("Errors", stable),
        }
        series = self._series(target, wanted, serving_since - _HOUR, promoted_at)
        alone = {began for began in series["alias_invocations"] if began + MINUTE <= serving_since}
        beside = {began for began in series["stable_invocations"] if serving_since < began + MINUTE <= promoted_at}
        served = [
            *(counts(series["alias_invocations"], series["alias_errors"], began) for began in alone),
            *(counts(series["stable_invocations"], series["stable_errors"], began) for began in beside),
        ]
        return Before(sum(requests for requests, _ in served), sum(errors for _, errors in served))

    def _series(
        self, target: Target, wanted: Mapping[str, tuple[str, str | None]], since: datetime, now: datetime
    ) -> Mapping[str, Series]:
        queries = [Query(name, metric, version) for name, (metric, version) in wanted.items()]
        versions = " and ".join(dict.fromkeys(version or "any" for _, version in wanted.values()))
        with translating(f"counting the requests of {target} on version {versions}"):
            found = read(self._client, target, queries, since, now)
        return {name: found.get(name, {}) for name in wanted}
