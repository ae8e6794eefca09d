"""What is between the clients and the services of one AWS: calls are counted, go wrong as planned, and are answered.

Rules of the file:
- one call of a client is one Call with a number, however often botocore sends it;
- what happens to a connection is raised as botocore's own error, and what a service says is written as HTTP.

Note: whether a call is tried again is botocore's to say, not this file's. It sees attempts.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError

from tests.cloud import answers
from tests.cloud.botocore_cache import Outcome, Remembered, Sent
from tests.cloud.clock import Clock, half
from tests.cloud.faults import Call, Crash, Fault, Json, NotModelled, Plan, Refusal, said
from tests.cloud.partial_answers import in_part

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.model import OperationModel

REGION, ACCOUNT = "us-east-1", "123456789012"


class Service(Protocol):
    """One service of the AWS in memory."""

    def answer(self, operation: str, parameters: Json, body: bytes) -> Json:
        """Returns the answer. Raises Refusal where AWS refuses."""


@dataclass(slots=True)
class Under:
    """A call that is on its way: whose, and how patient its client is.

    ``outcome`` is what AWS said to its only attempt, None where there was none or more than one. ``ready`` is what came
    of the first attempt, where AWS was asked before botocore was. ``waits`` are how long the client has
    waited, in seconds.
    """

    wire: Wire
    call: Call
    config: Config
    remembered: Remembered
    asked: bytes
    outcome: Outcome | None = None
    ready: Outcome | BotoCoreError | None = None
    waits: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        """The client waits: for an answer, or before it tries again."""
        self.waits.append(seconds)
        self.wire.clock.sleep(seconds)


class Wire:
    """What is between the clients and the services of one AWS. ``calls`` are all that were made, in order.

    ``chance`` draws the pauses between attempts. ``on_attempt`` is told of every attempt before its service is; it may
    let time pass, and raise Refusal.
    """

    def __init__(self, clock: Clock, plan: Plan, services: Mapping[str, Service]) -> None:
        self.clock, self.plan = clock, plan
        self.calls: list[Call] = []
        self.made: Counter[str] = Counter()
        """How many calls of each operation there were."""
        self.chance: Callable[[], float] = half
        self.on_attempt: Callable[[Call], object] | None = None
        self._services = services

    def __deepcopy__(self, memo: dict[int, Any]) -> Wire:
        """A call that is over does not change any more, so a copy may share it."""
        memo[id(self)] = made = Wire(self.clock, self.plan, {})
        made.clock, made.plan = copy.deepcopy((self.clock, self.plan), memo)
        made._services, made.calls = copy.deepcopy(self._services, memo), list(self.calls)
        made.made = self.made.copy()
        return made

    def asked(self, operation: str) -> list[Json]:
        """Returns the parameters of every call of that operation so far."""
        return [call.parameters for call in self.calls if call.operation == operation]

    def begin(self, service: str, operation: str, parameters: Json) -> Call:
        """Notes a call, lets others act before it, and decides what goes wrong with it."""
        self.made[operation] += 1
        call = Call(len(self.calls), service, operation, parameters, self.clock.now, self.made[operation])
        self.calls.append(call)
        self.plan.begin(call)
        return call

    def attempt(self, under: Under, request: AWSPreparedRequest, model: OperationModel) -> AWSResponse:
        """Carries out one attempt of a call and returns the response, or raises what happens to the connection."""
        call = under.call
        if under.ready is not None:
            ready, under.ready = under.ready, None
            if isinstance(ready, BotoCoreError):
                raise ready
            return answers.response(request.url, _written(call, model, ready))
        sent = Sent(request.url, request.body if isinstance(request.body, bytes) else b"", _token(call, request, model))
        under.remembered.sends(under.asked, sent)
        if call.fault is not None and call.fault.is_before:
            call.attempts += 1
            written = self._fail(under, request.url, model, call.fault)
        else:
            written = _written(call, model, self.carry_out(under, sent))
        return answers.response(request.url, written)

    def carry_out(self, under: Under, sent: Sent) -> Outcome:
        """Carries out one attempt of a call and returns what AWS says, or raises what happens to the connection."""
        call = under.call
        call.attempts += 1
        began = self.clock.monotonic()
        outcome = self._asked(call, sent.body)
        if call.fault is Fault.IN_PART and not isinstance(outcome, Refusal):
            outcome = in_part(call.operation, call.parameters, outcome)
        under.outcome = outcome if call.attempts == 1 else None
        self._lose(under, sent.url)
        if self.clock.monotonic() - began > under.config.read_timeout:
            call.error = Fault.READ_TIMEOUT.value
            raise ReadTimeoutError(endpoint_url=sent.url, error="timed out")
        return outcome

    def _fail(self, under: Under, url: str, model: OperationModel, fault: Fault) -> answers.Response:
        under.call.error = fault.value
        if fault is Fault.CRASH_BEFORE:
            raise Crash(f"before call {under.call}")
        if fault is Fault.CONNECT_TIMEOUT:
            under.wait(under.config.connect_timeout)
            raise ConnectTimeoutError(endpoint_url=url, error="timed out")
        if fault is Fault.READ_TIMEOUT:
            under.wait(under.config.read_timeout)
            raise ReadTimeoutError(endpoint_url=url, error="timed out")
        refusal = said(under.call, fault)
        assert refusal is not None
        return answers.failure(model, refusal)

    def _asked(self, call: Call, body: bytes) -> Outcome:
        try:
            if self.on_attempt is not None:
                self.on_attempt(call)
            answer = self._services[call.service].answer(call.operation, call.parameters, body)
        except Refusal as refusal:
            call.error = refusal.code
            return refusal
        except BotoCoreError:
            raise
        except Exception as problem:
            raise NotModelled(f"{call} with {call.parameters}: {problem!r}") from problem
        call.error = ""
        return answer

    def _lose(self, under: Under, url: str) -> None:
        """Loses the answer of what was carried out, where the plan says so."""
        call = under.call
        if call.fault is Fault.CRASH_AFTER:
            raise Crash(f"after call {call}")
        if call.fault is Fault.LOST_EVERY_TIME or (call.fault is Fault.LOST and call.attempts == 1):
            call.error = call.fault.value
            under.wait(under.config.read_timeout)
            raise ReadTimeoutError(endpoint_url=url, error="timed out")
        if call.fault is Fault.RESET and call.attempts == 1:
            call.error = call.fault.value
            raise ConnectionClosedError(endpoint_url=url, error="reset by peer")


def _token(call: Call, request: AWSPreparedRequest, model: OperationModel) -> str:
    """Returns the token by which AWS knows the call again, where botocore made it up; in JSON, as DynamoDB has it."""
    made_up = [name for name in model.idempotent_members if name not in call.parameters]
    return str(json.loads(request.body)[made_up[0]]) if made_up else ""


def _written(call: Call, model: OperationModel, outcome: Outcome) -> answers.Response:
    """Returns the HTTP response. Raises NotModelled for an answer that AWS cannot give."""
    if isinstance(outcome, Refusal):
        return answers.failure(model, outcome)
    try:
        return answers.success(model, outcome)
    except Exception as problem:
        raise NotModelled(f"{call} with {call.parameters}: {problem!r}") from problem


def unknown(service: str, operation: str, known: Iterable[str]) -> NotModelled:
    """Returns what to raise for an operation that a service here does not have."""
    return NotModelled(f"{service} {operation} is not modelled; known here: {', '.join(sorted(known))}")
