"""Given / When / Then over the fake AWS: what a test of the whole controller says, in the words of the field."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from controller.core.model import Alias, Deployment, Phase, Routing, Transient
from controller.core.model.observation import AlarmState
from tests.builders import CHECKOUT
from tests.fakes import ROLE, Function, World, Zip

PLENTY = timedelta(minutes=5)
OWN_ALARM = "slipway/checkout/live/{}"
HOOK = "slipway-hook-{}"
STEPS = [{"weight": 10, "hold": "5m"}, {"weight": 50, "hold": "10m"}]


def hooks(*points: str, **more: Any) -> dict[str, Any]:
    """Returns the section of a manifest that has hooks at these points."""
    return {"hooks": {point: {"function": HOOK.format(point), **more} for point in points}}


class AtCall(dict[str, Any]):
    """What happens meanwhile, by the number of the call and not by its name."""

    def __init__(self, number: int, do: Callable[[], object]) -> None:
        super().__init__()
        self._left, self._do = number, do
        self.happened = False

    def pop(self, _name: str, otherwise: Any = None) -> Any:
        self._left -= 1
        self.happened = self.happened or self._left == -1
        return self._do if self._left == -1 else otherwise


class Story:
    """One controller, one function named checkout, and whatever happens to them."""

    def __init__(self) -> None:
        self.world = World()
        self.sequence = 0

    # -- given ---------------------------------------------------------------------------------------------------------

    def given_live(self, version: str = "1") -> Story:
        """The function serves ``version`` through its alias; Slipway did not make it."""
        function = Function(code=f"sha-v{version}", versions={version: f"sha-v{version}"}, published=int(version))
        function.aliases["live"] = Alias(Routing(version), self.world.revision())
        self.world.functions["checkout"] = function
        return self

    def given_alarm(self, name: str) -> Story:
        """There is an alarm of that name and it is OK."""
        self.world.alarms[name] = AlarmState.OK
        return self

    def given_latest_left_as_published(self) -> Story:
        """``$LATEST`` cannot be brought back once, which is when the next version is published."""
        self.world.left_as_published = "Environment of checkout was not restored: AWS does not show it"
        return self

    def given_shifting(self, **manifest: Any) -> Story:
        """Version 2 is at its first step, confirmed, over version 1."""
        self.given_live().drops("v2", **manifest)
        assert self.phase() is Phase.SHIFTING
        return self

    def given_baking(self, **manifest: Any) -> Story:
        """Version 2 has all traffic and bakes over version 1."""
        self.given_shifting(**manifest).asks("promote")
        assert self.phase() is Phase.BAKING
        return self

    def given_hook(self, point: str, *answers: Mapping[str, Any] | Exception) -> Story:
        """There is a hook function for ``point`` that answers these, one after the other, and the last for ever."""
        left = list(answers)

        def answer(_told: Mapping[str, Any]) -> Mapping[str, Any]:
            said = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(said, Exception):
                raise said
            return said

        self.world.hooks[HOOK.format(point)] = answer
        return self

    # -- when ----------------------------------------------------------------------------------------------------------

    def drops(
        self,
        name: str,
        *,
        at: timedelta | None = None,
        bad: str = "",
        files: Mapping[str, str] | None = None,
        **manifest: Any,
    ) -> Story:
        """A zip is dropped now, or was ``at`` from now, and its event comes."""
        self.puts(name, at=at, bad=bad, files=files, **manifest)
        return self.hears(self.upload(name))

    def puts(
        self,
        name: str,
        *,
        at: timedelta | None = None,
        bad: str = "",
        files: Mapping[str, str] | None = None,
        **manifest: Any,
    ) -> Story:
        """A zip is dropped, with ``files`` beside the manifest and the code; nobody has heard of it yet."""
        document = {
            "strategy": {"steps": STEPS, "bake": "30m"},
            "gates": {"alarms": [], "errors": False, "min_invocations": 0},
            "function": {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE},
            **manifest,
        }
        moment = (self.world.now + (at or timedelta())).replace(microsecond=0)
        self.world.zips[f"checkout/{name}.zip"] = Zip(json.dumps(document), moment, bad, dict(files or {}))
        return self

    def upload(self, name: str) -> dict[str, Any]:
        """Returns the event of a drop."""
        self.sequence += 1
        found = {
            "key": f"checkout/{name}.zip",
            "version-id": f"id-{name}",
            "sequencer": f"{self.sequence:08X}",
            "size": 1,
        }
        detail = {"bucket": {"name": "drop"}, "object": found, "reason": "PutObject"}
        return {"source": "aws.s3", "detail-type": "Object Created", "time": "2026-11-24T10:00:00Z", "detail": detail}

    def alarm(self, name: str, version: str | None = None, alias: str = "live") -> dict[str, Any]:
        """Returns the event of an alarm on what ``version`` serves through the alias; None: on no version at all."""
        dimensions = {"FunctionName": "checkout", "Resource": f"checkout:{alias}", "ExecutedVersion": version}
        metric = {"namespace": "AWS/Lambda", "name": "Errors", "dimensions": dimensions if version else {"Queue": "q"}}
        state = {"value": "ALARM", "timestamp": self.world.now.strftime("%Y-%m-%dT%H:%M:%S.000+0000")}
        configuration = {"metrics": [{"id": "m", "metricStat": {"metric": metric, "period": 60, "stat": "Sum"}}]}
        detail = {"alarmName": name, "state": state, "configuration": configuration}
        return {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": detail}

    def alarms(self, name: str | None = None, version: str | None = "2") -> Story:
        """An alarm fires, CloudWatch says so, and its event comes."""
        name = name or OWN_ALARM.format(1)
        self.world.alarms[name] = AlarmState.FIRING
        return self.hears(self.alarm(name, version))

    def ticks(self, count: int = 1, every: timedelta = timedelta(minutes=1)) -> Story:
        """That many minutes pass, each with its tick."""
        for _ in range(count):
            self.passes(every)
            self.hears({"source": "aws.events", "detail-type": "Scheduled Event"})
        return self

    def ticks_in_trouble(self, count: int = 1) -> Story:
        """That many minutes pass, each with a tick that may fail."""
        for _ in range(count):
            with suppress(Transient):
                self.ticks()
        return self

    def passes(self, time: timedelta) -> Story:
        """Time passes and nobody notices."""
        self.world.now += time
        return self

    def asks(self, word: str, **more: Any) -> Story:
        """A person asks for something of checkout and is not refused."""
        answer = self.answer(word, **more)
        assert answer["ok"], answer
        return self

    def answer(self, word: str, **more: Any) -> Mapping[str, Any]:
        """Returns what a person is answered."""
        payload = {"request": word, "function": "checkout", **more}
        outcomes = self.world.dispatcher().dispatch(payload, lambda: PLENTY)
        answer: Mapping[str, Any] = json.loads(json.dumps(outcomes[0].answer))
        return answer

    def hears(self, event: object) -> Story:
        """The controller, just started, handles an event."""
        self.world.dispatcher().dispatch(event, lambda: PLENTY)
        return self

    def meanwhile(self, call: str, do: Callable[[], object], nth: int = 1) -> Story:
        """Before the nth such call from now on another controller does something, from beginning to end."""

        def turn(left: int) -> None:
            if left == 1:
                do()
            else:
                self.world.meanwhile[call] = partial(turn, left - 1)

        self.world.meanwhile[call] = partial(turn, nth)
        return self

    def meanwhile_at(self, number: int, do: Callable[[], object]) -> Story:
        """The same, before the call of that number from now on, whatever it is."""
        self.world.meanwhile = AtCall(number, do)
        return self

    # -- then ----------------------------------------------------------------------------------------------------------

    def deployment(self, number: int = 1) -> Deployment:
        return self.world.deployment(CHECKOUT, number)

    def phase(self, number: int = 1) -> Phase:
        return self.deployment(number).phase

    @property
    def routing(self) -> Routing | None:
        return self.world.routing(CHECKOUT)

    def asked(self) -> list[tuple[str, int]]:
        """Returns the hooks that were called, each with the number of the call."""
        return [(told["hook"], told["call"]) for told in self.world.told]

    def told(self, number: int = 1) -> list[Phase]:
        """Returns the phases that people were told of, in order."""
        return [notice.phase for name, notice in self.world.notices if name == f"checkout:live#{number}"]
