"""A list whose rows have notes: a column of them where there is room, else lines below each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WIDE = 120
"""Columns from which on the notes get one of their own; piped text is wider than any terminal."""
_INDENT = 4
_GAP = "  "


class Listing:
    """Rows of cells, each with notes. ``head`` names the columns, ``notes`` the notes'."""

    def __init__(self, *head: str, notes: str) -> None:
        self._head = head
        self._notes = notes
        self._rows: list[tuple[list[Text], list[Text]]] = []

    def add(self, cells: Sequence[str | Text], notes: Iterable[Text]) -> None:
        """Adds a row."""
        self._rows.append(([Text(cell) if isinstance(cell, str) else cell for cell in cells], list(notes)))

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        yield from [self._table()] if options.max_width >= WIDE else self._lines()

    def _table(self) -> Table:
        table = Table(*self._head, self._notes, box=None, pad_edge=False)
        for cells, notes in self._rows:
            table.add_row(*cells, Text("; ").join(notes))
        return table

    def _lines(self) -> Iterator[RenderableType]:
        head = [Text(name, style="bold") for name in self._head]
        columns = zip(head, *(cells for cells, _ in self._rows), strict=True)
        widths = [max(map(_width, column)) for column in columns]
        yield _line(head, widths)
        for cells, notes in self._rows:
            yield _line(cells, widths)
            for note in notes:
                yield Padding(note, (0, 0, 0, _INDENT))


def _width(cell: Text) -> int:
    return cell_len(cell.plain)


def _line(cells: Sequence[Text], widths: Sequence[int]) -> Text:
    padded = (cell + Text(" " * (width - _width(cell))) for cell, width in zip(cells, widths, strict=True))
    line = Text(_GAP).join(padded)
    line.rstrip()
    return line
