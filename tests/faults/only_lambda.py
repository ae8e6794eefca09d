"""DynamoDB, S3, CloudWatch, SNS and EventBridge are away, an alarm fires, and Lambda alone has to be enough.

Each story is stopped at a moment at which the canary serves. Then the five services go away, the alarm's event is heard
once by a controller that has just started, time passes, and the services come back.

Note: EventBridge is away as a service that is called, for notices. That its events still arrive, or that a person
invokes the controller, is how the alarm is heard of at all.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from controller.core.model import Phase, Routing
from tests.builders import CHECKOUT
from tests.cloud.fault_steps import FailsAt
from tests.cloud.faults import Call, Fault, Json
from tests.cloud.steps import Ask, Behave, Drop, Live, Minutes, Step, Until, UntilNoted, UntilStep
from tests.cloud.story import Story, asking
from tests.faults.left_undone import left_undone
from tests.faults.results import Swept

BROKEN = "all services but Lambda are away when traffic has to come back"
SERVICES = ("dynamodb", "s3", "cloudwatch", "sns", "events")
WAYS = (
    Fault.SERVICE_ERROR, Fault.THROTTLED, Fault.DENIED, Fault.READ_TIMEOUT, Fault.CONNECT_TIMEOUT,
    Fault.LOST_EVERY_TIME,
)  # fmt: skip
OWN, NAMED = "slipway/checkout/live/1", "errors-of-version-2"
STABLE = Routing("1")
_WORDS = ("promote", "rollback", "resume", "status", "approve", "accept_drift", "pause", "deny")
"""What people ask for while the record is out of reach."""
_TOO_LONG_FOR_AN_UPLOAD = timedelta(minutes=5)
"""Longer than Lambda tries again; what was dropped is a dead letter by then."""
MOST_LAMBDA_CALLS = 3
"""A read for the record to be compared with, a read and a write."""
MOST_SECONDS, MOST_SECONDS_OF_ITS_OWN = 12.0, 0.0
"""How long an alarm, or a person, may wait for dead services before the alias is written. Whether they are about this
deployment is looked up first: three attempts of three seconds, and the pauses between them. The deployment's own alarm
waits for nothing.
"""
_GATES = {"alarms": [NAMED], "errors": False, "min_invocations": 0}
_SHIFT = {"steps": [{"weight": 20, "hold": "2m"}, {"weight": 60, "hold": "2m"}], "bake": "5m"}
_APPROVED = {"steps": [{"weight": 20, "hold": "1m"}, {"pause": "12h", "then": "rollback"}], "bake": "5m"}


@dataclass(frozen=True)
class HasAlarmOn:
    """Somebody has an alarm on the errors of what that version serves through the alias."""

    version: str
    name: str = NAMED

    def play(self, story: Story) -> bool:
        about = {"FunctionName": CHECKOUT.function, "Resource": str(CHECKOUT), "ExecutedVersion": self.version}
        dimensions = [{"Name": name, "Value": value} for name, value in about.items()]
        metric = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": dimensions}
        asked = {
            "AlarmName": self.name, "EvaluationPeriods": 1, "Threshold": 5,
            "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "missing",
            "Metrics": [{"Id": "errors", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}],
        }  # fmt: skip
        story.cloud.cloudwatch.answer("PutMetricAlarm", asked, b"")
        return True


@dataclass
class NthToLambda:
    """Matches one call of those to come: the first to Lambda has ``left`` 0 before it."""

    left: int

    def __call__(self, call: Call) -> bool:
        if call.service != "lambda":
            return False
        self.left -= 1
        return self.left == -1


@dataclass(frozen=True)
class Dies:
    """The controller dies when it next writes an alias; where it is ``asked`` to roll back that is now, and otherwise
    when a tick has it do so.
    """

    how: Fault
    asked: bool = False

    def play(self, story: Story) -> bool:
        if story.minutes == 0:
            FailsAt("UpdateAlias", self.how).play(story)
        if self.asked:
            story.hears(asking("rollback"))
        else:
            story.minute()
        return bool(story.failures)


@dataclass(frozen=True)
class Moment:
    """A moment at which the canary serves. ``waits`` for hours: no tick looks before its end, and a person does what
    the runbook says of dead letters and of a rollback that could not be recorded.
    """

    name: str
    steps: tuple[Step, ...]
    strategy: dict[str, object] = field(default_factory=lambda: dict(_SHIFT))
    waits: bool = False

    def story(self) -> Story:
        return _at(self.name).copy()

    def told(self) -> Story:
        drop = Drop("v2", {"strategy": self.strategy, "gates": _GATES})
        story = Story().play([Live("v1"), HasAlarmOn("2"), drop, *self.steps])
        story.cloud.plan.heal()
        story.failures.clear()
        story.cloud.plan.injected = 0
        assert story.violations == [] and story.deliveries == [], (self.name, story.violations)
        assert "2" in story.seen().carried(CHECKOUT), (self.name, story.in_words())
        return story


_FIRST = {"steps": [{"weight": 20, "hold": "2m"}], "bake": "5m"}
MOMENTS = (
    Moment("first step", (UntilStep(1),)),
    Moment("first step, in its hold", (UntilStep(1), Minutes(1))),
    Moment("second step", (UntilStep(2),)),
    Moment("waiting for approval", (UntilNoted("waits for approval"),), dict(_APPROVED), waits=True),
    Moment("paused", (UntilStep(1), Ask("pause"))),
    Moment("step begun, alias not seen", (UntilStep(1), Dies(Fault.CRASH_AFTER))),
    Moment("step saved, alias not written", (UntilStep(1), Dies(Fault.CRASH_BEFORE))),
    Moment(
        "promotion saved, alias not written",
        (UntilStep(1), Dies(Fault.CRASH_BEFORE)),
        dict(_FIRST),
    ),
    Moment(
        "promotion written, not seen",
        (UntilStep(1), Dies(Fault.CRASH_AFTER)),
        dict(_FIRST),
    ),
    Moment("bake", (Until(Phase.BAKING),), dict(_FIRST)),
    Moment("bake, seen", (Until(Phase.BAKING), Minutes(1)), dict(_FIRST)),
    Moment(
        "closing saved, alias not disarmed",
        (Until(Phase.BAKING), Dies(Fault.CRASH_BEFORE)),
        dict(_FIRST),
    ),
    Moment(
        "rollback saved, alias not written",
        (UntilStep(1), Dies(Fault.CRASH_BEFORE, asked=True)),
    ),
)


@cache
def _at(name: str) -> Story:
    return next(each for each in MOMENTS if each.name == name).told()


@dataclass(frozen=True)
class Case:
    """One story: at which moment, how the services are away, which alarm fires, and for how many minutes each service
    is away, in the order of SERVICES.

    ``calm``: the alarm is well again before they come back. ``of_lambda`` is the call to Lambda that goes wrong, too.
    ``asked``: a person asks in place of the alarm.
    """

    moment: Moment
    way: Fault
    alarm: str = OWN
    minutes: tuple[int, ...] = (2,) * len(SERVICES)
    calm: bool = False
    of_lambda: tuple[int, Fault] | None = None
    asked: bool = False

    @property
    def most_seconds(self) -> float:
        return MOST_SECONDS if self.asked or self.alarm == NAMED else MOST_SECONDS_OF_ITS_OWN

    def tell(self) -> Told:
        return Told(self, self.moment.story())


class Told:
    """A case that is told; ``problems`` are in words."""

    def __init__(self, case: Case, story: Story) -> None:
        self.case, self.story, self.problems = case, story, list[str]()
        self.began, self.first = story.cloud.clock.now, len(story.cloud.calls)
        self.event: Json = {}
        self._go_away()
        if case.of_lambda:
            nth, how = case.of_lambda
            story.cloud.fail(NthToLambda(nth), how)
        self._is_heard()
        self.handled = len(story.cloud.calls)
        self._is_back()
        self._stays_away()
        self._comes_back()

    @property
    def written(self) -> Call | None:
        """The write that brought traffic back."""
        made = self.story.cloud.calls[self.first :]
        return next((call for call in made if call.operation == "UpdateAlias" and not call.error), None)

    @property
    def seconds(self) -> float:
        return (self.written.at - self.began).total_seconds() if self.written else float("inf")

    @property
    def lambda_calls(self) -> int:
        """Those up to the write."""
        last = self.written.number if self.written else 0
        return sum(call.service == "lambda" for call in self.story.cloud.calls[self.first : last + 1])

    def _go_away(self) -> None:
        for service, minutes in zip(SERVICES, self.case.minutes, strict=True):
            self.story.cloud.down(service, self.case.way, until=self.began + timedelta(minutes=minutes))

    def _is_heard(self) -> None:
        """Once, by a controller that has just started."""
        if self.case.asked:
            if not self.story.asks(asking("rollback", why="drill")):
                self.problems.append(f"a person who asks is not told yes: {self.story.failures[-1:]}")
            return
        Behave("v2", error="ValueError").play(self.story)
        self.story.cloud.cloudwatch.move(self.case.alarm, "ALARM")
        self.event = self.story.cloud.events[-1]
        self.story.deliver()

    def _is_back(self) -> None:
        if self.case.of_lambda:
            # The platform tries again after a minute and after two more, and a tick comes every minute.
            for _ in range(4):
                self.story.minute()
        elif self.lambda_calls > MOST_LAMBDA_CALLS or self.seconds > self.case.most_seconds:
            self.problems.append(f"{self.lambda_calls} calls to Lambda and {self.seconds} s until traffic is back")
        self._still("when the alarm was heard")

    def _still(self, when: str) -> None:
        if self.story.routing != STABLE:
            self.problems.append(f"{when} the alias carries {self.story.routing}")

    def _stays_away(self) -> None:
        """Nothing changes for the worse, whatever comes: ticks, the alarm again, an upload, people."""
        comes_back = self.began + timedelta(minutes=min(self.case.minutes))
        words = itertools.cycle(_WORDS)
        if comes_back - self.began >= _TOO_LONG_FOR_AN_UPLOAD:
            Drop("v3").play(self.story)
        while self.story.cloud.clock.now < comes_back - timedelta(minutes=1):
            self.story.minute()
            if not self.case.asked:
                self.story.hears(self.event)
            self.story.hears(asking(next(words)))
            self._still(f"after {self.story.cloud.clock.now - self.began}")

    def _comes_back(self) -> None:
        if self.case.calm:
            Behave("v2").play(self.story)
            self.story.cloud.cloudwatch.move(self.case.alarm, "OK")
        while self.story.cloud.clock.now < self.began + timedelta(minutes=max(self.case.minutes)):
            self.story.minute()
            self._still("while services come back")
        self.story.dead_letters.clear()  # what was dropped meanwhile nobody wants any more
        if self.case.moment.waits:
            self.story.hears(asking("rollback") if self.case.asked else self.event)
        self.story.to_the_end()
        self._still("at the end")
        if self.story.phase(1) is not Phase.ROLLED_BACK:
            self.problems.append(f"the record has not healed: {self.story.in_words()}")
        self.problems += [*self.story.violations, *left_undone(self.story)]


def tell(cases: Sequence[Case]) -> Swept:
    """Tells cases one after the other. Counted are the calls while the alarm is handled, and what was broken, once."""
    swept = Swept()
    for case in cases:
        told = case.tell()
        swept.calls += told.handled - told.first
        wrong = [f"{problem}\n    {case}" for problem in told.problems]
        swept.count(BROKEN, len(SERVICES) + bool(case.of_lambda), wrong)
    return swept
