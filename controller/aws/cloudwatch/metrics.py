"""Reads from CloudWatch the requests and errors of versions through the alias.

Note: a minute's counts grow for as long as its requests run. ``statistics.shift`` says when they can be judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from controller.aws.cloudwatch.series import Query, Question, Series, SeriesReader, counts
from controller.aws.errors import translating
from controller.core.manifest.settings import MetricGate
from controller.core.model import Target
from controller.core.statistics.alias_past import ServedMinute, of_stable
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from controller.core.statistics.shift import counted

_HOUR = timedelta(hours=1)


class Metrics:
    def __init__(self, reader: SeriesReader) -> None:
        self._reader = reader

    def reached(self, target: Target, version: str, since: datetime, alone_since: datetime, now: datetime) -> int:
        """Returns the known requests of ``version`` through the alias since ``since``.

        From ``alone_since`` on no other version served, so all of the alias's requests count: AWS does not document
        whether an alias without weights has series of its version. Source: Lambda developer guide, metrics for aliases,
        2026-11.
        """
        series = self._series(target, {"own": ("Invocations", version), "all": ("Invocations", None)}, since, now)
        alone = sum(value for began, value in series["all"].items() if began >= alone_since)
        return round(max(sum(series["own"].values()), alone))

    def last_success(self, target: Target, now: datetime) -> datetime | None:
        """Returns the last minute of the hour in which an invocation through the alias ended well, None without one."""
        asked: dict[str, tuple[str, str | None]] = {"all": ("Invocations", None), "bad": ("Errors", None)}
        series = self._series(target, asked, now - _HOUR, now)
        well = (began for began, count in series["all"].items() if count > series["bad"].get(began, 0))
        return max(well, default=None)

    def minutes(
        self,
        target: Target,
        versions: tuple[str, str],
        since: datetime,
        until: datetime,
    ) -> tuple[CountedMinute, ...]:
        """Returns the minutes from ``since`` to ``until``, in order, growing ones included.

        ``versions`` are the canary and the stable version. Minutes without requests of either are left out.
        """
        return self.all_minutes(target, versions, (None,), since, until)[0]

    def all_minutes(
        self,
        target: Target,
        versions: tuple[str, str],
        counts_of: Sequence[MetricGate | None],
        since: datetime,
        until: datetime,
    ) -> tuple[tuple[CountedMinute, ...], ...]:
        """Returns the minutes of several kinds of counts, as ``minutes`` does, by one call: None is Lambda's own,
        others a team's.
        """
        queries = tuple(query for place, gate in enumerate(counts_of) for query in _queries(place, gate, versions))
        with translating(f"counting the requests of {target} on version {versions[0]} and {versions[1]}"):
            found = self._reader.read(Question(target, queries, since, until))
        return tuple(tuple(_compared(found, place, gate, until)) for place, gate in enumerate(counts_of))

    def served(self, target: Target, version: str | None, since: datetime, until: datetime) -> tuple[ServedMinute, ...]:
        """Returns the counted minutes from ``since`` to ``until``, in order.

        A ``version`` of None stands for all requests through the alias. Minutes without requests are left out, as are
        the newest: their counts may be incomplete, and another version may have served in them.
        """
        names = {"invocations": ("Invocations", version), "errors": ("Errors", version)}
        series = self._series(target, names, since, until)
        over = {*counted(sorted(series["invocations"]), until)}
        found = _served(series["invocations"], series["errors"])
        return tuple(minute for minute in found if minute.invocations and minute.began in over)

    def before(
        self, target: Target, stable: str, traffic_since: datetime, promoted_at: datetime
    ) -> tuple[ServedMinute, ...]:
        """Returns the stable version's minutes in the shift and in the hour before, in order.

        Until ``traffic_since`` the stable version had the alias to itself, so the alias's series fill gaps in its own:
        AWS does not document whether an alias without weights has series of its version. Source: Lambda developer
        guide, metrics for aliases, 2026-11.
        """
        wanted = {
            "alias_invocations": ("Invocations", None),
            "alias_errors": ("Errors", None),
            "stable_invocations": ("Invocations", stable),
            "stable_errors": ("Errors", stable),
        }
        series = self._series(target, wanted, traffic_since - _HOUR, promoted_at)
        own = [*_served(series["stable_invocations"], series["stable_errors"])]
        alias = [*_served(series["alias_invocations"], series["alias_errors"])]
        minutes = (each for each in of_stable(own, alias, traffic_since) if each.began < promoted_at)
        return tuple(sorted(minutes, key=lambda each: each.began))

    def _series(
        self, target: Target, wanted: Mapping[str, tuple[str, str | None]], since: datetime, now: datetime
    ) -> Mapping[str, Series]:
        queries = tuple(Query(name, metric, version) for name, (metric, version) in wanted.items())
        versions = " and ".join(dict.fromkeys(version or "any" for _, version in wanted.values()))
        with translating(f"counting the requests of {target} on version {versions}"):
            found = self._reader.read(Question(target, queries, since, now))
        return {name: found.get(name, {}) for name in wanted}


def _served(invocations: Series, errors: Series) -> Iterator[ServedMinute]:
    for began in sorted(invocations):
        # Note: Lambda sends Errors of 0 with each good request, so a missing point is still to come. Source: Lambda
        # developer guide, types of metrics, 2026-11.
        is_whole = began in errors and _is_whole(invocations, errors, began)
        yield ServedMinute(began, *counts(invocations, errors, began), is_whole)


_COUNTS = (("canary_invocations", 0), ("canary_errors", 0), ("stable_invocations", 1), ("stable_errors", 1))
"""The names of both versions' series, and the version's place in ``versions``."""


def _queries(place: int, gate: MetricGate | None, versions: tuple[str, str]) -> Iterator[Query]:
    for name, version in _COUNTS:
        is_bad = name.endswith("errors")
        metric = ("Errors" if is_bad else "Invocations") if gate is None else (gate.bad if is_bad else gate.total)
        yield Query(_id(place, gate, name), metric, versions[version], gate=gate)


def _compared(
    found: Mapping[str, Series], place: int, gate: MetricGate | None, until: datetime
) -> Iterator[CountedMinute]:
    series = [found.get(_id(place, gate, name), {}) for name, _ in _COUNTS]
    canary, canary_bad, stable, stable_bad = series
    for began in sorted({began for points in series for began in points if began < until}):
        served = Minute(*counts(canary, canary_bad, began), *counts(stable, stable_bad, began))
        is_whole = _is_whole(canary, canary_bad, began) and _is_whole(stable, stable_bad, began)
        # A team may send a point of its bad count only when there is something bad.
        yield CountedMinute(began, served, is_whole, gate is not None or began in stable_bad)


def _is_whole(requests: Series, bad: Series, began: datetime) -> bool:
    """Does CloudWatch show at least as many requests as bad ones? Each series arrives on its own.

    Source: CloudWatch user guide, metric math, FILL, which warns of the newest point, 2023-06.
    """
    return bad.get(began, 0) <= requests.get(began, 0)


def _id(place: int, gate: MetricGate | None, name: str) -> str:
    return name if gate is None else f"metric{place}_{name}"
