"""The tables as Markdown, which is also how they read in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.judging.rivals import RIVALS
from bench.judging.trials import Caught, Ended


def good_releases(ended: Sequence[Ended]) -> str:
    """Returns how many percent of good releases are rolled back, by the error gate and by its rivals."""
    return _table(
        ("good release", "deployed", "error gate", *RIVALS),
        (
            (
                each.cell.name,
                each.cell.way.value,
                percent(each.rolled_back / each.runs),
                *(percent(each.rivals[name].rolled_back) for name in RIVALS),
            )
            for each in ended
        ),
    )


def bad_releases(caught: Sequence[Caught], late: Sequence[Ended]) -> str:
    """Returns how soon bad releases are back, and how many of those whose failures come late."""
    return _table(
        ("bad release", "deployed", "back"),
        (
            *(
                (each.worse.name, f"{each.worse.weight} %", f"after {each.minutes:,} minutes, {each.errors:,} errors")
                for each in caught
            ),
            *((each.cell.name, each.cell.way.value, f"{percent(each.rolled_back / each.runs)} %") for each in late),
        ),
    )


def percent(share: float) -> str:
    """Writes 0.3, 5, 99.9 and 100: nothing that is not 0 or 100 is shown as that."""
    return f"{100 * share:.1f}".removesuffix(".0")


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    rows = [list(each) for each in body]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    rule = ["-" * width for width in widths]
    return "".join(
        f"| {' | '.join(text.ljust(width) for text, width in zip(row, widths, strict=True))} |\n"
        for row in (head, rule, *rows)
    )
