"""L13, R1, R2 and L5: the young stack, and three releases of one function: the first, a good one and a bad one.

The bad one has its error gate off, so that the deployment's own alarm alone can notice, and its event is seen.
"""

from __future__ import annotations

from datetime import datetime

from live.alarm_events import AlarmEvents
from live.outcomes import Finding
from live.probe import ALIAS, Probe
from live.run import Run
from live.slipway import Deployment, Slipway
from live.waiting import GivenUp, Pause, Steps, Waiting, until

_TICK_WITHIN, _DROP_WITHIN = 5.0, 10.0
_REQUESTS_A_MINUTE = 30
_BETWEEN_LOOKS = 5
"""Requests between two looks at the deployment."""
_LOOKS_FOR_A_DROP = 6
"""Looks a minute, and between two drops."""
_RELEASE_WITHIN = 45.0
"""More than a minute of the wall clock on an AWS with minutes of two seconds: so long the controller leaves alone what
collided with another update of the function.
"""


def steps(run: Run) -> Steps:
    """Waits for the first tick, drops until a drop is seen, and releases while requests come."""
    installed = run.now()
    slipway = Slipway(run, Probe(run, f"{run.name}-probe"))
    alarms = AlarmEvents.heard_by(run)
    yield from _first_tick(run, installed)
    yield from _first_drop(run, slipway, installed)
    yield Finding("L13a", *_dead_letters(run))
    first = yield from until(lambda: _ended(slipway), "the first release to end", _RELEASE_WITHIN, every=1 / 6)
    if first.phase == "FAILED" and first.cause != "unchanged":
        raise GivenUp(f"the first release ended as {first}")
    good = yield from _released(slipway, slipway.drop("probe", "good"))
    yield _judged("R1", good, "SUCCEEDED", slipway, good.canary)
    if good.phase != "SUCCEEDED":
        raise GivenUp(f"the good release ended as {good}, so there is nothing to go back to")
    yield Pause(2, "the controller to put $LATEST and its alarm in order after that release")
    bad = yield from _released(slipway, slipway.drop("failing", "bad", errors=False))
    yield _judged("R2", bad, "ROLLED_BACK", slipway, good.canary)
    yield from until(alarms.heard, "the event of the deployment's own alarm", within=5)
    yield Pause(1, "a second event of that alarm")
    yield alarms.judged(slipway.function, bad.canary)


def _first_tick(run: Run, installed: datetime) -> Steps:
    def handled() -> bool:
        pages = run.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=f"/aws/lambda/{run.stack['ControllerName']}", filterPattern='"tick"')
        return any('"event":"tick"' in line["message"] for page in found for line in page["events"])

    try:
        yield from until(handled, "the first tick", _TICK_WITHIN, every=1 / 6)
    except GivenUp as none:
        yield Finding("L13b", str(none), as_expected=False)
    else:
        minutes = (run.now() - installed).total_seconds() / run.aws.minute
        yield Finding("L13b", f"handled {minutes:.1f} minutes after the stack", as_expected=True)


def _first_drop(run: Run, slipway: Slipway, installed: datetime) -> Steps:
    """S3 begins to tell EventBridge of a new bucket's objects after some minutes; what came before is not seen."""
    looks = 0
    while slipway.newest() is None:
        if looks % _LOOKS_FOR_A_DROP == 0:
            slipway.drop("probe", "first")
        if looks > 2 * _DROP_WITHIN * _LOOKS_FOR_A_DROP:
            raise GivenUp(f"none of the drops of {2 * _DROP_WITHIN:.0f} minutes was seen")
        looks += 1
        yield Pause(1 / _LOOKS_FOR_A_DROP, "a drop to be seen")
    minutes = (run.now() - installed).total_seconds() / run.aws.minute
    drops = -(-looks // _LOOKS_FOR_A_DROP)
    said = f"drop {drops}, one a minute, was seen {minutes:.1f} minutes after the stack"
    yield Finding("L13c", said, as_expected=minutes <= _DROP_WITHIN)


def _dead_letters(run: Run) -> tuple[str, bool]:
    sqs, name = run.client("sqs"), "ApproximateNumberOfMessages"
    arn = Probe(run, run.stack["ControllerName"]).state(ALIAS)["DeadLetterConfig"]["TargetArn"]
    queue = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    count = int(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])["Attributes"][name])
    return ("empty" if count == 0 else f"{count} messages"), count == 0


def _released(slipway: Slipway, upload: str) -> Waiting[Deployment]:
    """Sends requests until the deployment of an upload has ended."""
    requests = 0

    def ended() -> Deployment | None:
        nonlocal requests
        requests += 1
        slipway.function.ask()
        newest = slipway.newest() if requests % _BETWEEN_LOOKS == 0 else None
        return newest if newest and newest.upload == upload and newest.has_ended else None

    try:
        return (yield from until(ended, "the release to end", _RELEASE_WITHIN, every=1 / _REQUESTS_A_MINUTE))
    except GivenUp as late:
        raise GivenUp(f"{late}; it stands at {slipway.newest()}") from late


def _ended(slipway: Slipway) -> Deployment | None:
    newest = slipway.newest()
    return newest if newest and newest.has_ended else None


def _judged(fact: str, release: Deployment, phase: str, slipway: Slipway, version: str | None) -> Finding:
    carried, weights = slipway.function.carried()
    said = f"{release}; the alias is on version {carried}{f' with {dict(weights)}' if weights else ', without weights'}"
    return Finding(fact, said, as_expected=release.phase == phase and (carried, dict(weights)) == (version, {}))
