"""Real boto3 clients that are answered in this process, at the last event before the network.

The clients check parameters, build, parse and retry as they always do. ``before-send`` is botocore's last event before
it would open a connection; what is returned there is parsed like a response. Source: botocore.endpoint, 1.43.106.

Rules of the file:
- one call of a client is one Call with a number, however often botocore sends it;
- botocore decides by its own conditions whether it tries again, and the virtual clock waits in its place, always half
  of the longest pause: chance would make a script say something else each time;
- botocore's quota of retries belongs to a client and clients are shared by all AWSes of a process: it is left out.

What a newcomer would get wrong: a client costs a hundred times as much as a call, so each kind is made once in a
process. ``Client`` says for each call whose AWS it goes to.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError
from botocore.retries import standard

from tests.cloud import answers
from tests.cloud.clock import Clock
from tests.cloud.faults import Call, Crash, Fault, Json, NotModelled, Plan, Refusal, said

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.model import OperationModel

REGION, ACCOUNT = "us-east-1", "123456789012"
_LONGEST_PAUSE = 20.0
"""Seconds. Source: botocore.retries.standard.ExponentialBackoff, 1.43.106."""


class Service(Protocol):
    """One service of the AWS in memory."""

    def answer(self, operation: str, parameters: Json, body: bytes) -> Json:
        """Returns the answer. Raises Refusal where AWS refuses."""


@dataclass(frozen=True, slots=True)
class _Under:
    """A call that is on its way: whose, and how patient its client is."""

    wire: Wire
    call: Call
    config: Config


class _UnderWay(threading.local):
    """The last one is the call at hand; those before it wait, because somebody else acts meanwhile."""

    def __init__(self) -> None:
        self.calls: list[_Under] = []


_UNDER_WAY = _UnderWay()


class Wire:
    """What is between the clients and the services of one AWS. ``calls`` are all that were made, in order."""

    def __init__(self, clock: Clock, plan: Plan, services: Mapping[str, Service]) -> None:
        self.clock, self.plan = clock, plan
        self.calls: list[Call] = []
        self._services = services

    def __deepcopy__(self, memo: Json) -> Wire:
        """A call that is over does not change any more, so a copy may share it."""
        memo[id(self)] = made = Wire(self.clock, self.plan, {})
        made.clock, made.plan = copy.deepcopy((self.clock, self.plan), memo)
        made._services, made.calls = copy.deepcopy(self._services, memo), list(self.calls)
        return made

    def client(self, service: str, config: Config | None = None) -> Client:
        """Returns a boto3 client of this AWS; ``config`` as ``boto3.client`` takes it."""
        asked = config or Config()
        attempts = (asked.retries or {}).get("total_max_attempts", 1)
        return Client(self, _client(service, attempts, asked.connect_timeout, asked.read_timeout), service)

    def asked(self, operation: str) -> list[Json]:
        """Returns the parameters of every call of that operation so far."""
        return [call.parameters for call in self.calls if call.operation == operation]

    def begin(self, service: str, operation: str, parameters: Json) -> Call:
        """Notes a call, lets others act before it, and decides what goes wrong with it."""
        call = Call(len(self.calls), service, operation, parameters, self.clock.now)
        self.calls.append(call)
        self.plan.begin(call)
        return call

    def attempt(self, under: _Under, request: AWSPreparedRequest, model: OperationModel) -> AWSResponse:
        """Carries out one attempt of a call and returns the response, or raises what happens to the connection."""
        call = under.call
        call.attempts += 1
        if call.fault is not None and call.fault.is_before:
            written = self._fail(under, request.url, model, call.fault)
        else:
            began = self.clock.monotonic()
            written = self._carry_out(call, request, model)
            self._lose(under, request.url)
            if self.clock.monotonic() - began > under.config.read_timeout:
                call.error = Fault.READ_TIMEOUT.value
                raise ReadTimeoutError(endpoint_url=request.url, error="timed out")
        return answers.response(request.url, written)

    def _fail(self, under: _Under, url: str, model: OperationModel, fault: Fault) -> answers.Response:
        under.call.error = fault.value
        if fault is Fault.CRASH_BEFORE:
            raise Crash(f"before call {under.call}")
        if fault is Fault.CONNECT_TIMEOUT:
            self.clock.sleep(under.config.connect_timeout)
            raise ConnectTimeoutError(endpoint_url=url, error="timed out")
        if fault is Fault.READ_TIMEOUT:
            self.clock.sleep(under.config.read_timeout)
            raise ReadTimeoutError(endpoint_url=url, error="timed out")
        refusal = said(under.call, fault)
        assert refusal is not None
        return answers.failure(model, refusal)

    def _carry_out(self, call: Call, request: AWSPreparedRequest, model: OperationModel) -> answers.Response:
        body = request.body if isinstance(request.body, bytes) else b""
        try:
            answer = self._services[call.service].answer(call.operation, call.parameters, body)
            call.error = ""
            return answers.success(model, answer)
        except Refusal as refusal:
            call.error = refusal.code
            return answers.failure(model, refusal)
        except BotoCoreError:
            raise
        except Exception as problem:
            raise NotModelled(f"{call} with {call.parameters}: {problem!r}") from problem

    def _lose(self, under: _Under, url: str) -> None:
        """Loses the answer of what was carried out, where the plan says so."""
        call = under.call
        if call.fault is Fault.CRASH_AFTER:
            raise Crash(f"after call {call}")
        if call.fault is Fault.LOST_EVERY_TIME or (call.fault is Fault.LOST and call.attempts == 1):
            call.error = call.fault.value
            self.clock.sleep(under.config.read_timeout)
            raise ReadTimeoutError(endpoint_url=url, error="timed out")
        if call.fault is Fault.RESET and call.attempts == 1:
            call.error = call.fault.value
            raise ConnectionClosedError(endpoint_url=url, error="reset by peer")


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
            config = self._client.meta.config
            begun = self._wire.begin(self._service, operation, parameters)
            _UNDER_WAY.calls.append(_Under(self._wire, begun, config))
            try:
                return method(**parameters)
            finally:
                _UNDER_WAY.calls.pop()

        return call


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
        under = _UNDER_WAY.calls[-1]
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
        longest = min(2.0 ** (context.attempt_number - 1), _LONGEST_PAUSE)
        _UNDER_WAY.calls[-1].wire.clock.sleep(longest / 2)
        return 0.0


def unknown(service: str, operation: str, known: Iterable[str]) -> NotModelled:
    """Returns what to raise for an operation that a service here does not have."""
    return NotModelled(f"{service} {operation} is not modelled; known here: {', '.join(sorted(known))}")
