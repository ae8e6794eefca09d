"""Asks the controller for the deployments of a period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cli import output
from cli.asking import parsing
from cli.asking.answers import Deployment, Overview
from cli.asking.connection import Slipway
from cli.asking.parsing import Answer
from cli.report.figures import History, Period, began, end

_PAGE = 100
"""The most that one answer of ``history`` lists."""
MOST_SHOWN = 50
"""Deployments of a report that are asked about one by one, for their timelines and evidence."""


@dataclass
class Refused(Exception):
    """The controller does not tell the history of a target; the text is its own."""

    text: str


def now(slipway: Slipway) -> tuple[datetime, Overview]:
    """Returns the controller's time, and everything that is open or ended in the last day."""
    told = parsing.overview(slipway.ask("status", {}))
    return told.at or datetime.now(UTC), told


def targets(slipway: Slipway, overview: Overview, period: Period) -> frozenset[str]:
    """Returns the targets with a deployment that is open, or ended in the period. Raises Refused, CouldNotAsk."""
    found = {each.target for each in (*overview.open, *overview.ended)}
    members: dict[str, object] = {"limit": _PAGE, "from": period.since.isoformat(timespec="seconds")}
    while True:
        answer = slipway.ask("history", members)
        if not answer.get("ok"):
            raise Refused(str(answer.get("error", answer)))
        page = parsing.deployments(answer)
        found |= {each.target for each in page}
        if len(page) < _PAGE:
            return frozenset(found)
        members = {**members, "before": page[-1].name}


def history(slipway: Slipway, members: Mapping[str, object], period: Period) -> History:
    """Returns the target's deployments that were open in the period. Raises Refused, CouldNotAsk."""
    answer = slipway.ask("history", {**members, "limit": _PAGE})
    if not answer.get("ok"):
        raise Refused(str(answer.get("error", answer)))
    found = [*parsing.deployments(answer)]
    is_whole = len(found) < _PAGE
    while not is_whole and not _is_before(found[-1], period):
        page = _page_before(slipway, members, found[-1])
        if page is None:
            break
        found += page
        is_whole = len(page) < _PAGE
    whole = is_whole or _is_before(found[-1], period)
    kept = tuple(each for each in found if not _is_before(each, period))
    return History(str(answer.get("target") or members["function"]), kept, whole)


def with_timelines(slipway: Slipway, histories: Iterable[History]) -> tuple[History, ...]:
    """Returns the histories, with the timelines and the evidence of the ``MOST_SHOWN`` newest deployments."""
    found = tuple(histories)
    every = [each for history in found for each in history.deployments]
    newest = sorted(every, key=lambda each: began(each) or datetime.min.replace(tzinfo=UTC), reverse=True)[:MOST_SHOWN]
    shown = dict(_shown(slipway, newest))
    return tuple(
        replace(each, deployments=tuple(shown.get(one.name, one) for one in each.deployments)) for each in found
    )


def _page_before(slipway: Slipway, members: Mapping[str, object], last: Deployment) -> tuple[Deployment, ...] | None:
    """Returns the deployments before one, None from a controller that reads no further."""
    answer = slipway.ask("history", {**members, "limit": _PAGE, "before": last.name})
    return parsing.deployments(answer) if answer.get("ok") else None


def _shown(slipway: Slipway, deployments: Iterable[Deployment]) -> Iterator[tuple[str, Deployment]]:
    for each in deployments:
        answer: Answer = slipway.ask("show", {"function": each.name})
        if not answer.get("ok"):
            output.tell(f"no timelines and no evidence in this report: {answer.get('error', answer)}")
            return
        found = parsing.deployment(answer)
        if found:
            yield each.name, found


def _is_before(deployment: Deployment, period: Period) -> bool:
    ended = end(deployment)
    return ended is not None and ended < period.since
