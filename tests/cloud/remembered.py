"""What botocore did before with the same words, so that it need not do it again.

A client's work is a function of its parameters (what it checks and sends) and of the answer (what it parses). A sweep
says the same words a million times. So each is done by botocore once, and remembered.

What a newcomer would get wrong: nothing of an AWS is remembered. Its services are asked every time; only what a client
makes of the same answer is taken from here. A call that goes wrong, or is tried again, goes through botocore always.
"""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.cloud.faults import Fault, Json, Refusal

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
    _read: dict[bytes, Callable[[], Any]] = field(default_factory=dict)
    _failed: dict[tuple[str, Fault | None], Failure] = field(default_factory=dict)

    def sent(self, asked: bytes) -> Sent | None:
        """Returns what a client sent when it was asked that, None where none was."""
        return self._sent.get(asked)

    def sends(self, asked: bytes, sent: Sent) -> None:
        self._keep(self._sent, asked, sent)

    def read(self, operation: str, outcome: Outcome) -> Callable[[], Any] | None:
        """Returns what returns or raises what a client made of that outcome, None where none had it before."""
        return self._read.get(_outcome_key(operation, outcome))

    def returned(self, operation: str, outcome: Outcome, answer: Json) -> None:
        """Remembers an answer, where it can be read more than once."""
        try:
            kept = pickle.dumps(answer)
        except TypeError:  # the body of an object is a stream
            return
        self._keep(self._read, _outcome_key(operation, outcome), lambda: _again(kept))

    def raised(self, operation: str, outcome: Outcome, error: ClientError) -> None:
        """Remembers an error that AWS answered with."""
        self._keep(self._read, _outcome_key(operation, outcome), _raising(error))

    def failure(self, operation: str, fault: Fault | None) -> Failure | None:
        """Returns how a call failed before which went wrong so, None where none did."""
        return self._failed.get((operation, fault)) if fault else None

    def failed(self, operation: str, fault: Fault, how: Failure) -> None:
        self._failed[operation, fault] = how

    def _keep(self, memory: dict[bytes, Any], name: bytes, kept: object) -> None:
        if len(memory) >= self.most:
            memory.clear()
        memory[name] = kept


def key(operation: str, said: object) -> bytes:
    """Returns what is the same only for the same words."""
    return pickle.dumps((operation, said))


def _outcome_key(operation: str, outcome: Outcome) -> bytes:
    if isinstance(outcome, Refusal):
        return key(operation, (outcome.status, outcome.code, outcome.message, outcome.more))
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


def _again(kept: bytes) -> Any:
    return pickle.loads(kept)  # noqa: S301 - pickled by this process
