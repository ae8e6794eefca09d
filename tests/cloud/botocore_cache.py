"""A cache of what botocore makes of a call, so that the same words cost nothing the second time.

A client's work is a function of its parameters (what it checks and sends) and of the answer (what it parses). A sweep
says the same words a million times. So each is done by botocore once, and remembered.

Items of DynamoDB are left out of the words (``items``): another item is the same words.

Note: nothing of an AWS is remembered. Its services are asked every time; only what a client makes of the same answer is
taken from here. A call that goes wrong, or is tried again, goes through botocore always.
"""

from __future__ import annotations

import json
import pickle
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.cloud.faults import Fault, Json, Refusal
from tests.cloud.items import items_in, without_items

Outcome = Json | Refusal


@dataclass(frozen=True, slots=True)
class Sent:
    """What a client sent to AWS. ``token`` is what botocore made up for this call alone, empty where it did not."""

    url: str
    body: bytes
    token: str = ""

    def once_more(self) -> Sent:
        """Returns what botocore would send for another call of the same words."""
        if not self.token:
            return self
        token = str(uuid.uuid4())
        return Sent(self.url, self.body.replace(self.token.encode(), token.encode()), token)

    def with_items(self, said: Json) -> Sent:
        """Returns what botocore would send for another call that differs in its items alone: DynamoDB is sent what
        was said, as JSON.
        """
        token = str(uuid.uuid4()) if self.token else ""
        body = {**said, "ClientRequestToken": token} if token else said
        return Sent(self.url, json.dumps(body).encode(), token)


@dataclass(frozen=True, slots=True)
class Failure:
    """How every attempt of a call failed: how long the client waited each time, and what it raised in the end."""

    waits: tuple[float, ...]
    attempts: int
    said: str
    last: ClientError | BotoCoreError

    def error(self) -> None:
        """Raises it once more."""
        _raising(self.last)()


@dataclass
class Remembered:
    """What the clients of one kind did before; at ``most`` so many of each, and then all are forgotten."""

    most: int = 20_000
    _sent: dict[bytes, Sent] = field(default_factory=dict)
    _read: dict[bytes, Callable[[Outcome], Any]] = field(default_factory=dict)
    _failed: dict[tuple[str, Fault | None], Failure] = field(default_factory=dict)

    def sent(self, asked: bytes) -> Sent | None:
        """Returns what a client sent when it was asked that, None where none was."""
        return self._sent.get(asked)

    def sends(self, asked: bytes, sent: Sent) -> None:
        self._keep(self._sent, asked, sent)

    def read(self, operation: str, outcome: Outcome) -> Callable[[], Any] | None:
        """Returns what returns or raises what a client made of that outcome, None where none had it before."""
        found = self._read.get(_outcome_key(operation, outcome))
        return (lambda: found(outcome)) if found else None

    def returned(self, operation: str, outcome: Outcome, answer: Json) -> None:
        """Remembers an answer, where it can be read more than once."""
        said = {} if isinstance(outcome, Refusal) else outcome
        items = items_in(said)
        if any(answer[name] != said[name] for name in items):
            return
        try:
            kept = pickle.dumps({name: None if name in items else value for name, value in answer.items()})
        except TypeError:  # the body of an object is a stream
            return

        def again(now: Outcome) -> Json:
            more = {} if isinstance(now, Refusal) else {name: _copy(now[name]) for name in items}
            return {**_again(kept), **more}

        self._keep(self._read, _outcome_key(operation, outcome), again)

    def raised(self, operation: str, outcome: Outcome, error: ClientError) -> None:
        """Remembers an error that AWS answered with."""
        again = _raising(error)
        self._keep(self._read, _outcome_key(operation, outcome), lambda _: again())

    def failure(self, operation: str, fault: Fault | None) -> Failure | None:
        """Returns how a call failed before which went wrong so, None where none did."""
        return self._failed.get((operation, fault)) if fault else None

    def failed(self, operation: str, fault: Fault, how: Failure) -> None:
        self._failed[operation, fault] = how

    def _keep(self, memory: dict[bytes, Any], name: bytes, kept: object) -> None:
        if len(memory) >= self.most:
            memory.clear()
        memory[name] = kept


def key(operation: str, said: Json) -> bytes:
    """Returns what is the same only for the same words."""
    return pickle.dumps((operation, without_items(said)))


def _outcome_key(operation: str, outcome: Outcome) -> bytes:
    if isinstance(outcome, Refusal):
        return pickle.dumps((operation, outcome.status, outcome.code, outcome.message, outcome.more))
    return key(operation, outcome)


def _raising(error: ClientError | BotoCoreError) -> Callable[[], None]:
    """Returns what raises an error like this one, another one each time."""
    kind = type(error)
    if isinstance(error, BotoCoreError):
        return lambda: _raise(kind(**error.kwargs))
    kept, operation = pickle.dumps(error.response), error.operation_name
    return lambda: _raise(kind(_again(kept), operation))


def _raise(error: Exception) -> None:
    raise error


def _copy(item: Any) -> Any:
    return _again(pickle.dumps(item))


def _again(kept: bytes) -> Any:
    return pickle.loads(kept)  # noqa: S301 - pickled by this process
