"""``report``: writes the page, or prints its figures."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from cli import output
from cli.asking.connection import Slipway
from cli.report import collecting, page
from cli.report.figures import FourKeys, History, Period, end, four_keys, outcome

DONE, REFUSED = 0, 1
_KEPT = 400
"""Days."""


def add_report(parser: ArgumentParser) -> None:
    """Gives ``report`` its arguments."""
    words = "a target of the report, also as checkout:live"
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help=words)
    words = "also every target with a deployment that is open or ended in the period"
    parser.add_argument("--all", action="store_true", help=words)
    parser.add_argument("--alias", help="the functions' alias, if not that of the default manifest")
    parser.add_argument("--days", type=_days, default=30, help="the length of the period; 30 if not given")
    parser.add_argument("--output", type=Path, default=Path("slipway-report.html"), help="the page's file")


def report(slipway: Slipway, options: Namespace) -> int:
    """Writes the report of what the options name, and returns the exit status."""
    if not options.functions and not options.all:
        options.parser.error("whose report: FUNCTION, or --all?")
    at, overview = collecting.now(slipway)
    period = Period(at - timedelta(days=options.days), at)
    found: dict[str, History] = {}
    try:
        known = collecting.targets(slipway, overview, period) if options.all else frozenset()
        for members in _targets(options, known):
            history = collecting.history(slipway, members, period)
            found[history.target] = history
    except collecting.Refused as problem:
        output.tell(problem.text)
        return REFUSED
    if options.json:
        histories = [*found.values()]
        output.show_json({"ok": True, **_figures(histories, period)})
        return DONE
    histories = [*collecting.with_timelines(slipway, found.values())]
    text = page.page(page.Report(tuple(histories), period))
    try:
        options.output.write_text(text, "utf-8")
    except OSError as problem:
        output.tell(f"the page cannot be written: {problem}; name another file with --output")
        return REFUSED
    return output.show_text(f"{options.output}: {page.in_words(histories, period)}")


def _days(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= _KEPT):
        raise ArgumentTypeError(f"found {text}, allowed: 1 to {_KEPT}, for as long as ended deployments are kept")
    return int(text)


def _targets(options: Namespace, known: frozenset[str]) -> Iterator[Mapping[str, object]]:
    for function in options.functions:
        yield {"function": function, **({"alias": options.alias} if options.alias else {})}
    for target in sorted(known):
        function, _, alias = target.partition(":")
        yield {"function": function, "alias": alias}


def _figures(histories: list[History], period: Period) -> dict[str, object]:
    return {
        "since": period.since.isoformat(timespec="seconds"),
        "until": period.until.isoformat(timespec="seconds"),
        "four_keys": _keys(four_keys(histories, period)),
        "targets": [
            {
                "target": each.target,
                "whole": each.is_whole,
                "four_keys": _keys(four_keys([each], period)),
                "deployments": [
                    {
                        "deployment": one.name,
                        "outcome": outcome(one).value,
                        "opened": one.opened.isoformat() if one.opened else None,
                        "ended": ended.isoformat() if (ended := end(one)) else None,
                        "cause": one.cause,
                        "reason": one.reason,
                        "seconds_to_restore": one.seconds_to_restore,
                    }
                    for one in each.deployments
                ],
            }
            for each in histories
        ],
    }


def _keys(keys: FourKeys) -> dict[str, object]:
    rate = keys.failure_rate
    return {
        "live": keys.live,
        "deployments_a_week": round(keys.a_week, 2),
        "lead_time_seconds": _seconds(keys.lead_time),
        "changes": keys.changes,
        "failures": keys.failures,
        "change_failure_rate": None if rate is None else round(rate, 4),
        "time_to_restore_seconds": _seconds(keys.time_to_restore),
        "longest_restore_seconds": _seconds(keys.longest_restore),
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds(), 1)
