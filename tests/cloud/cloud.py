"""A whole AWS in memory: its services, its clock, its events, and what goes wrong with calls to it.

    cloud = Cloud()
    lambda_ = cloud.client("lambda")            # boto3's own client
    cloud.fail(7, Fault.LOST)                   # call number 7 is carried out, and its answer lost
    cloud.down("dynamodb", until=cloud.clock.now + timedelta(minutes=5))

Note: AWS's own events (an upload, an alarm) are only put into ``events``; nobody delivers them. When, how often and in
which order the controller hears of them is the story's to say.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from botocore.config import Config

from controller.core.model import Transient
from tests.cloud.alarms import CloudWatch
from tests.cloud.clients import Client, client
from tests.cloud.clock import Clock
from tests.cloud.dead_letters import DeadLetterQueue
from tests.cloud.event_bus import SNS, EventBridge
from tests.cloud.faults import Call, Crash, Fault, Json, Matches, Plan
from tests.cloud.keys import Keys
from tests.cloud.lambda_invocations import Lambda
from tests.cloud.metrics import Metrics
from tests.cloud.storage import Storage
from tests.cloud.table import Table
from tests.cloud.wire import Wire

OWN_METRICS = ("Checkout", ("Requests", "ServerErrors"), "version")
"""The metrics of a team: their namespace, the count of all requests and that of bad ones, the version's dimension."""


class Cloud:
    """One account and Region. A deep copy is another AWS that goes on from here by itself.

    ``callers`` are how many requests come in a minute, by function and alias: {("checkout", "live"): 60}. Each draws
    its version. ``counted`` is how many requests a version gets in a minute that the alias carries it, and how many of
    them fail: {("checkout", "live"): {"1": (900, 1), "2": (100, 4)}}. ``throttled`` is how many more Lambda turns away.
    ``published`` is as ``counted``, of what the versions themselves publish: OWN_METRICS.
    """

    def __init__(self, now: datetime | None = None, seed: int = 1, clock: Clock | None = None) -> None:
        self.clock = clock or (Clock(now) if now else Clock())
        self.events: list[Json] = []
        self.plan = Plan()
        self.callers: dict[tuple[str, str], int] = {}
        self.counted: dict[tuple[str, str], Mapping[str, tuple[int, int]]] = {}
        self.throttled: dict[tuple[str, str], int] = {}
        self.published: dict[tuple[str, str], Mapping[str, tuple[int, int]]] = {}
        self.metrics = Metrics(self.clock)
        self.storage = Storage(self.clock, self.events)
        self.lambda_ = Lambda(self.clock, self.storage, self.metrics)
        self.lambda_.dice = random.Random(seed)
        self.table = Table(self.clock)
        self.cloudwatch = CloudWatch(self.clock, self.metrics, self.events)
        self.clock.in_each_minute = self.minute
        self.bus = EventBridge()
        self.sns = SNS()
        self.keys = Keys()
        self.dead_letters = DeadLetterQueue(self.clock)
        self.wire = Wire(self.clock, self.plan, {
            "lambda": self.lambda_, "s3": self.storage, "dynamodb": self.table, "cloudwatch": self.cloudwatch,
            "events": self.bus, "sns": self.sns, "kms": self.keys, "sqs": self.dead_letters,
        })  # fmt: skip

    @property
    def calls(self) -> list[Call]:
        """All calls so far, in order."""
        return self.wire.calls

    def client(self, service: str, config: Config | None = None) -> Client:
        """Returns a boto3 client of this AWS, as ``boto3.client`` would."""
        return client(self.wire, service, config)

    def advance(self, time: timedelta) -> None:
        """Lets time pass; alarms that change meanwhile say so in ``events``."""
        self.clock.advance(time)
        self.cloudwatch.catch_up()

    def fail(self, which: int | Matches, how: Fault, times: int | None = 1) -> None:
        """Makes calls fail: see ``faults.Plan``."""
        self.plan.fail(which, how, times)

    def down(self, service: str, how: Fault = Fault.SERVICE_ERROR, **when: Any) -> None:
        """Makes a whole service fail: see ``faults.Plan``."""
        self.plan.down(service, how, **when)

    def meanwhile(self, which: int | Matches, do: Callable[[], object]) -> None:
        """Somebody else acts just before a call: see ``faults.Plan``."""
        self.plan.meanwhile(which, do)

    def fetch(self, url: str) -> bytes:
        """Downloads a version's zip from where GetFunction says it is. Raises Transient where that fails."""
        call = self.wire.begin("code", "Download", {"Url": url})
        if call.fault is Fault.CRASH_BEFORE:
            raise Crash(f"before call {call}")
        if call.fault is not None and call.fault is not Fault.CRASH_AFTER:
            raise Transient(f"the code cannot be downloaded now: {call.fault.value}")
        host, _, number = url.removeprefix("https://code.").partition(".example/")
        code = self.lambda_.version(host, number).code
        if call.fault is Fault.CRASH_AFTER:
            raise Crash(f"after call {call}")
        return code

    def minute(self) -> None:
        """The callers of one minute call."""
        for (name, alias), count in self.callers.items():
            self.lambda_.serve(name, alias, count)
        for (name, alias), counts in self.counted.items():
            self.lambda_.count(name, alias, counts)
        for (name, alias), times in self.throttled.items():
            self.metrics.throttle(name, alias, times)
        for (name, alias), counts in self.published.items():
            carried, weights = self.lambda_.carried(name, alias) or ("", {})
            for version in {carried, *weights} & counts.keys():
                self.publish(version, *counts[version])

    def publish(self, version: str, requests: int, bad: int) -> None:
        """A version publishes how many requests it had in this minute, and how many of them were bad."""
        namespace, (all_, bad_), dimension = OWN_METRICS
        for name, value in ((all_, requests), (bad_, bad)):
            self.metrics.publish(namespace, name, {dimension: version}, value)
