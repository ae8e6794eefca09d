"""Given / When / Then over an AWS in memory and the real controller: one story, told minute by minute.

A story is a list of steps (``steps.py``) that are played one after the other; a step that takes time is played a minute
at a time. In each minute callers call, CloudWatch evaluates, what AWS has to tell is delivered, and the tick comes.
After everything that the controller does the invariants are checked.

Note: a story may be copied between two minutes (``copy.deepcopy``), and the copy goes on by itself. So it holds nothing
that belongs to one process: no client, no controller, no closure.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from controller.core.model import Cause, Deployment, Phase, Routing, Target
from controller.settings import Settings
from tests.builders import CHECKOUT
from tests.cloud.answer_invariants import Asked
from tests.cloud.cloud import Cloud
from tests.cloud.controllers import TODAY, dispatcher, is_said_by_slipway
from tests.cloud.dead_letters import QUEUE
from tests.cloud.deliveries import LIVE, Delivery, Order, aliases_told
from tests.cloud.event_bus import TOPIC
from tests.cloud.faults import Call, Crash, Json
from tests.cloud.invariants import violations
from tests.cloud.snapshot import Remembered, Seen, Theirs
from tests.cloud.table import TABLE
from tests.cloud.wire import ACCOUNT, REGION

if TYPE_CHECKING:
    from tests.cloud.steps import Step

TICK: Json = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
"""One of now: it says no time. Those of EventBridge do."""
SETTINGS = Settings(
    table=TABLE,
    alarm_prefix="slipway/",
    topic=TOPIC,
    allowed_roles=(f"arn:aws:iam::{ACCOUNT}:role/*",),
    keep_versions=2,
    hook_prefix="slipway-hook-",
    function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:",
    dead_letters=QUEUE,
)
INVOCATION_LASTS = timedelta(seconds=300)
"""Source: template.yaml, Timeout of the controller."""
_ABOUT_ALL = ("freeze", "unfreeze", "redrive")
_LONGEST = 90
"""Minutes after which a story that has not come to rest is one that stalls."""


@dataclass
class Story:
    """What happens. ``steps`` are still to be played."""

    steps: list[Step] = field(default_factory=list)
    cloud: Cloud = field(default_factory=lambda: _busy(Cloud()))
    order: Order = Order.AS_THEY_CAME
    settings: Settings = SETTINGS
    violations: list[str] = field(default_factory=list)
    answers: list[Json] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    dead_letters: list[Delivery] = field(default_factory=list)
    interruptions: dict[int | tuple[str, int], Step] = field(default_factory=dict)
    """What somebody else does just before a call: that of a number, or ("UpdateAlias", 2), the second one."""
    theirs: dict[Target, Theirs] = field(default_factory=dict)
    asked: frozenset[str | None] = frozenset()
    commanded: frozenset[Target] = frozenset()
    being_asked: Target | None = None
    """What a person has given a command about that is being answered."""
    chosen: frozenset[tuple[Target, str]] = frozenset()
    decided: frozenset[str] = frozenset()
    """Deployments that others than today's release had a hand in: see ``Seen``."""
    handled_by: tuple[str, ...] = (TODAY,)
    """The releases of the controller that take turns: see ``controllers.py``."""
    is_about_itself: bool = False
    """Is checkout the controller's own function? Then the version that its alias chooses hears what comes, and an alarm
    is heard through its other alias, too; else whoever hears is well, and two of them say what one says.
    """
    minutes: int = 0
    """How many minutes the step at hand has taken."""
    _told: int = 0
    _remembered: Remembered = field(default_factory=Remembered)
    _controllers: int = 0
    _turns: int = 0
    _heard: int = 0

    # -- playing ------------------------------------------------------------------------------------------------------

    def play(self, steps: Iterable[Step]) -> Story:
        """Plays steps from beginning to end."""
        self.steps.extend(steps)
        while self.steps:
            self.go_on()
        return self

    def go_on(self) -> bool:
        """Plays the next step, or the next minute of it, or a minute more; False where all is over and at rest."""
        if self.steps:
            if self.steps[0].play(self):
                self.steps.pop(0)
                self.minutes = 0
            else:
                self.minutes += 1
            return True
        if self.is_at_rest:
            return False
        self.minutes += 1
        if self.minutes > _LONGEST:
            self.violations.append(f"(i) nothing has come to rest after {_LONGEST} minutes: {self.in_words()}")
            return False
        self.minute()
        self.send_dead_letters_again()
        return True

    def to_the_end(self) -> Story:
        """Plays what is left, and minutes until everything has come to rest."""
        while self.go_on():
            pass
        return self

    @property
    def is_at_rest(self) -> bool:
        to_be_sent_again = self.dead_letters and self.cloud.plan.ends
        undelivered = self.deliveries or to_be_sent_again or self._told < len(self.cloud.events)
        return not undelivered and self.seen().is_at_rest()

    # -- time ---------------------------------------------------------------------------------------------------------

    def minute(self) -> None:
        """A minute passes: callers call, events arrive, and the tick comes."""
        self.cloud.advance(self.cloud.clock.next_minute() - self.cloud.clock.now)
        self._tick()

    def _tick(self) -> None:
        self.deliver()
        self.hears(tick(self.cloud.clock.now))
        self.deliver()

    def _meanwhile(self) -> None:
        """A minute begins while a controller waits for AWS: the next one starts beside it. One is enough."""
        if self._controllers == 1:
            self._tick()

    def _start(self, controllers: int) -> None:
        """Only while a controller is at work others are told of its calls and waits: a story between two is copied."""
        self._controllers += controllers
        at_work = self._controllers > 0
        self.cloud.clock.while_waiting = self._meanwhile if at_work else None
        self.cloud.plan.before_each = self._interrupt if at_work else None

    def _interrupt(self, call: Call) -> None:
        for which in (call.number, (call.operation, call.nth)):
            step = self.interruptions.pop(which, None)
            if step is not None:
                step.play(self)

    # -- the controller -----------------------------------------------------------------------------------------------

    def hears(self, event: Json, alias: str = LIVE) -> bool:
        """A controller that has just started handles an event; True where it did not fail."""
        if self.is_about_itself and not self.cloud.lambda_.serve(CHECKOUT.function, alias, 1):
            self.failures.append(f"the version of the controller that the alias {alias} chose does not start")
            return False
        clock, outer = self.cloud.clock, self.cloud.clock.ends_at
        heard: object = event  # anything may come to the door
        is_request = isinstance(heard, dict) and "request" in heard
        asked, alone = Asked(event, self.seen()) if is_request else None, self._heard + 1
        clock.ends_at = clock.now + INVOCATION_LASTS
        self._heard += 1
        self._start(1)
        try:
            outcomes = self._whose_turn_it_is().dispatch(event, self._time_left)
            self.answers.extend(dict(outcome.answer) for outcome in outcomes if outcome.answer is not None)
            if asked and self._heard == alone and self.handled_by == (TODAY,):
                self.violations.extend(asked.answered(self.answers[-1], self.seen()))
        except Crash as crash:
            self.failures.append(str(crash))
        except Exception as problem:  # noqa: BLE001 - the platform tries again whatever it was
            self.failures.append(f"{type(problem).__name__}: {problem}")
            self._look_for_faults_of_the_controller(problem)
        else:
            return True
        finally:
            self._start(-1)
            clock.ends_at = outer
            self.check()
        return False

    def asks(self, request: Json) -> bool:
        """A person asks; True where they were answered, and with a yes."""
        return self.hears(request) and bool(self.answers[-1]["ok"])

    def deliver(self) -> None:
        """Hands over what AWS had to tell and what failed before, until nothing more is due."""
        while True:
            self._collect()
            due = [each for each in self.deliveries if each.due <= self.cloud.clock.now]
            if not due:
                return
            self.deliveries = [each for each in self.deliveries if each not in due]
            for delivery in self.order.of(due):
                if not self.hears(delivery.event, delivery.alias):
                    again = list(delivery.again(self.cloud.clock.now))
                    self.deliveries.extend(again)
                    self.dead_letters.extend([] if again else [delivery])

    def send_dead_letters_again(self) -> None:
        """A person does what README.md says of dead letters, once nothing goes wrong any more."""
        if self.cloud.plan.is_over(len(self.cloud.calls), self.cloud.clock.now):
            now = self.cloud.clock.now
            self.deliveries.extend(Delivery(each.event, now, alias=each.alias) for each in self.dead_letters)
            self.dead_letters.clear()

    def loses_events(self) -> None:
        """Events that nobody has heard yet are lost."""
        self._told = len(self.cloud.events)

    def _collect(self) -> None:
        now, told = self.cloud.clock.now, ((each, aliases_told(each)) for each in self.cloud.events[self._told :])
        self.deliveries.extend(
            Delivery(event, now, alias=alias)
            for event, aliases in told
            for alias in (aliases if self.is_about_itself else aliases[:1])
        )
        self._told = len(self.cloud.events)

    def _whose_turn_it_is(self) -> Any:
        self._turns = (self._turns + 1) % len(self.handled_by)
        return dispatcher(self.handled_by[self._turns], self.cloud, self.settings)

    def _time_left(self) -> timedelta:
        ends_at = self.cloud.clock.ends_at
        return ends_at - self.cloud.clock.now if ends_at else INVOCATION_LASTS

    def _look_for_faults_of_the_controller(self, problem: BaseException | None) -> None:
        """What is no word of Slipway's about AWS is a fault of its own, also where a door has caught it."""
        while problem is not None:
            from_aws = type(problem).__module__.startswith("botocore")
            if not from_aws and not is_said_by_slipway(problem):
                self.violations.append(f"the controller broke: {problem!r}")
            problem = problem.__cause__

    # -- what is to be seen -------------------------------------------------------------------------------------------

    def seen(self) -> Seen:
        return Seen(self.cloud, self._remembered, self.theirs, self.asked, self.commanded, self.chosen, self.decided)

    def check(self) -> None:
        """Checks every invariant now."""
        if self.handled_by != (TODAY,):
            self.is_decided_by_others()
        found = violations(self.seen())
        where = f"after {self.cloud.calls[-1]}" if self.cloud.calls else "at the start"
        self.violations.extend(f"{text} [{where}]" for text in found)

    def is_decided_by_others(self, target: Target | None = None) -> None:
        """From here on others have a hand in what is open, of one target or of all."""
        open_ones = (each for made in self.seen().deployments.values() for each in made if not each.phase.is_terminal)
        self.decided |= {str(each) for each in open_ones if target in (None, each.target)}

    def deployments(self, target: Target = CHECKOUT) -> list[Deployment]:
        return self.seen().deployments.get(target, [])

    def phase(self, number: int | None = None) -> Phase | None:
        """Returns the phase of a deployment, of the newest where none is named."""
        made = self.deployments()
        found = made[-1:] if number is None else [each for each in made if each.number == number]
        return found[0].phase if found else None

    def cause(self, number: int | None = None) -> Cause | None:
        """Returns why a deployment ended, or is about to: the newest where none is named."""
        found = next((each for each in reversed(self.deployments()) if number in (None, each.number)), None)
        return found.reason.cause if found and found.reason else None

    @property
    def routing(self) -> Routing | None:
        return self.seen().routing(CHECKOUT)

    def in_words(self, target: Target = CHECKOUT) -> str:
        """Returns what there is to know of a story that went wrong."""
        found = self.deployments(target)
        made = [f"{each} {each.phase.value}: {each.reason.text if each.reason else ''}" for each in found]
        carried, calls = self.seen().routing(target), [str(call) for call in self.cloud.calls[-12:]]
        return f"{made}; the alias carries {carried}; last calls {calls}"

    def copy(self) -> Story:
        """Returns a story that goes on from here by itself."""
        return copy.deepcopy(self)


def _busy(cloud: Cloud) -> Cloud:
    cloud.callers[CHECKOUT.function, CHECKOUT.alias] = 60
    return cloud


def tick(due: datetime) -> Json:
    """Returns the tick that was due then, whenever it comes. Source: EventBridge user guide, schedules, 2026-11."""
    return {**TICK, "time": due.strftime("%Y-%m-%dT%H:%M:%SZ")}


def asking(word: str, **more: Any) -> Json:
    """Returns the payload of a request about checkout, or about everything."""
    return {"request": word, **({} if word in _ABOUT_ALL else {"function": CHECKOUT.function}), **more}
