"""Real boto3 clients that are answered in this process, at the last event before the network.

The clients check parameters, build, parse and retry as they always do. ``before-send`` is botocore's last event before
it would open a connection; what is returned there is parsed like a response. Source: botocore.endpoint, 1.43.106.

Rules of the file:
- botocore decides by its own conditions whether it tries again, and the virtual clock waits in its place, half of the
  longest pause unless the AWS says otherwise: chance would make a script say something else each time;
- botocore's quota of retries belongs to a client and clients are shared by all AWSes of a process: it is left out;
- what botocore did before with the same words it need not do again (``remembered``).

Note: a client costs a hundred times as much as a call, so each kind is made once in a process. ``Client`` says for each
call whose AWS it goes to.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.retries import standard

from tests.cloud.botocore_cache import Failure, Remembered, key
from tests.cloud.wire import REGION, Under, Wire

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

_MAX_PAUSE = 20.0
"""Seconds. Source: botocore.retries.standard.ExponentialBackoff, 1.43.106."""


_UNDER_WAY: ContextVar[tuple[Under, ...]] = ContextVar("calls under way", default=())
"""Of this thread, or greenlet. The last one is the call at hand; those before it wait, because somebody else acts
meanwhile.
"""


def client(wire: Wire, service: str, config: Config | None = None) -> Client:
    """Returns a boto3 client of this AWS; ``config`` as ``boto3.client`` takes it."""
    asked = config or Config()
    attempts = (asked.retries or {}).get("total_max_attempts", 1)
    return Client(wire, _client(service, attempts, asked.connect_timeout, asked.read_timeout), service)


class Client:
    """A boto3 client whose calls go to one AWS. All else is the client's own."""

    def __init__(self, wire: Wire, client: Any, service: str) -> None:
        self._wire, self._client, self._service = wire, client, service

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        operation = self._client.meta.method_to_api_mapping.get(name)
        return found if operation is None else self._calling(found, operation)

    def _calling(self, method: Callable[..., Any], operation: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            begun = self._wire.begin(self._service, operation, parameters)
            under = Under(
                self._wire, begun, self._client.meta.config, _remembered(self._client), key(operation, parameters)
            )
            again = _failed(under) or _carried_out(under)
            if again is not None:
                return again()
            before = _UNDER_WAY.set((*_UNDER_WAY.get(), under))
            try:
                return _heard(under, lambda: method(**parameters))
            finally:
                _UNDER_WAY.reset(before)

        return call


@cache
def _remembered(_client: object) -> Remembered:
    """One for each kind of client: each kind is made once in a process."""
    return Remembered()


def _failed(under: Under) -> Callable[[], Any] | None:
    """Lets a call fail as it failed before, where botocore would send what it sent before; returns what raises that."""
    known = under.remembered.failure(under.call.operation, under.call.fault)
    if known is None or under.remembered.sent(under.asked) is None:
        return None
    under.call.attempts, under.call.error = known.attempts, known.said
    for seconds in known.waits:
        under.wait(seconds)
    return known.error


def _carried_out(under: Under) -> Callable[[], Any] | None:
    """Carries a call out without botocore, where botocore would do what it did before; returns what it made of it."""
    sent = under.remembered.sent(under.asked)
    if sent is None or under.call.fault is not None:
        return None
    try:
        again = sent.with_items(under.call.parameters) if under.call.service == "dynamodb" else sent.once_more()
        outcome = under.wire.carry_out(under, again)
    except BotoCoreError as problem:
        under.ready = problem
        return None
    under.ready = outcome
    return under.remembered.read(under.call.operation, outcome)


def _heard(under: Under, call: Callable[[], Any]) -> Any:
    """Calls, and remembers what botocore made of it: of an answer to the only attempt, and of a call that failed."""
    made, fault = under.call, under.call.fault
    try:
        answer = call()
    except (ClientError, BotoCoreError) as error:
        if fault is not None and fault.is_before:
            under.remembered.failed(
                made.operation, fault, Failure(tuple(under.waits), made.attempts, made.error, error)
            )
        elif under.outcome is not None and fault is None and isinstance(error, ClientError):
            under.remembered.raised(made.operation, under.outcome, error)
        raise
    if under.outcome is not None and fault is None:
        under.remembered.returned(made.operation, under.outcome, answer)
    return answer


@cache
def _client(service: str, attempts: int, connect_timeout: float, read_timeout: float) -> Any:
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        signature_version=UNSIGNED,
        user_agent="tests",
    )
    client = _session().client(service, config=config)
    models = client.meta.service_model

    def arrived(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        under = _UNDER_WAY.get()[-1]
        return under.wire.attempt(under, request, models.operation_model(event_name.rpartition(".")[2]))

    event = models.service_id.hyphenize()
    client.meta.events.register_first("before-send", arrived)
    client.meta.events.unregister(f"needs-retry.{event}", unique_id=f"retry-config-{event}")
    client.meta.events.register(f"needs-retry.{event}", _Retries(attempts).needed)
    return client


@cache
def _session() -> boto3.Session:
    return boto3.Session("nobody", "nothing", region_name=REGION)


class _Retries:
    """botocore's standard mode, with the virtual clock to wait on."""

    def __init__(self, attempts: int) -> None:
        self._conditions = standard.StandardRetryConditions(max_attempts=attempts)
        self._reading = standard.RetryEventAdapter()

    def needed(self, **told: Any) -> float | None:
        context = self._reading.create_retry_context(**told)
        if not self._conditions.is_retryable(context):
            return None
        longest = min(2.0 ** (context.attempt_number - 1), _MAX_PAUSE)
        under = _UNDER_WAY.get()[-1]
        under.wait(longest * under.wire.chance())
        return 0.0
