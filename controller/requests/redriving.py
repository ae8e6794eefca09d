"""The request ``redrive``: the events of dead letters are handled once more, and the handled letters deleted.

Rules of the file:

- each letter is received, handled and deleted by itself, so that a broken one keeps none of the others back;
- a letter whose event fails again stays in the queue, and comes again after some minutes;
- a person's request is never carried out again: hours later it may mean another deployment than it was about.

Handling an event twice is harmless, so a letter that could not be deleted does no harm.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from controller.aws.dead_letters import HIDDEN, Letter
from controller.core.model import Refused, Transient
from controller.requests import Answer
from controller.requests.members import Payload
from controller.requests.parts import Parts

_DEFAULT_LIMIT = 10
_LONGEST = timedelta(seconds=45)
"""The AWS CLI and the SDKs send a request again if no answer came for 60 s."""
_TIME_FOR_ONE = timedelta(seconds=90)
"""The time left in the invocation for another letter: waits for AWS take at most 45 s each."""
_MAX_QUOTED = 500


@dataclass(frozen=True, slots=True)
class Redelivery:
    """The controller's own door, for an event that comes once more.

    ``handle`` returns the log lines of what was done, and what failed, empty if nothing did.
    """

    handle: Callable[[object], tuple[Sequence[Mapping[str, object]], str]]
    time_left: Callable[[], timedelta]


class Redriving:
    """Handles dead letters."""

    def __init__(self, parts: Parts, redelivery: Redelivery) -> None:
        self._letters = parts.context.aws.dead_letters
        self._clock = parts.context.clock
        self._redelivery = redelivery

    def redrive(self, payload: Payload) -> Answer:
        """Returns what each letter was, and what became of it; ``waiting`` are the letters left."""
        asked, began, told = payload.get("limit"), self._clock(), list[Answer]()
        limit = asked if isinstance(asked, int) else _DEFAULT_LIMIT
        while len(told) < limit:
            if self._clock() - began >= _LONGEST or self._redelivery.time_left() < _TIME_FOR_ONE:
                return {"letters": told, **self._waiting(), "stopped": "time is short; send redrive again"}
            try:
                letter = self._letters.receive()
            except Transient as problem:
                if not told:
                    raise
                return {"letters": told, **self._waiting(), "stopped": f"{problem}; send redrive again"}
            if letter is None:
                break
            told.append(self._redriven(letter))
        return {"letters": told, **self._waiting()}

    def _redriven(self, letter: Letter) -> Answer:
        about: Answer = {"letter": letter.id, "sent_at": letter.sent_at.isoformat(timespec="seconds")}
        about["error"] = letter.error[:_MAX_QUOTED] or None
        try:
            event = event_of(letter.body)
        except ValueError as problem:
            return {**about, "handled": False, "why": f"its body is no JSON: {problem}"}
        word = event.get("request") if isinstance(event, Mapping) else None
        if word is not None and word != "redrive":
            why = "a person's request is not carried out again; send it yourself if it is still meant, and delete the"
            return {**about, "handled": False, "why": f"{why} letter", "event": event}
        # A request for this very work asks for nothing more.
        lines, failed = ((), "") if word == "redrive" else self._redelivery.handle(event)
        done: Answer = {**about, "did": [dict(line) for line in lines]}
        if failed:
            minutes = round(HIDDEN.total_seconds() / 60)
            return {**done, "handled": False, "why": f"{failed[:_MAX_QUOTED]}; it comes again in {minutes} minutes"}
        return {**done, "handled": True, **self._deleted(letter)}

    def _deleted(self, letter: Letter) -> Answer:
        try:
            self._letters.delete(letter)
        except (Transient, Refused) as problem:
            return {"warning": f"it stays in the queue, and handling it again is harmless: {problem}"}
        return {}

    def _waiting(self) -> Answer:
        try:
            return {"waiting": self._letters.waiting()}
        except (Transient, Refused) as problem:
            return {"waiting": None, "warning": str(problem)}


def event_of(body: str) -> object:
    """Returns the event of a letter's body. Raises ValueError for a body that is no JSON, or nested too deeply.

    EventBridge and Lambda's dead-letter queue send the event itself, a destination of Lambda's the record of the
    invocation around it: {"requestContext": {...}, "requestPayload": {...}}. Source: Lambda developer guide, retaining
    records of asynchronous invocations, 2026-11.
    """
    try:
        found = json.loads(body)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    is_record = isinstance(found, Mapping) and {"requestContext", "requestPayload"} <= found.keys()
    return found["requestPayload"] if is_record else found
