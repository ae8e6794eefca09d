"""Makes the clients and their adapters, each on first use, so that a rollback by alarm pays for Lambda only.

Retries are set explicitly, because botocore's default changed from five attempts to three in 1.44. Source: botocore
changelog, 2026-11.

Note: the imports inside the methods matter. A cold start that answers an alarm must not load modules for the table,
reading zips, downloading code or sending notices, nor boto3, whose sessions and transfers nobody here needs; ``make
bench`` measures the difference.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config

from controller.aws.lambda_.aliases import Aliases
from controller.aws.lambda_.budget import Budget, RateLimited
from controller.aws.lambda_.waits import Waits
from controller.core.model import Transient
from controller.settings import Settings

if TYPE_CHECKING:
    from controller.aws.cloudwatch.alarms import Alarms
    from controller.aws.cloudwatch.durations import Durations
    from controller.aws.cloudwatch.metrics import Metrics
    from controller.aws.cloudwatch.series import CloudWatchSeries
    from controller.aws.dead_letters import DeadLetters
    from controller.aws.dynamodb.leases import Leases
    from controller.aws.dynamodb.quarantines import Quarantines
    from controller.aws.dynamodb.reservations import Reservations
    from controller.aws.dynamodb.store import Store
    from controller.aws.lambda_.functions import Functions
    from controller.aws.lambda_.invoke.hooks import Hooks
    from controller.aws.lambda_.publishing import Publishing
    from controller.aws.lambda_.versions import Versions
    from controller.aws.notices import Notices
    from controller.aws.s3.artifacts import Artifacts

_STEADY = Config(retries={"mode": "standard", "total_max_attempts": 6}, connect_timeout=3, read_timeout=20)
# A rollback's calls are repeated by the budget.
_ONE_ATTEMPT = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=20)
# Lambda answers only after reading the whole zip, of up to 250 MB. Two tries of a minute take no longer than six of
# 20 s. A call carried out but answered too late shows in the function's revision.
_WITH_A_ZIP = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=3, read_timeout=60)
# The next tick asks CloudWatch again, and a rollback may be waiting behind an unanswered question.
_BRIEFLY = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=2, read_timeout=5)
# A working table answers within milliseconds. A team's alarm is looked up in the table first; if this fails, after 12 s
# at most, traffic comes back by the alias alone. Source: AWS Database Blog, "Understanding Amazon DynamoDB latency" and
# "Tuning AWS Java SDK HTTP request settings", 2024-10.
_PROMPTLY = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=1, read_timeout=3)
# A test is one invocation: never repeated by the client, with a longer wait than a test may take (60 s).
_ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=70)
# A hook is called again by a tick, never by the client, and has a minute to answer; a look has 90 s for the call.
_FOR_A_MINUTE = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=60)
_PATIENCE = timedelta(seconds=45)
"""The longest wait of one wake-up for a function or version to become ready; afterwards the tick carries on."""
_MAX_DOWNLOAD_SIZE = 50 * 1024 * 1024
"""Source: Lambda quotas, direct upload of a zip, 2026-11."""


@dataclass(frozen=True, slots=True)
class Platform:
    """The adapters' foundation: making clients, passing time, downloading code, chance. Tests bring their own.

    ``client`` is called like ``create_client`` of botocore, whose clients have no types; ``chance`` returns a number
    from 0 to 1.
    """

    client: Callable[..., Any]
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]
    fetch: Callable[[str], bytes]
    chance: Callable[[], float]


class Adapters:
    """Slipway's adapters for the account and Region of the environment."""

    def __init__(self, settings: Settings, platform: Platform | None = None) -> None:
        self._settings = settings
        self._platform = platform or _this_machine()
        clock = (self._platform.sleep, self._platform.monotonic, self._platform.chance)
        self.budget = Budget(settings.lambda_calls_per_second, *clock, self._reserve)
        self.waits = Waits(self._platform.sleep)
        self._lambda = RateLimited(self._client("lambda"), self.budget)
        self._cloudwatch = self._client("cloudwatch", _BRIEFLY)
        self._dynamodb = self._client("dynamodb", _PROMPTLY)

    @cached_property
    def aliases(self) -> Aliases:
        return Aliases(self._lambda, RateLimited(self._client("lambda", _ONE_ATTEMPT), self.budget, urgent=True))

    @cached_property
    def store(self) -> Store:
        from controller.aws.dynamodb.store import Store

        return Store(self._dynamodb, self._settings.table)

    @cached_property
    def quarantines(self) -> Quarantines:
        from controller.aws.dynamodb.quarantines import Quarantines

        return Quarantines(self._dynamodb, self._settings.table)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        from controller.aws.dead_letters import DeadLetters

        return DeadLetters(self._client("sqs", _BRIEFLY), self._settings.dead_letters)

    @cached_property
    def leases(self) -> Leases:
        from controller.aws.dynamodb.leases import Leases

        return Leases(self._dynamodb, self._settings.table)

    @cached_property
    def _reservations(self) -> Reservations:
        from controller.aws.dynamodb.reservations import Reservations

        return Reservations(self._dynamodb, self._settings.table, self._settings.lambda_calls_per_second)

    def _reserve(self, calls: int, now: datetime, within: timedelta) -> timedelta | None:
        return self._reservations.reserve(calls, now, within)

    @cached_property
    def functions(self) -> Functions:
        from controller.aws.lambda_.functions import Functions

        with_a_zip = RateLimited(self._client("lambda", _WITH_A_ZIP), self.budget)
        return Functions(self._lambda, self.waits.pause, _PATIENCE, with_a_zip)

    @cached_property
    def publishing(self) -> Publishing:
        from controller.aws.lambda_.publishing import Publishing
        from controller.aws.signatures import Signatures

        signatures = Signatures(self._client("kms"), self._settings.signing_key)
        return Publishing(self._lambda, self.functions, self._platform.fetch, signatures)

    @cached_property
    def versions(self) -> Versions:
        from controller.aws.lambda_.versions import Versions

        return Versions(self._lambda, self._client("lambda", _ONCE), self._platform.monotonic)

    @cached_property
    def hooks(self) -> Hooks:
        from controller.aws.lambda_.invoke.hooks import Hooks

        return Hooks(self._lambda, self._client("lambda", _FOR_A_MINUTE))

    @cached_property
    def artifacts(self) -> Artifacts:
        from controller.aws.s3.artifacts import Artifacts

        return Artifacts(self._client("s3"))

    @cached_property
    def alarms(self) -> Alarms:
        from controller.aws.cloudwatch.alarms import Alarms

        return Alarms(self._cloudwatch, self._platform.sleep)

    @cached_property
    def series(self) -> CloudWatchSeries:
        from controller.aws.cloudwatch.series import CloudWatchSeries

        return CloudWatchSeries(self._cloudwatch, self._settings.minute, self._platform.sleep)

    @cached_property
    def metrics(self) -> Metrics:
        from controller.aws.cloudwatch.metrics import Metrics

        return Metrics(self.series)

    @cached_property
    def durations(self) -> Durations:
        from controller.aws.cloudwatch.durations import Durations

        return Durations(self.series)

    @cached_property
    def notices(self) -> Notices:
        from controller.aws.notices import Notices

        return Notices(self._client("events"), self._client("sns"), self._settings.topic, self._settings.chat_topic)

    def _client(self, service: str, config: Config = _STEADY) -> _Client:
        return _Client(self._platform.client, service, config)


def _this_machine() -> Platform:
    session = botocore.session.get_session()
    return Platform(session.create_client, time.sleep, time.monotonic, _fetch, random.random)


class _Client:
    """A botocore client, made on first use."""

    def __init__(self, make: Callable[..., Any], service: str, config: Config) -> None:
        self._make = make
        self._service = service
        self._config = config

    @cached_property
    def _made(self) -> Any:  # botocore's clients have no types; each adapter declares its calls
        return self._make(self._service, config=self._config)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


def _fetch(url: str) -> bytes:
    """Downloads a version's zip from the address given by Lambda."""
    import http.client
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - the address comes from GetFunction
            content: bytes = answer.read(_MAX_DOWNLOAD_SIZE + 1)
            whole = answer.headers.get("Content-Length")
    except (OSError, http.client.HTTPException) as problem:
        raise Transient(f"the code of the stable version cannot be downloaded now: {problem}") from problem
    if whole is not None and len(content) < min(int(whole), _MAX_DOWNLOAD_SIZE):
        raise Transient(f"only {len(content)} of {whole} bytes of the stable version's code came; it is tried again")
    return content
