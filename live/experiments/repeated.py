"""L9: what the same zip, tiny weights and a quick succession of moves come to."""

from __future__ import annotations

from live.outcomes import Finding
from live.probe import Probe, probe, zipped
from live.run import Run
from live.waiting import Pause, Steps

_REQUESTS = 200
_MINUTES = 0.5
_AT_MOST_SECONDS = 10
_WEIGHTS = (0.0001, 0.3333)


def steps(run: Run) -> Steps:
    """Publishes the same again, writes weights and reads them, moves the alias and asks who answers."""
    function = yield from probe(run, "l9")
    yield from function.update(zipped("probe"))
    again = yield from function.publish()
    said = "version 1 again" if again == "1" else f"version {again}"
    yield Finding("L9a", f"{said}, after version 1", as_expected=again == "1")
    second = yield from function.publish("second")
    yield _read_back(function, second)
    yield from _lag(function, second)


def _read_back(function: Probe, second: str) -> Finding:
    found = []
    for weight in _WEIGHTS:
        function.point("1", {second: weight})
        found.append(function.carried()[1].get(second))
    return Finding("L9b", " and ".join(map(str, found)), as_expected=found == list(_WEIGHTS))


def _lag(function: Probe, second: str) -> Steps:
    """Moves the alias to and fro within a second; the first version is the old one then."""
    function.point(second)
    function.point("1")
    function.point(second)
    moved, late = function.run.now(), 0.0
    for _ in range(_REQUESTS):
        if function.ask().version != second:
            late = (function.run.now() - moved).total_seconds()
        yield Pause(_MINUTES / _REQUESTS, "the alias's move to be everywhere")
    said = f"its last answer came {late:.1f} s after" if late else f"none of {_REQUESTS} answers was its"
    yield Finding("L9c", said, as_expected=late <= _AT_MOST_SECONDS)
