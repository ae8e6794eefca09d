"""Runs invocations side by side: each is a greenlet, and whoever waits gives way to the others.

Lambda tries an event that failed again after one and after two minutes; then it is a dead letter. Source: Lambda
developer guide, asynchronous invocation, error handling, 2026-11.
"""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from greenlet import getcurrent, greenlet

from bench.load.account import Account
from controller.aws.clients import Adapters, Platform
from controller.context import Context
from controller.dispatch import Dispatcher
from controller.settings import Settings
from tests.cloud.clock import Clock
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Crash, Json
from tests.cloud.story import INVOCATION_LASTS, SETTINGS, tick

_COLD_START = 1.0
_AGAIN_AFTER = (60.0, 120.0)
_SEED = 7


class SharedClock(Clock):
    """The clock of all invocations: whoever sleeps lets the others act."""

    def __init__(self, simulation: Simulation) -> None:
        super().__init__()
        self._simulation = simulation

    def sleep(self, seconds: float) -> None:
        """Raises Crash where the invocation does not live as long."""
        self._simulation.wait(seconds)
        ends_at = getattr(getcurrent(), "ends_at", None)
        if ends_at is not None and self.now >= ends_at:
            raise Crash(f"Lambda ended the invocation at {ends_at:%H:%M:%S}")


@dataclass(frozen=True, slots=True)
class Invocation:
    """An invocation that is over. ``failed`` is the exception's name, empty without one."""

    began: float
    ended: float
    kind: str
    failed: str


class Simulation:
    """One account, and the controllers that Lambda runs in it. ``now`` is in seconds since its beginning."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self._settings = settings
        self._hub = getcurrent()
        self._queue: list[tuple[float, int, Callable[[], object]]] = []
        self._number = count()
        self._dice = random.Random(_SEED)  # noqa: S311 - a simulation that is the same in every run
        self.clock = SharedClock(self)
        self._began = self.clock.now
        self.cloud = Cloud(clock=self.clock)
        self.cloud.callers.clear()
        self.cloud.wire.chance = self._dice.random
        self.account = Account(self.clock)
        self.cloud.wire.on_attempt = self.account.meets
        self._idle: dict[str, list[Dispatcher]] = defaultdict(list)
        self._running = 0
        self.most_at_once = 0
        self.invocations: list[Invocation] = []
        self.dead_letters: list[Json] = []

    @property
    def now(self) -> float:
        return (self.clock.now - self._began).total_seconds()

    def at(self, seconds: float, do: Callable[[], object]) -> None:
        """Does something at that time."""
        heapq.heappush(self._queue, (seconds, next(self._number), do))

    def wait(self, seconds: float) -> None:
        """Lets the one who asks wait, and the others act."""
        me = getcurrent()
        if me is self._hub:
            self.clock.now += timedelta(seconds=seconds)
            return
        self.at(self.now + max(seconds, 0.0), me.switch)
        self._hub.switch()

    def run(self, until: float, stops: Callable[[], bool] = lambda: False) -> bool:
        """Lets everything happen that happens until then; returns True as soon as ``stops`` does."""
        self._hub = getcurrent()
        while self._queue and self._queue[0][0] <= until:
            seconds, _, do = heapq.heappop(self._queue)
            self.clock.now = self._began + timedelta(seconds=seconds)
            do()
            if stops():
                return True
        return False

    def each_minute(self, minutes: int, do: Callable[[], object], first: float = 60.0) -> None:
        """Does something each minute, so many times."""
        for minute in range(minutes):
            self.at(first + 60.0 * minute, do)

    def tick(self) -> None:
        """The schedule hands a tick of this moment to a controller. At Lambda's last attempt the tick is old."""
        self.invoke(tick(self.clock.now))

    def invoke(self, event: Json, alias: str = "live", kind: str = "tick", attempt: int = 0) -> None:
        """Lambda hands an event to a controller: to an idle one, or to one that it starts."""
        greenlet(lambda: self._handle(event, alias, kind, attempt)).switch()

    def _handle(self, event: Json, alias: str, kind: str, attempt: int) -> None:
        self._running += 1
        self.most_at_once = max(self.most_at_once, self._running)
        began, failed = self.now, ""
        controller = self._idle[alias].pop() if self._idle[alias] else self._started()
        getcurrent().ends_at = ends_at = self.clock.now + INVOCATION_LASTS
        try:
            controller.dispatch(event, lambda: ends_at - self.clock.now)
        except Crash:
            failed = "timed out"
        except Exception as problem:  # noqa: BLE001 - what Lambda tries again
            failed = type(problem).__name__
        if failed != "timed out":
            self._idle[alias].append(controller)
        self._running -= 1
        self.invocations.append(Invocation(began, self.now, kind, failed))
        if failed and attempt < len(_AGAIN_AFTER):
            self.at(self.now + _AGAIN_AFTER[attempt], lambda: self.invoke(event, alias, kind, attempt + 1))
        elif failed:
            self.dead_letters.append(event)

    def _started(self) -> Dispatcher:
        self.wait(_COLD_START)
        clock = self.clock
        platform = Platform(self.cloud.client, clock.sleep, clock.monotonic, self.cloud.fetch, self._dice.random)
        return Dispatcher(Context(Adapters(self._settings, platform), self._settings, clock))
