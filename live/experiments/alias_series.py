"""L3: are requests through an alias without weights counted for their version, too? It is not documented.

That there is no such series is known only when the alias's own series is complete, and some minutes more have passed.
"""

from __future__ import annotations

from live.outcomes import Finding
from live.probe import probe
from live.run import Run
from live.series import counted, total
from live.waiting import Pause, Steps, until

_REQUESTS = 5
_MINUTES_MORE = 3.0


def steps(run: Run) -> Steps:
    """Sends five requests, waits for the alias's count of them, and looks for the version's."""
    function = yield from probe(run, "l3")
    began = run.now()
    for _ in range(_REQUESTS):
        function.ask()
    yield from until(
        lambda: total(function, "Invocations", began) == _REQUESTS,
        f"CloudWatch to count {_REQUESTS} requests",
        within=8,
    )
    waited = 0.0
    while not (points := counted(function, "Errors", began, "1")) and waited < _MINUTES_MORE:
        yield Pause(0.25, "a series of the version")
        waited += 0.25
    said = f"{'a' if points else 'no'} series of the version; the alias's has {_REQUESTS} requests"
    yield Finding("L3", said, as_expected=bool(points))
