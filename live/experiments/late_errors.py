"""L4 and L6: requests that run into a timeout of two minutes on version 2, and what CloudWatch says of them, and when.

All of those are sent in the first minute, good ones for three minutes. So an error that is stamped with the end of its
request stands in another minute than one that is stamped with the beginning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from live.outcomes import Finding
from live.probe import Probe, probe
from live.run import Run
from live.series import counted, total
from live.waiting import Pause, Steps, Waiting

_TIMEOUT = 2.0
"""Minutes."""
_HANGING, _GOOD = 16, 30
_WEIGHT = 0.3
"""So about five requests hang at once: an account may have a concurrency of ten in all."""
_LAST_LOOK = 6.0
"""Minutes after the last request."""


@dataclass
class Seen:
    """When each minute's point was first seen, in minutes after that minute began, for one metric of version 2."""

    after: dict[datetime, float] = field(default_factory=dict)

    def look(self, points: Mapping[datetime, float], now: datetime, minute: float) -> None:
        for began, value in points.items():
            if value:
                self.after.setdefault(began, (now - began).total_seconds() / minute)


def steps(run: Run) -> Steps:
    """Sends, watches the points come, and reads how long the requests took."""
    timeout = run.aws.seconds(_TIMEOUT)
    function = yield from probe(run, "l4", Timeout=timeout)
    function.point("1", {(yield from function.publish("second")): _WEIGHT})
    function.never_again()
    errors, requests = Seen(), Seen()
    began = run.now()
    yield from _sent(function, "hang", _HANGING, 1.0)
    hung_until = run.now()
    yield from _sent(function, "", _GOOD, 2.0)
    waited, last = 0.0, run.now()
    while waited < _LAST_LOOK:
        errors.look(counted(function, "Errors", began, "2"), run.now(), run.aws.minute)
        requests.look(counted(function, "Invocations", began, "2"), run.now(), run.aws.minute)
        yield Pause(0.25, "CloudWatch to count the requests that timed out")
        waited += 0.25
    yield _late(errors, requests, hung_until, last)
    yield _durations(function, began, timeout)


def _sent(function: Probe, what: str, count: int, minutes: float) -> Waiting[None]:
    for _ in range(count):
        function.send({"2": what})
        yield Pause(minutes / count, "the requests to be sent")


def _late(errors: Seen, requests: Seen, hung_until: datetime, last: datetime) -> Finding:
    if not errors.after:
        return Finding("L4", f"no error is counted {_LAST_LOOK:g} minutes after the last request", as_expected=False)
    in_their_minute = max(errors.after) <= hung_until
    earliest = min(errors.after.values())
    fast = [after for began, after in requests.after.items() if began not in errors.after and began < last]
    said = (
        f"{'in' if in_their_minute else 'not in'} the minute in which they began, first seen {earliest:.1f} minutes"
        f" after its begin; minutes of good requests alone {max(fast, default=0):.1f} minutes after theirs"
    )
    return Finding("L4", said, as_expected=in_their_minute and earliest >= _TIMEOUT - 1)


def _durations(function: Probe, began: datetime, timeout: int) -> Finding:
    """The lower bound of a trimmed count is exclusive. Source: CloudWatch user guide, statistics, 2026-11."""
    nearly = timeout * 1000 - 1
    slower = {bound: total(function, "Duration", began, "2", f"TC({bound}:)") for bound in (1, nearly)}
    served = total(function, "Duration", began, "2", "SampleCount")
    failed = total(function, "Errors", began, "2")
    medians = counted(function, "Duration", began, "2", "p50")
    said = (
        f"of {served} requests {slower[1]} over 1 ms, {slower[nearly]} over {nearly} ms where {failed} timed out;"
        f" p50 {max(medians.values(), default=0):.0f} ms at most"
    )
    counts = slower[1] == served > 0 and slower[nearly] == failed > 0
    return Finding("L6", said, as_expected=counts and bool(medians))
