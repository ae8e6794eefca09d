"""The two tables as Markdown, which is also how they read in a terminal.

Rules of the file: every cell that was played is shown, also where nothing can be seen. What a newcomer would get wrong:
the three numbers of an entry are always the error gate, then the rivals, in the order of ``NAMES``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bench.judging.gates import NAMES
from bench.judging.trials import GOOD_MINUTES, TIMES, Caught, Onset, Outcome

_ORDER = " / ".join(NAMES)
_ALWAYS = ("weight", "requests a minute")


def good_releases(outcomes: Sequence[Outcome]) -> str:
    """Returns the first table: how many good releases each gate rolls back."""
    by_key = {(each.cell.weight, each.cell.requests, each.cell.errors): each for each in outcomes}
    rates = sorted({each.cell.errors for each in outcomes})
    lines = sorted({(each.cell.weight, each.cell.requests) for each in outcomes})
    return _table(
        [*_ALWAYS, *(f"{rate:g} % errors" for rate in rates)],
        (
            [f"{weight:g} %", f"{requests:,}", *(_shares(by_key[weight, requests, rate]) for rate in rates)]
            for weight, requests in lines
        ),
    )


def bad_releases(outcomes: Sequence[Outcome], onset: Onset) -> str:
    """Returns the second table, for one onset: how soon each gate catches a bad release."""
    return _table(
        [*_ALWAYS, "errors", *(f"{times} times worse" for times in TIMES)],
        (
            [
                f"{each.cell.weight:g} %",
                f"{each.cell.requests:,}",
                f"{each.cell.errors:g} %",
                *(_entry(map(_caught, each.medians[onset, times])) for times in TIMES),
            ]
            for each in sorted(outcomes, key=lambda each: each.cell)
        ),
    )


def good_legend(outcomes: Sequence[Outcome]) -> str:
    """Says what an entry of the first table is."""
    runs = _numbers(each.size.good for each in outcomes)
    return (
        f"Percent of good releases that are rolled back within {GOOD_MINUTES} minutes, {_ORDER}; "
        f"{runs} simulated releases an entry."
    )


def bad_legend(outcomes: Sequence[Outcome]) -> str:
    """Says what an entry of the second table is."""
    runs = _numbers(each.size.bad for each in outcomes)
    minutes = _numbers(each.size.bad_minutes for each in outcomes)
    return (
        f"Median minutes until a bad release is rolled back, and in brackets the errors of both versions until then, "
        f"{_ORDER}; {runs} simulated releases an entry. A dash: half of them are not caught within {minutes} minutes. "
        f"A release that is rolled back while it is still good counts as the soonest; the word good: half of them are."
    )


def _numbers(numbers: Iterable[int]) -> str:
    return " or ".join(f"{number:,}" for number in sorted(set(numbers), reverse=True))


def _shares(outcome: Outcome) -> str:
    return _entry(_percent(100 * count / outcome.size.good) for count in outcome.false_rollbacks)


def _percent(share: float) -> str:
    """Writes 0.3, 5, 99.9 and 100: nothing that is not 0 or 100 is shown as that."""
    return f"{share:.1f}".removesuffix(".0")


def _caught(median: Caught) -> str:
    if median.minutes == math.inf:
        return "-"
    if median.minutes == -math.inf:
        return "good"
    return f"{median.minutes:,.0f} ({median.errors:,.0f})"


def _entry(parts: Iterable[str]) -> str:
    return " / ".join(parts)


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    rows = [list(each) for each in body]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    rule = ["-" * width for width in widths]
    return "".join(
        f"| {' | '.join(text.ljust(width) for text, width in zip(row, widths, strict=True))} |\n"
        for row in (head, rule, *rows)
    )
