"""L7: is a request of a version that fails on import counted both as an invocation and as an error?"""

from __future__ import annotations

from live.outcomes import Finding
from live.probe import probe, zipped
from live.run import Run
from live.series import total
from live.waiting import Pause, Steps, until

_REQUESTS = 5


def steps(run: Run) -> Steps:
    """Gives half of the requests to a version that cannot start, until it had some, and counts."""
    function = yield from probe(run, "l7")
    yield from function.update(zipped("broken"))
    function.point("1", {(yield from function.publish()): 0.5})
    began, failed = run.now(), 0
    while failed < _REQUESTS:
        answer = function.ask()
        failed += answer.version == "2" and answer.failed
        yield Pause(1 / 60, "requests to meet the version that fails on import")
    yield from until(
        lambda: max(total(function, metric, began, "2") for metric in ("Errors", "Invocations")) >= failed,
        f"CloudWatch to count {failed} failures",
        within=8,
    )
    yield Pause(1.5, "the last of their counts")
    errors, invocations = (total(function, metric, began, "2") for metric in ("Errors", "Invocations"))
    said = f"{errors} errors and {invocations} invocations of {failed} requests that failed"
    yield Finding("L7", said, as_expected=errors == invocations == failed)
