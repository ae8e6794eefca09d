"""The verbs of a story, for tests that tell one behaviour each: given, when, then.

    story = Scene().given_shifting().alarms()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1"))

A scene is a story (``story.py``) that is told in calls and not in steps (``steps.py``): steps are values that sweeps
and walks copy, print and shorten. Both happen in the same AWS in memory, under the same invariants.

Rules of the file:
- each verb returns the scene, so that verbs can be chained; what a test looks at is in ``findings.py``;
- a controller that fails is tried again by a later event, as on AWS; ``failures`` holds what it failed with.

Note: ``ticks`` count from now, and not from the beginning of a minute: the tick that comes five minutes after a step
was seen live ends a hold of five minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, Self

from controller.core.model import Phase, Routing
from tests.builders import CHECKOUT
from tests.cloud.faults import Call, Fault, Json
from tests.cloud.findings import Findings
from tests.cloud.steps import BUCKET, HOOK, ROLE, HasAlarm, Live, MoveAlias, Running, asked
from tests.cloud.story import tick
from tests.cloud.zips import zipped

OWN_ALARM = "slipway/checkout/live/{}"
"""The name of the alarm that a deployment has of its own."""
STEPS = [{"weight": 10, "hold": "5m"}, {"weight": 50, "hold": "10m"}]
MANIFEST: Mapping[str, Any] = {
    "strategy": {"steps": STEPS, "bake": "30m"},
    "gates": {"alarms": [], "errors": False, "min_invocations": 0},
    "function": {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE},
}
MINUTE = timedelta(minutes=1)


def hooks(*points: str, **more: Any) -> dict[str, Any]:
    """Returns the section of a manifest that has hooks at these points."""
    return {"hooks": {point: {"function": HOOK.format(point), **more} for point in points}}


@dataclass
class Scene(Findings):
    """One controller, one function named checkout, and whatever happens to them.

    ``uploads`` are the events of what was dropped, by name, heard or not.
    """

    uploads: dict[str, Json] = field(default_factory=dict)

    # -- given --------------------------------------------------------------------------------------------------------

    def given_live(self, code: str = "v1") -> Self:
        """The function serves version 1 through its alias; Slipway did not make it."""
        Live(code).play(self)
        return self

    def given_running(self, code: str = "theirs") -> Self:
        """The function runs its ``$LATEST``, and has neither a version nor an alias."""
        Running(code).play(self)
        return self

    def given_alarm(self, name: str, state: str = "OK") -> Self:
        """Somebody has an alarm of that name."""
        HasAlarm(name, state).play(self)
        return self

    def given_version(self, number: str, code: str = "theirs") -> Self:
        """Somebody else has published that version, the newest one."""
        function = self.cloud.lambda_.functions[CHECKOUT.function]
        latest = function.latest
        before, function.published = (latest.configuration, latest.code), int(number) - 1
        latest.configuration, latest.code = self.cloud.lambda_.coded(latest.configuration, zipped(code)), zipped(code)
        assert self.cloud.lambda_.publish(CHECKOUT.function) == number
        latest.configuration, latest.code = before
        return self

    def given_shifting(self, **manifest: Any) -> Self:
        """Version 2 is at its first step, confirmed, over version 1."""
        self.given_live().drops("v2", **manifest)
        assert self.phase() is Phase.SHIFTING, self.in_words()
        return self

    def given_latest_left_as_published(self) -> Self:
        """Version 2 shifts and ``$LATEST`` still runs its code: that of version 1 was too large to be sent back."""
        stable = self.given_live().cloud.lambda_.version(CHECKOUT.function, "1")
        size, stable["CodeSize"] = stable["CodeSize"], 60 * 1024**2
        self.drops("v2")
        stable["CodeSize"] = size
        assert (self.phase(), self.latest_code) == (Phase.SHIFTING, "v2"), self.in_words()
        return self

    def given_baking(self, **manifest: Any) -> Self:
        """Version 2 has all traffic and bakes over version 1."""
        self.given_shifting(**manifest).requests("promote")
        assert self.phase() is Phase.BAKING, self.in_words()
        return self

    def given_hook(self, point: str, *answers: Mapping[str, Any] | Exception, **how: Any) -> Self:
        """The hook function of ``point`` answers these, one after the other, and the last for ever; an exception is
        raised in it. ``how`` is as in ``lambda_state.Behaviour``.
        """
        name = HOOK.format(point)
        if name not in self.cloud.lambda_.functions:
            self.cloud.lambda_.make(name, zipped(name), Timeout=60)
        said = [
            {"error": type(each).__name__} if isinstance(each, Exception) else {"response": each} for each in answers
        ]
        self.cloud.lambda_.behave_in_turn(name, *({**each, **how} for each in said))
        return self

    def given_traffic(self, requests: int) -> Self:
        """That many requests come through the alias in each minute."""
        self.cloud.callers[CHECKOUT.function, CHECKOUT.alias] = requests
        self.cloud.counted.clear()
        return self

    def given_counts(self, **versions: tuple[int, int]) -> Self:
        """In each minute each version has these requests, and failures among them, as long as the alias carries it:
        ``given_counts(v1=(900, 1), v2=(100, 4))``.
        """
        self.given_traffic(0)
        counts = {name.removeprefix("v"): found for name, found in versions.items()}
        self.cloud.counted[CHECKOUT.function, CHECKOUT.alias] = counts
        return self

    def given_published(self, **versions: tuple[int, int]) -> Self:
        """The same of what the versions publish themselves (``cloud.OWN_METRICS``); the alias decides who publishes."""
        counts = {name.removeprefix("v"): found for name, found in versions.items()}
        self.cloud.published[CHECKOUT.function, CHECKOUT.alias] = counts
        return self

    def given_day(self, requests: int, failed: int = 0, bad: int = 0) -> Self:
        """Each minute of the day before had that many requests of version 1, and failures among them; version 1 itself
        published that so many of them were bad.
        """
        clock, now = self.cloud.clock, self.cloud.clock.now
        for minute in range(1, 24 * 60 + 1):
            clock.now = now - minute * MINUTE
            self.cloud.metrics.total(CHECKOUT.function, CHECKOUT.alias, "1", (requests, failed))
            self.cloud.publish("1", requests, bad)
        clock.now = now
        return self

    # -- when: the team ------------------------------------------------------------------------------------------------

    def drops(self, name: str, *, files: Mapping[str, str] | None = None, bad: bytes = b"", **manifest: Any) -> Self:
        """A zip is dropped, and its event comes: see ``puts``."""
        self.puts(name, files=files, bad=bad, **manifest)
        self.hears(self.upload(name))
        return self

    def puts(self, name: str, *, files: Mapping[str, str] | None = None, bad: bytes = b"", **manifest: Any) -> Self:
        """A zip is dropped, and nobody has heard of it yet: the code "v2", or the bytes of v2 once more as "v2-again".

        ``manifest`` are sections in place of those of MANIFEST; ``bad`` are bytes in place of a zip.
        """
        code, _, again = name.partition("-")
        before = self.cloud.storage.buckets.get(BUCKET, {}).get(f"{CHECKOUT.function}/{code}.zip")
        content = bad or zipped(code, {**MANIFEST, **manifest}, files)
        if again and before and not manifest:
            content = before[-1].content or content
        event = self.cloud.storage.put(BUCKET, f"{CHECKOUT.function}/{name}.zip", content)
        self.cloud.events.remove(event)
        self.uploads[name] = event
        return self

    def upload(self, name: str) -> Json:
        """Returns the event of a drop."""
        return self.uploads[name]

    def requests(self, word: str, **more: Any) -> Self:
        """A person asks for something of checkout and is not refused."""
        answer = self.answer(word, **more)
        assert answer["ok"], answer
        return self

    def answer(self, word: str, **more: Any) -> Json:
        """Returns what a person is answered who asks for something of checkout; the error where it failed."""
        answered = len(self.answers)
        asked(self, word, more)
        return self.answers[-1] if len(self.answers) > answered else {"ok": False, "failed": self.failures[-1]}

    def tells(self, event: Json) -> Self:
        """An event comes, this one and nothing else that waits to be delivered."""
        self.hears(event)
        return self

    def sends(self, payload: Json) -> Json:
        """Returns what a person is answered who invokes the controller; the error where it failed."""
        if payload["request"] == "deploy":
            self.asked |= {self.cloud.storage.buckets[BUCKET][payload["key"]][-1].version_id}
        if self.hears(payload):
            return self.answers[-1]
        return {"ok": False, "failed": self.failures[-1]}

    # -- when: AWS -----------------------------------------------------------------------------------------------------

    def ticks(self, times: int = 1, every: timedelta = MINUTE) -> Self:
        """That many minutes pass, each with what AWS has to tell by then and its tick."""
        for _ in range(times):
            self.passes(every)
            self.deliver()
            self.hears(tick(self.cloud.clock.now))
        return self

    def ticks_now(self) -> Self:
        """A tick comes at once."""
        self.hears(tick(self.cloud.clock.now))
        return self

    def passes(self, time: timedelta) -> Self:
        """Time passes: callers call, and nobody tells the controller."""
        self.cloud.advance(time)
        return self

    def alarms(self, name: str | None = None) -> Self:
        """An alarm fires, that of the newest deployment where none is named; its event comes, and then the tick."""
        self.cloud.cloudwatch.move(name or OWN_ALARM.format(self.deployment().number), "ALARM")
        self.deliver()
        return self.ticks_now()

    def turns(self, name: str, state: str = "ALARM") -> Self:
        """An alarm changes to that state and stays in it, and its event is lost."""
        told = len(self.cloud.events)
        self.cloud.cloudwatch.alarms[name].rule = None
        self.cloud.cloudwatch.move(name, state)
        del self.cloud.events[told:]
        return self

    def alarm(self, name: str, version: str | None = None, alias: str = CHECKOUT.alias) -> Json:
        """Returns an event that an alarm fires now, on what ``version`` serves through the alias, whether or not there
        is such an alarm; None: on no version at all.
        """
        self.cloud.cloudwatch.moved.add(name)
        dimensions = {"FunctionName": "checkout", "Resource": f"checkout:{alias}", "ExecutedVersion": version}
        about = dimensions if version else {"Queue": "q"}
        metric = {"namespace": "AWS/Lambda", "name": "Errors", "dimensions": about}
        state = {"value": "ALARM", "timestamp": self.cloud.clock.now.strftime("%Y-%m-%dT%H:%M:%S.000+0000")}
        configuration = {"metrics": [{"id": "m", "metricStat": {"metric": metric, "period": 60, "stat": "Sum"}}]}
        detail = {
            "alarmName": name, "state": state, "previousState": {"value": "OK"}, "configuration": configuration,
        }  # fmt: skip
        return {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": detail}

    def behaves(self, code: str, **how: Any) -> Self:
        """From now on that code behaves so: ``lambda_state.Behaviour`` says how."""
        self.cloud.lambda_.behave(code, **how)
        return self

    # -- when: trouble, and others -------------------------------------------------------------------------------------

    def moves(self, version: str, weights: Mapping[str, float] | None = None) -> Self:
        """Somebody else moves the alias."""
        MoveAlias(version, weights or {}).play(self)
        return self

    def down(self, *services: str) -> Self:
        """From now on these services fail, or only these operations of one: "dynamodb", "UpdateAlias"."""
        for each in services:
            self.cloud.fail(_of(each), Fault.SERVICE_ERROR, None)
        return self

    def up(self) -> Self:
        """From now on nothing goes wrong."""
        self.cloud.plan.heal()
        return self

    def meanwhile(self, operation: str, do: Callable[[], object], nth: int = 1, about: str = "") -> Self:
        """Just before the nth such call from now on somebody else does something, from beginning to end. ``about`` is
        in the parameters of the calls that count, the key of a row for example.
        """
        numbers = count(1)

        def is_it(call: Call) -> bool:
            return call.operation == operation and about in str(call.parameters) and next(numbers) == nth

        self.cloud.meanwhile(is_it, do)
        return self

    # -- then ----------------------------------------------------------------------------------------------------------

    def shown(self) -> Json:
        """Returns the open deployment, else the newest one, as ``status`` shows it."""
        told = self.answer("status")
        shown: Json = told["open"] or told["newest"]
        return shown

    def held_by(self) -> str:
        """Returns why the newest deployment does not go on, as ``status`` says it."""
        return str(self.shown()["held_by"])


def _of(what: str) -> Callable[[Call], bool]:
    return lambda call: what in (call.service, call.operation)


def split(weight: int = 1000, stable: str = "1", canary: str = "2") -> Routing:
    """Returns what an alias carries in a step; the weight is in hundredths of a percent."""
    return Routing(stable, canary, weight)
