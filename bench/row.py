"""One line of the table: what was measured, the bar, what came out, and whether the bar holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

_HEADINGS = ("what", "bar", "measured", "holds")


@dataclass(frozen=True, slots=True)
class Row:
    """``numbers`` are what programs read: ``{"lambda_reads": 1, "lambda_writes": 1}``."""

    what: str
    bar: str
    measured: str
    holds: bool
    numbers: Mapping[str, float] = field(default_factory=dict)


def table(rows: Sequence[Row]) -> str:
    """Returns the rows as aligned text, one line each under the headings."""
    cells = [(row.what, row.bar, row.measured, "yes" if row.holds else "NO") for row in rows]
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *cells, strict=True)]
    rule = ["-" * width for width in widths]
    lines = (
        " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        for line in (_HEADINGS, rule, *cells)
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def verdict(rows: Sequence[Row]) -> dict[str, object]:
    """Returns the last line of the output: ``{"ok": true, "rows": [{"what": "...", "holds": true, ...}]}``."""
    return {"ok": all(row.holds for row in rows), "rows": [asdict(row) for row in rows]}
