"""All that is simulated: which cells a whole run plays, which a quick one, and the bars that they must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.judging import bars, cells
from bench.judging.trials import Caught, Ended, Trials
from bench.row import Row

_QUICK_TIMES = 0.12
"""How many of a cell's releases a quick run plays."""
_EVERY = 5
"""Every so many cells of a kind are played in a quick run."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came out: good releases that are promised to stay and others, bad ones that fail late or oftener."""

    promised: Sequence[Ended]
    unpromised: Sequence[Ended]
    late: Sequence[Ended]
    worse: Sequence[Caught]
    ten_times: Ended

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every bar."""
        return (
            *bars.kept(self.promised),
            *bars.together(self.promised),
            *bars.ten_times(self.ten_times),
            *bars.worse(self.worse),
            *bars.failing_late(self.late),
        )


def simulated(*, quick: bool = False) -> Simulated:
    """Plays everything; a quick run plays fewer cells and fewer releases of each."""
    every = _EVERY if quick else 1
    with Trials(_QUICK_TIMES if quick else 1.0) as trials:
        promised = [trials.ended(cell) for cell in cells.promised()[::every]]
        unpromised = [trials.ended(cell) for cell in cells.unpromised()[::every]]
        late = [trials.ended(cell) for cell in cells.failing_late()[::every]]
        worse = [trials.caught(each) for each in cells.worse()[::every]]
        ten_times = trials.ended(cells.TEN_TIMES)
        return Simulated(
            [each() for each in promised],
            [each() for each in unpromised],
            [each() for each in late],
            [each() for each in worse],
            ten_times(),
        )
